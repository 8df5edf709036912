"""The provider's snippets: there while the answers stand, and always a link to what was signed."""

import html
import re

import pytest
from sqlalchemy.orm import Session
from support.factories import make_attestation, make_listing
from support.http_client import Browser

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.config import Settings
from directory.listings.lifecycle import ListingState


def snippets(page: str) -> list[str]:
    return [
        html.unescape(text) for text in re.findall(r"<textarea[^>]*readonly[^>]*>(.*?)</textarea>", page, re.DOTALL)
    ]


def test_a_provider_finds_snippets_that_link_to_what_was_signed(
    session: Session, provider: Account, as_provider: Browser, settings: Settings
) -> None:
    listing = make_listing(session, provider, name='Ann "A" <Example>')
    made = make_attestation(session, listing, now=clock.now())
    session.commit()
    page = as_provider.open(f"/portal/attestations/{made.id}")
    found = snippets(page.html)
    assert len(found) == 4
    for snippet in found:
        assert f"{settings.base_url}/verify/{made.public_id}" in snippet
        assert f"{settings.base_url}/badges/{listing.slug}.svg" in snippet
    assert "<Example>" not in found[0]
    pictures = re.findall(r'<img src="(/badges/[^"]+)"', page.html)
    downloads = re.findall(r'href="(/credentials/[^"]+)"', page.html)
    assert (len(pictures), len(downloads)) == (2, 3)
    for path in (*pictures, *downloads):
        assert as_provider.client.get(html.unescape(path)).status_code == 200


@pytest.mark.parametrize(
    ("state", "listed"),
    [
        *(
            (state, ListingState.PUBLISHED)
            for state in AttestationState
            if state not in {AttestationState.ACCEPTED, AttestationState.DRAFT}
        ),
        (AttestationState.ACCEPTED, ListingState.DRAFT),
    ],
)
def test_there_is_nothing_to_show_where_nothing_stands(
    session: Session, provider: Account, as_provider: Browser, state: AttestationState, listed: ListingState
) -> None:
    made = make_attestation(session, make_listing(session, provider, state=listed), state=state, now=clock.now())
    session.commit()
    page = as_provider.open(f"/portal/attestations/{made.id}")
    assert page.status == 200
    assert "Show it on your own site" not in page.text
