"""What a test claims a listing with."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.claims.request import ClaimDocument
from directory.claims.tables import Claim
from directory.listings.tables import Listing

Claims = Callable[..., Claim]
"""The fixture `claim`: claims a listing for an account, with a proof."""

DOCUMENT = ClaimDocument("letter.pdf", "a" * 64, "application/pdf")

GOOD = {"role": "Practice manager", "contact": "303-555-0199"}
SEND = "Send my claim"
"""What is typed into the form of a claim, and the button that sends it."""


def home(listing: Listing) -> str:
    return f"/providers/{listing.slug}/claim"


def only_claim(session: Session) -> Claim:
    session.expire_all()
    return session.scalars(sa.select(Claim)).one()
