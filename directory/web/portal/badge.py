"""The badge page of a listing: the live badge, the code for other websites, its end, and the monthly numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request, url_for
from werkzeug.wrappers import Response

from directory.attestations.lifecycle import AttestationState
from directory.attestations.queries import attestations_of
from directory.attestations.tables import Attestation
from directory.badges.art import Size, Theme
from directory.badges.embed import Embed, embed
from directory.badges.queries import DisplayedBadge, displayed_badge
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.page_views.queries import MonthlyViews, monthly_views
from directory.web.portal import view_models
from directory.web.portal.blueprint import blueprint
from directory.web.portal.next_steps import NextSteps, next_steps
from directory.web.support.guards import LISTING_ID
from directory.web.support.requests import now, services, session
from directory.web.support.templating import render


@dataclass(frozen=True, slots=True)
class Choice:
    """A link to the same page with another size or theme of the badge."""

    text: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class BadgePage:
    """`portal/badge.html`.

    `accepted` is the attestation that the badge is about, and `shown` the badge; None before the listing is public.
    `image` is the address of the badge on this site. `elapsed` is the part of the time for which the answers count
    that is over, from 0 to 1.
    """

    listing: Listing
    next: NextSteps
    views: tuple[MonthlyViews, ...]
    embed: Embed
    image: str
    sizes: tuple[Choice, ...]
    themes: tuple[Choice, ...]
    is_dark: bool
    shown: DisplayedBadge | None = None
    accepted: Attestation | None = None
    ends_at: datetime | None = None
    days_left: int = 0
    elapsed: float = 0.0


@blueprint.get(f"/listings/{LISTING_ID}/badge")
def badge(listing_id: int) -> str | Response:
    """Show the badge of a listing with the code that shows it elsewhere; unknown sizes and themes are ignored."""
    return render("portal/badge.html", badge_page(view_models.own_listing(listing_id)))


def badge_page(listing: Listing) -> BadgePage:
    """Return the data of the badge page."""
    signed = attestations_of(session(), [listing.id])
    size, theme = _chosen_size(), _chosen_theme()
    is_public = listing.state is ListingState.PUBLISHED
    shown = displayed_badge(session(), listing.slug, rulesets=services().rulesets, now=now()) if is_public else None
    accepted = next((one for one in signed if is_public and one.state is AttestationState.ACCEPTED), None)
    name = (accepted.subject_name if accepted else None) or listing.name
    ends_at = shown.technique.valid_until if shown and shown.technique else None
    signed_at = shown.technique.signed_at if shown and shown.technique else None
    return BadgePage(
        listing=listing,
        next=next_steps(listing, signed, rulesets=services().rulesets, now=now()),
        views=monthly_views(session(), listing.id, now=now()),
        embed=embed(services().settings.base_url, listing.slug, name, size, theme),
        image=embed("", listing.slug, name, size, theme).picture,
        sizes=tuple(
            Choice(each.capitalize(), _url(listing, each, theme), each is size) for each in (Size.WIDE, Size.SMALL)
        ),
        themes=tuple(Choice(each.capitalize(), _url(listing, size, each), each is theme) for each in Theme),
        is_dark=theme is Theme.DARK,
        shown=shown,
        accepted=accepted,
        ends_at=ends_at,
        days_left=max(0, (ends_at - now()) // timedelta(days=1)) if ends_at else 0,
        elapsed=min(1.0, (now() - signed_at) / (ends_at - signed_at)) if ends_at and signed_at else 0.0,
    )


def _chosen_size() -> Size:
    return Size.SMALL if request.args.get("size") == Size.SMALL else Size.WIDE


def _chosen_theme() -> Theme:
    return Theme.DARK if request.args.get("theme") == Theme.DARK else Theme.LIGHT


def _url(listing: Listing, size: Size, theme: Theme) -> str:
    return url_for("portal.badge", listing_id=listing.id, size=size, theme=theme)
