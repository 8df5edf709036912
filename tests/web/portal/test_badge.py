"""The badge page: the code while answers are accepted, always with the link that stays, and the monthly numbers."""

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import make_attestation, make_listing
from support.http_client import Browser

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.config import Settings
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.review.commands import ACCEPTS_ANSWERS

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def snippets(page: str) -> list[str]:
    found = re.findall(r"<textarea[^>]*readonly[^>]*>(.*?)</textarea>", page, re.DOTALL)
    return [html.unescape(text) for text in found]


def badge_url(listing: Listing, query: str = "") -> str:
    return f"/portal/listings/{listing.id}/badge{query}"


@pytest.mark.parametrize(
    ("query", "image"),
    [
        ("", ""),
        ("?size=small", "?size=small"),
        ("?theme=dark", "?theme=dark"),
        ("?size=small&theme=dark", "?size=small&theme=dark"),
        ("?size=huge&theme=%00", ""),
    ],
)
def test_a_provider_finds_code_that_stays_the_same(
    session: Session, provider: Account, as_provider: Browser, settings: Settings, query: str, image: str
) -> None:
    listing = make_listing(session, provider, name='Ann "A" <Example>')
    made = make_attestation(session, listing, now=clock.now())
    session.commit()
    page = as_provider.open(badge_url(listing, query))
    code, markdown, picture = snippets(page.html)
    assert picture == f"{settings.base_url}/badges/{listing.slug}.svg{image}"
    assert f'href="{settings.base_url}/badges/{listing.slug}"' in code
    assert f"({settings.base_url}/badges/{listing.slug})" in markdown
    for text in (code, markdown):
        assert made.public_id not in text
        assert html.unescape(text).count(picture) == 1
    assert "<Example>" not in code
    for shown in (*snippets(page.html), *map(html.unescape, re.findall(r'data-copy="([^"]*)"', page.html))):
        assert shown in (code, markdown, picture), "what is copied is what is read"
    pictures = re.findall(r'<img src="(/badges/[^"]+)"', page.html)
    downloads = re.findall(r'href="(/credentials/[^"]+)"', page.html)
    assert (len(pictures), len(downloads)) == (1, 3)
    for path in (*pictures, *downloads):
        assert as_provider.client.get(html.unescape(path)).status_code == 200


def test_the_page_says_until_when_it_counts_and_renews(
    session: Session, provider: Account, as_provider: Browser
) -> None:
    listing = make_listing(session, provider)
    make_attestation(session, listing, now=clock.now() - timedelta(days=100))
    session.commit()
    page = as_provider.open(badge_url(listing))
    assert "Valid until" in page.text
    assert re.search(r"26[4-6] days left", page.text)
    assert "The badge shows today." in page.text
    assert "You may say" in page.text
    assert as_provider.press(page, "Renew now").path.endswith("/review")


def test_answers_that_ran_out_or_do_not_match_show_no_badge(
    session: Session, provider: Account, as_provider: Browser
) -> None:
    old = make_listing(session, provider)
    make_attestation(session, old, now=clock.now() - timedelta(days=400))
    short = make_listing(session, provider)
    make_attestation(session, short, answers={"volume_per_site_ml": 60}, now=clock.now())
    session.commit()
    page = as_provider.open(badge_url(old))
    assert "Ran out" in page.text
    for listing in (old, short):
        page = as_provider.open(badge_url(listing))
        assert "No badge shows today." in page.text
        assert "You may say" not in page.text
        assert len(snippets(page.html)) == 3, "the code stays the same for ever"


@pytest.mark.parametrize(
    ("state", "listed"),
    [
        *(
            (state, ListingState.PUBLISHED)
            for state in AttestationState
            if state not in {AttestationState.ACCEPTED, AttestationState.SUPERSEDED}
        ),
        *((AttestationState.ACCEPTED, state) for state in ACCEPTS_ANSWERS - {ListingState.PUBLISHED}),
    ],
)
def test_there_is_no_code_where_nothing_stands(
    session: Session, provider: Account, as_provider: Browser, state: AttestationState, listed: ListingState
) -> None:
    listing = make_listing(session, provider, state=listed)
    make_attestation(session, listing, state=state, now=clock.now())
    session.commit()
    page = as_provider.open(badge_url(listing))
    assert page.status == 200
    assert "Put the badge on your site" not in page.text
    assert not snippets(page.html)
    assert "What is counted" in page.text


def test_the_badge_page_is_for_those_who_manage_the_listing(
    session: Session, other_provider: Account, as_provider: Browser
) -> None:
    foreign = make_listing(session, other_provider)
    session.commit()
    assert as_provider.open(badge_url(foreign)).status == 404


def test_visits_of_patients_are_shown_by_month(
    app: Flask, session: Session, provider: Account, as_provider: Browser
) -> None:
    listing = make_listing(session, provider)
    made = make_attestation(session, listing, now=clock.now())
    session.commit()
    public = app.test_client()
    for _ in range(3):
        public.get(f"/providers/{listing.slug}", headers=BROWSER)
    public.get(f"/badges/{listing.slug}", headers=BROWSER, follow_redirects=True)
    public.get(f"/badges/{listing.slug}.svg", headers=BROWSER)
    public.get(f"/verify/{made.public_id}.json", headers=BROWSER)
    app.extensions["page_views"].flush()
    rows = re.findall(r'<td class="number">(\d+)</td>', as_provider.open(badge_url(listing)).html)
    assert rows == ["3", "1", *["0"] * 22]
