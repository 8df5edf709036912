"""Markup in every field that a provider or a patient types: it is text on every page and in every email."""

import html
import re
from collections.abc import Iterable
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, make_address, make_attestation, make_listing
from support.http_client import Browser, Page
from support.mail import HEAD
from support.published_listing import PATIENTS, PLACES, SAVE, SEND, WHO

from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.listings.field import Change
from directory.listings.field_sets import editable_fields
from directory.listings.field_types import TextField, URLField
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.managers import grant_right
from directory.listings.tables import Listing
from directory.outbox.message import html_part, letter_of
from directory.outbox.tables import Email

MOST_PAGES = 80
"""The most pages that one reader opens; each links to far fewer of the listing."""


def evil(name: str) -> str:
    """A text that ends an attribute and begins two elements; the first says which field it was typed into."""
    return f"<x-{name}>\"'><img src=x>{{{{7*7}}}}"


def address(name: str) -> str:
    return f"https://a.example/\"'><x-{name}><img/src=x>"


def typed(fields: Iterable[object], *, live: bool | None = None) -> dict[str, str]:
    """Markup for each field that takes any text."""
    free = [each for each in fields if isinstance(each, TextField) and each.pattern is None and each.name != "npi"]
    wanted = [each for each in free if live is None or (each.change is Change.LIVE) is live]
    return {each.name: address(each.name) if isinstance(each, URLField) else evil(each.name) for each in wanted}


LISTING, LOCATION = typed(editable_fields(LISTING_FIELDS)), typed(editable_fields(LOCATION_FIELDS))
OTHERS = ("owner", "second", "why", "happened", "reason", "asked", "told", "note")
"""The names of accounts, and what a reviewer, a provider and a patient wrote."""


class ElementFinder(HTMLParser):
    """Finds the elements and attributes that somebody typed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag.startswith("x-") or facts.get("src") == "x" or any("<" in name for name in facts):
            self.found.append(self.get_starttag_text() or tag)


def elements_in(page: str) -> list[str]:
    finder = ElementFinder()
    finder.feed(page)
    return finder.found


def fields_in(text: str) -> set[str]:
    return set(re.findall(r"<x-(\w+)>", text))


def crawl(browser: Browser, start: Iterable[str], wanted: str) -> set[str]:
    """Open these pages and all that they link to under addresses like `wanted`; return which fields they contain."""
    waiting, opened, seen = list(start), set(), set()
    while waiting:
        path = waiting.pop()
        if path in opened or len(opened) >= MOST_PAGES:
            continue
        opened.add(path)
        answer = browser.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        if answer.mimetype != "text/html":
            continue
        page = Page(answer)
        assert elements_in(page.html) == [], path
        seen |= fields_in(html.unescape(page.html))  # in text, or in the address of a link
        links = (html.unescape(link) for link in re.findall(r'href="(/[^"#]*)"', page.html))
        waiting += [link for link in links if re.match(wanted, link) and link not in opened]
    return seen


@pytest.fixture
def listing(session: Session, provider: Account, other_provider: Account) -> Listing:
    provider.name, other_provider.name = evil("owner"), evil("second")
    made = make_listing(session, provider, **LISTING, addresses=(make_address(**LOCATION),), npi="1234567893")
    make_attestation(session, made, answers=MATCHING_ANSWERS)
    grant_right(session, made, other_provider.id, Right.EDITOR, by=provider.actor, now=NOW)
    session.commit()
    return made


def change_it(as_provider: Browser, as_reviewer: Browser) -> None:
    """Change every field once more, with and without a reviewer, and take rights and answers through their moves."""
    live = typed(editable_fields(LISTING_FIELDS), live=True) | {
        f"locations-0-{name}": text for name, text in typed(editable_fields(LOCATION_FIELDS), live=True).items()
    }
    more = {name: f"{text}2" for name, text in live.items()}
    assert as_provider.press(as_provider.open(PATIENTS), SAVE, more).status == 200
    saved = as_provider.press(as_provider.open(WHO), SAVE, {"practice": f"{evil('practice')}2"})
    as_provider.press(saved, SEND)
    as_reviewer.press(as_reviewer.open("/console/revisions/2"), "Return with the reason", {"reason": evil("why")})
    places = {"addresses-0-line1": f"{evil('line1')}2", "addresses-0-sure": "y"}
    assert as_provider.press(as_provider.open(PLACES), SAVE, places).status == 200
    as_provider.press(as_provider.open("/portal/listings/1/people"), "Make them an owner")


def report_it(visitor: Browser, public: str) -> None:
    report = {"about": "entry", "what_happened": evil("happened")}
    assert visitor.press(visitor.open(f"{public}/report"), "Send", report).status == 200
    assert visitor.press(visitor.open(f"{public}/removal"), "Send", {"reason": evil("reason")}).status == 200


def write_about_it(as_provider: Browser, as_reviewer: Browser) -> None:
    home = "listings/1/messages"
    as_reviewer.press(as_reviewer.open(f"/console/{home}"), "Send the message", {"text": evil("asked")})
    as_provider.press(as_provider.open(f"/portal/{home}"), "Send my answer", {"message": evil("told")})
    as_reviewer.press(as_reviewer.open(f"/console/{home}"), "Keep the note", {"note": evil("note")})


def test_what_is_typed_into_any_field_is_text_on_every_page_and_in_every_email(
    as_provider: Browser, as_reviewer: Browser, visitor: Browser, session: Session, listing: Listing
) -> None:
    public = f"/providers/{listing.slug}"
    change_it(as_provider, as_reviewer)
    write_about_it(as_provider, as_reviewer)
    report_it(visitor, public)
    start = [public, "/providers?near=80021", f"/compare?p={listing.slug}", "/for-providers/find?q=x-name"]
    shown = crawl(visitor, start, rf"/(providers/{listing.slug}|verify/)")
    assert shown >= {*LISTING, *LOCATION} - {"specialty_code"}
    shown |= crawl(as_provider, ["/portal/"], r"/portal/(listings|attestations|disputes)")
    shown |= crawl(as_reviewer, ["/console/", "/console/disputes"], r"/console/\w+/\d+")
    assert shown == {*LISTING, *LOCATION, *OTHERS}
    mails = session.scalars(sa.select(Email)).all()
    assert {"revision_decided", "right_changed", "message_written"} <= {mail.letter for mail in mails}
    for mail in mails:
        assert elements_in(html_part(letter_of(mail, HEAD))) == [], mail.letter


def test_an_element_that_was_typed_is_found() -> None:
    assert len(elements_in(f'<p title="{evil("name")}">{evil("name")}</p>')) == 3
