"""Answers that come back with a reason and remarks, are corrected, signed again and accepted."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from support import user_actions
from support.input_devices import Mouse
from support.user_actions import card

from directory.accounts.policy import Role

NAME = "Elder Brambleshaw"
REASON = "The volume and the number of places do not fit what you wrote to us."
ON_VOLUME = "Is this the volume from one place, or in all?"
ON_SITES = "Please count both sides."

OFFICE = user_actions.Office("1 Sedge Lane", "Dover", "DE", "19901")


@pytest.fixture(scope="module", autouse=True)
def accounts(app: Flask) -> None:
    user_actions.open_accounts(app, ("provider@example.com", Role.PROVIDER), ("reviewer@example.com", Role.REVIEWER))


def test_returned_answers_are_corrected_signed_again_and_accepted(
    new_context: Callable[..., BrowserContext], page: Page
) -> None:
    provider, reviewer = (Mouse(new_context(viewport={"width": 390, "height": 844}).new_page()) for _ in range(2))
    user_actions.sign_in(provider, "provider@example.com", "/portal/")
    user_actions.add_listing(provider, NAME, "1234567893", [OFFICE])
    provider.press(provider.page.get_by_role("link", name="Answer the questions"))
    user_actions.answer_questions(
        provider,
        {
            user_actions.VOLUME: ("60",),
            user_actions.SITES: ("1",),
            user_actions.IMAGING: ("None: by feel and landmarks only",),
            user_actions.BONE: ("Back of the hip bone (posterior iliac crest)",),
        },
    )
    _reads_that_three_do_not_match(provider.page)
    user_actions.sign_attestation(provider, NAME, "Owner")

    user_actions.sign_in(reviewer, "reviewer@example.com", "/console/")
    _publishes_and_returns_the_answers(reviewer)

    _reads_the_reason_and_the_remarks(provider)
    user_actions.answer_questions(
        provider,
        {
            user_actions.VOLUME: ("10",),
            user_actions.SITES: ("5", "15"),
            user_actions.IMAGING: ("Ultrasound",),
            user_actions.HOW_OFTEN: ("Always",),
        },
    )
    expect(provider.page.get_by_text("All 4 answers match")).to_be_visible()
    user_actions.sign_attestation(provider, NAME, "Owner")

    user_actions.open_from_queue(reviewer, NAME, "Answers")
    reviewer.press(reviewer.page.get_by_role("button", name="Accept"))
    user_actions.search(Mouse(page), "19901")
    expect(card(page, NAME)).to_contain_text("All 4 answers match")


def _publishes_and_returns_the_answers(reviewer: Mouse) -> None:
    user_actions.open_from_queue(reviewer, NAME, "New listing")
    reviewer.press(reviewer.page.get_by_role("button", name="Publish"))
    user_actions.open_from_queue(reviewer, NAME, "Answers")
    _cannot_return_without_a_reason(reviewer)
    reviewer.write(reviewer.page.get_by_label("Amount from one place"), ON_VOLUME)
    reviewer.write(reviewer.page.get_by_label("Number of places"), ON_SITES)
    reviewer.write(reviewer.page.get_by_label("Reason"), REASON)
    reviewer.press(reviewer.page.get_by_role("button", name="Return with the reason"))
    expect(reviewer.page.get_by_text("Nothing waits")).to_be_visible()


def _reads_that_three_do_not_match(page: Page) -> None:
    expect(page.get_by_text(re.compile("answers? (does|do) not match|Of 4 answers"))).to_be_visible()
    expect(page.locator(".finding").get_by_text("Does not match")).to_have_count(3)
    expect(page.locator(".finding").get_by_text("Matches", exact=True)).to_have_count(1)
    expect(page.get_by_text("You can sign all the same.")).to_be_visible()


def _cannot_return_without_a_reason(reviewer: Mouse) -> None:
    page = reviewer.page
    reviewer.press(page.get_by_text("Remarks on single answers"))
    reviewer.write(page.get_by_label("Amount from one place"), ON_VOLUME)
    reviewer.press(page.get_by_role("button", name="Return with the reason"))
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(1)
    reviewer.press(summary.get_by_role("link"))
    expect(page.get_by_label("Reason")).to_be_focused()
    expect(page.get_by_label("Amount from one place")).to_have_value(ON_VOLUME)


def _reads_the_reason_and_the_remarks(provider: Mouse) -> None:
    page = provider.page
    page.goto("/portal/")
    provider.press(page.get_by_role("link", name="See the answers"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Answers returned")
    expect(page.get_by_text(REASON).first).to_be_visible()
    remarks = page.get_by_role("region", name="What the reviewer says of single answers")
    expect(remarks).to_contain_text(ON_VOLUME)
    expect(remarks).to_contain_text(ON_SITES)
    provider.press(page.get_by_role("main").get_by_role("link", name="See the comments"))
    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.get_by_text(ON_VOLUME)).to_be_visible()
    expect(user_actions.question_group(page, user_actions.VOLUME).get_by_label("From")).to_have_value("60")
    provider.press(page.get_by_role("navigation", name="Questions").get_by_role("link", name=re.compile("^3 ")))
    expect(page.get_by_label("None: by feel and landmarks only")).to_be_checked()
    provider.press(page.get_by_role("button", name="I prefer not to say"))
