"""The tabs above the pages of one listing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from directory.accounts.policy import Action
from directory.listings.lifecycle import CHANGEABLE, OPEN, ListingState
from directory.listings.tables import Listing
from directory.web.portal.blueprint import blueprint
from directory.web.portal.view_models import is_allowed


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; several pages belong to it, and `is_current` on each of them."""

    text: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class _Tab:
    text: str
    endpoint: str
    pages: str
    is_open: Callable[[Listing], bool] = lambda _listing: True


_TABS = (
    _Tab("Overview", "portal.listing", r"/listings/\d+(/confirm|/retire|/submit)?"),
    _Tab(
        "Listing",
        "portal.edit_listing",
        r"/listings/\d+/(edit|listing/.*|preview)",
        lambda listing: listing.state in CHANGEABLE | {ListingState.DRAFT} and is_allowed(Action.EDIT_LISTING, listing),
    ),
    _Tab(
        "Technique",
        "portal.technique",
        r"/listings/\d+/(technique|attestation).*|/attestations/.*",
        lambda listing: listing.state in OPEN,
    ),
    _Tab("Badge", "portal.badge", r"/listings/\d+/badge"),
    _Tab("Messages", "portal.messages", r"/listings/\d+/messages.*"),
    _Tab("People", "portal.people", r"/listings/\d+/people.*"),
)
"""The tabs, with the paths of their pages under the portal."""


def listing_tabs(listing: Listing) -> tuple[Tab, ...]:
    """Return the tabs of a listing that are open to the signed-in provider."""
    path = request.path.removeprefix(str(blueprint.url_prefix))
    return tuple(
        Tab(tab.text, url_for(tab.endpoint, listing_id=listing.id), re.fullmatch(tab.pages, path) is not None)
        for tab in _TABS
        if tab.is_open(listing)
    )


@blueprint.context_processor
def _tabs() -> dict[str, Any]:
    return {"listing_tabs": listing_tabs}
