"""What the pages of a claim share: the blueprint, the claim of the signed-in provider, and the card of its listing."""

from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response

from directory.accounts.policy import Action
from directory.claims import queries
from directory.claims.tables import Claim
from directory.errors import NotFound
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingSource
from directory.web.support.guards import restrict_blueprint
from directory.web.support.requests import actor, session

blueprint = Blueprint("claims", __name__, url_prefix="/providers/<slug>/claim")
restrict_blueprint(blueprint, Action.ADD_LISTING)

ViewResponse = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class ListingCard:
    """What a claimant sees of the listing; drafts of other providers show only their NPI."""

    slug: str
    name: str
    npi: str
    practice: str
    where: str
    is_public: bool
    is_imported: bool
    is_managed: bool


def my_claim(slug: str) -> Claim:
    """Return the open claim of the signed-in provider.

    Raises:
        NotFound: there is none.
    """
    made = queries.open_claim(session(), queries.claimable_listing(session(), slug).id, actor().id)
    if made is None:
        raise NotFound("You have no open claim to this listing.")
    return made


def listing_card(listing: Listing) -> ListingCard:
    """Return what a claimant sees of the listing."""
    is_imported = listing.source is ListingSource.NPPES
    is_public = listing.state is ListingState.PUBLISHED
    shown = is_public or is_imported
    first = listing.locations[0] if shown and listing.locations else None
    return ListingCard(
        slug=listing.slug,
        name=listing.name if shown else f"NPI {listing.npi}",
        npi=listing.npi or "",
        practice=listing.practice if shown else "",
        where=f"{first.city}, {first.state} {first.postal_code}" if first else "",
        is_public=is_public,
        is_imported=is_imported,
        is_managed=bool(listing.managers),
    )
