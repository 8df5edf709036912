"""A published listing with two offices, and the addresses of the pages that change it."""

from sqlalchemy.orm import Session

from directory.accounts.tables import Account
from directory.listings.tables import Listing
from support.factories import make_address, make_listing

MINE = "/portal/listings/1"
WHO, PLACES, PATIENTS = (f"{MINE}/listing/{section}" for section in ("who", "places", "patients"))
SAVE, SEND, TAKE_BACK, PUT_BACK = "Save", "Send for review", "Take back", "Put back"


def add_two_office_listing(session: Session, provider: Account) -> Listing:
    """Commit the listing of Ann Example, in Broomfield and in Boulder."""
    addresses = (make_address(), make_address(line1="88 Larkmere Street", city="Boulder", postal_code="80302"))
    made = make_listing(session, provider, name="Ann Example", npi="1234567893", addresses=addresses)
    session.commit()
    return made


def stored_listing(session: Session) -> Listing:
    """The listing as the database has it now."""
    session.expire_all()
    return session.get_one(Listing, 1)
