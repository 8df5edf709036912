"""The console's page of numbers: what it shows, what it leaves out, and how many statements it runs."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import make_attestation, make_listing
from support.http_client import Browser

from directory import clock
from directory.accounts.tables import Account
from directory.certification.ruleset import bundled_rulesets
from directory.listings.lifecycle import ListingState
from directory.outbox.tables import Email
from directory.statistics.commands import refresh_figures

RULES = bundled_rulesets()


def test_an_empty_directory_has_numbers_and_says_nothing_of_decisions(as_reviewer: Browser) -> None:
    page = as_reviewer.open("/console/numbers")
    assert page.status == 200
    assert "nothing waits" in page.text
    assert "Badges are not counted yet" in page.text
    assert "to decide" not in page.text


def test_the_numbers_are_those_of_the_directory(as_reviewer: Browser, session: Session, provider: Account) -> None:
    now = clock.now()
    make_listing(session, provider, state=ListingState.SUBMITTED, now=now - timedelta(days=40))
    make_attestation(session, make_listing(session, provider, now=now), now=now)
    session.execute(sa.update(Email).values(given_up_at=now))  # which is a case of its own
    refresh_figures(session, RULES, now=now)
    session.commit()
    page = as_reviewer.open("/console/numbers")
    for words in ("2 waiting for a reviewer", "the oldest for 40 d", "1 badges show", "0 min to decide, half of all"):
        assert words in " ".join(page.text.split())
    assert page.html.count("<summary>As a table</summary>") == 5
    assert "emails failed" in page.text
    assert "/console/outbox" not in page.html, "the outbox is for admins"


def test_an_admin_gets_the_link_to_the_outbox(as_admin: Browser) -> None:
    assert "/console/outbox?state=given-up" in as_admin.open("/console/numbers").html


def test_the_page_runs_as_many_statements_for_many_cases(
    as_reviewer: Browser, session: Session, provider: Account, database_engine: sa.Engine
) -> None:
    as_reviewer.open("/console/numbers")
    counts = []
    for _ in range(2):
        statements: list[str] = []

        def note(_c: object, _k: object, text: str, *_: object, kept: list[str] = statements) -> None:
            kept.append(text)

        sa.event.listen(database_engine, "before_cursor_execute", note)
        as_reviewer.open("/console/numbers")
        sa.event.remove(database_engine, "before_cursor_execute", note)
        counts.append(len(statements))
        for _number in range(10):
            make_attestation(session, make_listing(session, provider, now=clock.now()), now=clock.now())
        session.commit()
    assert counts[0] == counts[1]
    assert counts[0] <= 13


@pytest.mark.parametrize("method", ["post", "put"])
def test_nothing_can_be_changed_there(as_reviewer: Browser, method: str) -> None:
    assert getattr(as_reviewer.client, method)("/console/numbers").status_code == 405
