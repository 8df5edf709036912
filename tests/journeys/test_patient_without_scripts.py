"""What a patient does without help or scripts, on a telephone: ask, check what they were told, and compare."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy.orm import Session
from support import sample_town
from support.accessibility import FITS_WIDTH
from support.user_actions import card

from directory import transaction


@pytest.fixture(scope="module", autouse=True)
def town_listings(app: Flask) -> None:
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        sample_town.populate(app, session)


@pytest.fixture
def patient(new_context: Callable[..., BrowserContext]) -> Page:
    """Whose browser is found empty of all that they did when the test ends."""
    return new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page()


def test_what_a_doctor_said_is_graded_as_if_they_had_signed_it(patient: Page) -> None:
    patient.goto("/questions")
    expect(patient.get_by_role("listitem").filter(has_text="Their answer:")).to_have_count(4)
    patient.get_by_role("main").get_by_role("link", name="check the answers").click()
    with patient.expect_response("**/check") as refusal:
        patient.get_by_role("button", name="Check these answers").click()
    assert refusal.value.status == 422
    expect(patient.get_by_role("alert")).to_contain_text("Type in at least one answer.")

    _type_in_what_not_every_rule_fits(patient)
    with patient.expect_response("**/check") as answer:
        patient.get_by_role("button", name="Check these answers").click()
    assert answer.value.headers["cache-control"] == "private, no-store"
    assert patient.url.endswith("/check"), "nothing that was typed stands in the address"
    expect(patient.get_by_text("Not every answer matches.")).to_be_visible()
    assert patient.evaluate(FITS_WIDTH), "runs off sideways"
    told = _sentences(patient)
    patient.goto("/providers/example-02-broomfield-co")
    assert _sentences(patient) == told, "who signed the same is held against the same rules in the same words"


def _type_in_what_not_every_rule_fits(page: Page) -> None:
    """The answers of the town's providers who take too much from one place."""
    criteria = page.locator(".question")
    criteria.nth(0).get_by_label("From").fill("40 cc")
    criteria.nth(1).get_by_label("From").fill("5")
    criteria.nth(1).get_by_label("to", exact=True).fill("6")
    page.get_by_label("Ultrasound").check()
    page.get_by_label("Always").check()
    page.get_by_label("Back of the hip bone (posterior iliac crest)").check()


def _sentences(page: Page) -> list[tuple[str, str]]:
    """How each answer is graded, and why, as it stands on a page."""
    findings = page.locator(".finding")
    expect(findings).to_have_count(4)
    return [
        (finding.locator(".grade").inner_text(), finding.locator(".rule").inner_text()) for finding in findings.all()
    ]


def test_four_providers_stand_side_by_side(patient: Page) -> None:
    patient.goto(f"/providers?near={sample_town.ZIP}")
    four = (sample_town.WITH_BADGE, sample_town.WITHOUT_BADGE, sample_town.NO_ANSWERS, sample_town.EXPIRED)
    for name in (*four, sample_town.SAME_ADDRESS[0]):
        card(patient, name).get_by_label(f"Compare {name}").check()
    patient.get_by_role("button", name="Compare", exact=True).click()
    expect(patient.get_by_role("status")).to_contain_text("Up to 4 fit side by side, and you chose 5.")
    patient.get_by_label(sample_town.SAME_ADDRESS[0]).uncheck()
    patient.get_by_role("button", name="Compare these").click()
    table = patient.get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_count(4)
    for line, words in (
        (
            "In all",
            (
                "All 4 answers match",
                "1 of 4 answers does not match",
                "No answers to show yet",
                "Their answers ran out in",
            ),
        ),
        ("How much volume", ("8 mL", "40 mL", "No answer", "8 mL")),
    ):
        cells = _row(table, line).get_by_role("cell")
        expect(cells).to_contain_text(words)
    assert patient.evaluate(FITS_WIDTH), "the table moves in its frame, the page does not"
    expect(patient.get_by_role("checkbox", name=sample_town.SAME_ADDRESS[0])).not_to_be_checked()
    table.get_by_role("columnheader").first.get_by_role("link").click()
    expect(patient.get_by_role("heading", level=1)).to_contain_text(sample_town.WITH_BADGE)


def _row(table: Locator, begins: str) -> Locator:
    return table.get_by_role("row").filter(has=table.page.get_by_role("rowheader", name=begins))
