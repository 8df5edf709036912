"""The settings on the console, and what patients see of them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import make_address, make_listing
from support.http_client import Browser, Page

from directory.accounts.tables import Account
from directory.errors import Invalid
from directory.listings.lifecycle import ListingState
from directory.settings.declarations import SECTIONS

SECTION = "/console/settings/sections/{}"
INTEREST = "It owns a clinic in Ohio that is listed here."
OPERATOR = {
    "name": "Example Society",
    "address": "1 High Street\nBroomfield, CO",
    "disclosure": INTEREST,
    "disclosure_details": "The clinic is Oak.\n\nNobody there reviews.",
}


def save(browser: Browser, section: str, values: dict[str, str]) -> Page:
    return browser.press(browser.open(SECTION.format(section)), "Save", values)


def test_the_overview_has_all_sections_and_asks_for_the_disclosure(as_admin: Browser) -> None:
    page = as_admin.open("/console/settings")
    assert "This directory is not set up yet" in page.text
    for section in SECTIONS.values():
        assert section.title in page.text
        assert as_admin.open(SECTION.format(section.name)).status == 200
    page = save(as_admin, "operator", OPERATOR)
    assert "Operator: saved." in page.text
    assert INTEREST in page.text
    assert "not set up yet" not in page.text


def test_patients_read_who_runs_it_and_what_interest_they_have(as_admin: Browser, client: FlaskClient) -> None:
    save(as_admin, "operator", OPERATOR)
    for path in ("/", "/providers?near=80021", "/rules"):
        page = client.get(path)
        assert f"Example Society. {INTEREST}" in page.text
        assert '<a href="/about#operator">More about us</a>' in page.text
        assert "Example Society</span></a>" in page.text
    assert INTEREST in as_admin.open("/console/").text
    about = " ".join(client.get("/about").text.split())
    assert "<p>Nobody there reviews.</p>" in about
    assert "1 High Street <br> Broomfield, CO" in about
    assert INTEREST in client.get("/issuer").text


def test_what_an_admin_types_is_only_text(as_admin: Browser, client: FlaskClient) -> None:
    save(as_admin, "operator", dict.fromkeys(OPERATOR, "<script>x</script>"))
    for path in ("/", "/about"):
        assert "<script>x" not in client.get(path).text


def test_related_listings_are_marked_on_page_card_and_api(
    as_admin: Browser, client: FlaskClient, session: Session, provider: Account, app: Flask
) -> None:
    related, other = (make_listing(session, provider, name=name) for name in ("Oak Clinic", "Elm Clinic"))
    session.commit()
    with app.app_context():
        app.extensions["directory"].index.rebuild(session)
        session.commit()
    save(as_admin, "operator", OPERATOR | {"related_listings": f"/providers/{related.slug}"})
    words = "Related to the operator of this directory"
    assert words in client.get(f"/providers/{related.slug}").text
    assert words not in client.get(f"/providers/{other.slug}").text
    results = client.get("/providers?near=80021").text
    assert results.count(words) == 1
    assert "Elm Clinic" in results
    found = client.get("/api/v1/providers?near=80021").json["providers"]
    assert {row["slug"]: row["related_to_operator"] for row in found} == {related.slug: True, other.slug: False}


NOTICE = {
    "text": "Colorado asks for written consent.",
    "source": "Colorado Revised Statutes",
    "link": "https://leg.colorado.gov/statutes",
    "day": "2026-11-30",
}


def test_a_notice_is_shown_in_its_state_with_source_and_day(
    as_admin: Browser, client: FlaskClient, session: Session, provider: Account
) -> None:
    here = make_listing(session, provider)
    there = make_listing(session, provider, addresses=(make_address(city="Dallas", state="TX", postal_code="75201"),))
    session.commit()
    page = save(as_admin, "notice-CO", NOTICE)
    assert "Colorado : Colorado asks for written consent." in page.text
    for path in ("/providers?near=80021", f"/providers/{here.slug}"):
        shown = " ".join(client.get(path).text.split())
        assert NOTICE["text"] in shown
        assert 'href="https://leg.colorado.gov/statutes" rel="noopener noreferrer external"' in shown
        assert "As of 2026-11-30." in shown
    for path in ("/providers?near=75201", f"/providers/{there.slug}", "/"):
        assert NOTICE["text"] not in client.get(path).text
    save(as_admin, "notice-CO", NOTICE | {"text": ""})
    assert "written consent" not in client.get("/providers?near=80021").text
    assert save(as_admin, "notice-CO", NOTICE | {"link": "javascript:alert(1)"}).status == 422


def test_a_forbidden_word_is_refused_where_it_is_typed_and_shown_to_reviewers(
    as_admin: Browser, as_reviewer: Browser, session: Session, provider: Account
) -> None:
    older = make_listing(session, provider, practice="Miracle Clinic")
    session.commit()
    save(as_admin, "words", {"forbidden_words": "miracle\nbest  doctor"})
    with pytest.raises(Invalid, match="The practice must not say “miracle”"):
        make_listing(session, provider, practice="A MIRÁCLE clinic")
    with pytest.raises(Invalid, match="The practice must not say “best doctor”"):
        make_listing(session, provider, practice="The Best Doctor, Inc.")
    assert make_listing(session, provider, practice="Miracles").practice == "Miracles"
    session.rollback()
    assert "The practice must not say “miracle”" in as_reviewer.open(f"/console/listings/{older.id}").text


def test_a_draft_with_a_word_forbidden_since_is_not_sent(
    as_admin: Browser, as_provider: Browser, session: Session, provider: Account
) -> None:
    draft = make_listing(session, provider, state=ListingState.DRAFT, practice="Miracle Clinic")
    session.commit()
    save(as_admin, "words", {"forbidden_words": "miracle"})
    page = as_provider.press(as_provider.open(f"/portal/listings/{draft.id}"), "Submit for publication")
    assert page.path == f"/portal/listings/{draft.id}/edit"
    assert "The practice must not say “miracle”" in page.text
    assert "Submitted" not in page.text
    session.rollback()
    assert draft.state is ListingState.DRAFT


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(as_admin: Browser) -> None:
    page = save(as_admin, "operator", {"name": "x" * 101, "address": "Kept"})
    assert page.status == 422
    assert "Name may have at most 100 characters." in page.text
    assert "Disclosure of interest: enter it." in page.text
    assert page.form("Save").fields["address"] == "Kept"


def test_each_change_is_in_the_history_of_its_section(as_admin: Browser) -> None:
    save(as_admin, "reminders", {"days": "60, 14"})
    save(as_admin, "reminders", {"days": "14"})
    page = as_admin.open(SECTION.format("reminders"))
    assert "“60, 30, 7” → “60, 14”" in page.text
    assert page.text.index("“60, 14” → “14”") < page.text.index("“60, 30, 7”")
    assert page.text.count("· Ada Admin") == 2


def test_a_form_that_was_sent_after_a_sign_out_is_given_back(as_admin: Browser) -> None:
    form = as_admin.open(SECTION.format("operator"))
    as_admin.client.delete_cookie("bma")
    kept = as_admin.press(form, "Save", OPERATOR)
    assert "Disclosure of interest" in kept.text
    assert INTEREST in kept.text


def test_two_admins_do_not_overwrite_each_other(as_admin: Browser) -> None:
    first, second = (as_admin.open(SECTION.format("operator")) for _ in range(2))
    as_admin.press(first, "Save", OPERATOR)
    clash = as_admin.press(second, "Save", OPERATOR | {"name": "Second Society"})
    assert clash.status == 409
    assert "Example Society" in clash.text
    assert clash.form("Save").fields["name"] == "Second Society"
    assert "Operator: saved." in as_admin.press(clash, "Save").text


@pytest.mark.parametrize("path", ["/console/settings", SECTION.format("operator")])
def test_only_admins_see_the_settings(as_reviewer: Browser, path: str) -> None:
    assert as_reviewer.open(path).status == 403


def test_an_unknown_section_is_not_found(as_admin: Browser) -> None:
    assert as_admin.open(SECTION.format("other")).status == 404
