"""What reviewers are promised of the draw: it can be held, what is to do stands there, an outcome is written once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import make_attestation, make_listing, set_second_factor
from support.http_client import Browser

from directory import clock
from directory.accounts.tables import Account
from directory.audit.commands import publish_head
from directory.certification.ruleset import bundled_rulesets
from directory.config import Settings
from directory.listings.tables import Listing
from directory.review import random_audit
from directory.review.sample import Quarter
from directory.review.tables import AuditDraw, DrawnAttestation
from directory.signing.keys import Keyring


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    """An entry whose answers are drawn, being the only ones."""
    made = make_listing(session, provider, name="Drawn Clinic", now=clock.now())
    make_attestation(session, made, now=clock.now())
    random_audit.run_draw(session, Quarter.of(clock.now()), seed="any", rulesets=bundled_rulesets(), now=clock.now())
    session.commit()
    return made


def count_statements(engine: sa.Engine, act: Callable[[], object]) -> int:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    act()
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(statements)


def test_nothing_drawn_is_said_in_words(as_reviewer: Browser) -> None:
    assert "Nothing was drawn yet" in as_reviewer.open("/console/draws").text


@pytest.mark.usefixtures("listing")
def test_an_outcome_is_kept_and_written_once(as_reviewer: Browser) -> None:
    assert "Drawn Clinic" in as_reviewer.open("/console/draws").text
    page = as_reviewer.open("/console/draws/1")
    refused = as_reviewer.press(page, "Write it down", {"finding": "They showed a record."})
    assert (refused.status, "They showed a record." in refused.html) == (422, True)
    answers = {"outcome": "confirmed", "finding": "They showed a record."}
    assert "looked at" in as_reviewer.press(page, "Write it down", answers).text
    again = as_reviewer.press(page, "Write it down", {"outcome": "unclear", "finding": "Something else."})
    assert (again.status, "already written down" in again.text) == (409, True)
    shown = as_reviewer.open("/console/draws/1")
    assert "They showed a record." in shown.text
    assert "Write it down" not in shown.html
    assert "Drawn Clinic" not in as_reviewer.open("/console/draws").text, "it is not to do any more"
    assert "Drawn Clinic" in as_reviewer.open("/console/draws?outcome=confirmed").text


@pytest.mark.usefixtures("listing")
def test_attempts_come_before_could_not_be_reached(as_reviewer: Browser) -> None:
    outcome = {"outcome": "not_reached", "finding": "Two calls, no answer."}
    page = as_reviewer.open("/console/draws/1")
    assert "There are 0 so far" in as_reviewer.press(page, "Write it down", outcome).text
    assert as_reviewer.press(page, "Add the attempt", {"contact_note": "Rang."}).status == 422
    for _ in range(2):
        page = as_reviewer.press(page, "Add the attempt", {"channel": "phone", "contact_note": "It rang out."})
    assert page.text.count("It rang out.") == 2
    assert "looked at" in as_reviewer.press(page, "Write it down", outcome).text


@pytest.mark.usefixtures("listing")
def test_what_is_not_confirmed_leads_to_the_decision(as_reviewer: Browser) -> None:
    answers = {"outcome": "not_confirmed", "finding": "They took 60 mL from one place."}
    decided = as_reviewer.press(as_reviewer.open("/console/draws/1"), "Write it down", answers)
    assert "Revoke" in decided.html
    assert "to decide" in as_reviewer.open("/console/draws?outcome=not_confirmed").text
    assert "Revoke them on their page" in as_reviewer.open("/console/draws/1").text


def test_a_draw_is_held_by_a_button_even_if_the_directory_is_new(
    as_reviewer: Browser, session: Session, settings: Settings
) -> None:
    page = as_reviewer.open("/console/draws")
    button = f"Hold the draw of {Quarter.of(clock.now())}"
    refused = as_reviewer.press(page, button)
    assert (refused.status, "No head of the audit log" in refused.text) == (409, True)
    publish_head(session, key=Keyring.open(settings.keys).current, issuer="https://bma.example", now=clock.now())
    session.commit()
    held = as_reviewer.press(page, button)
    assert "is held" in held.text
    assert "Hold the draw" not in held.html


def test_a_late_check_is_marked(as_reviewer: Browser, session: Session, provider: Account) -> None:
    long_ago = clock.now() - timedelta(days=91)
    make_attestation(session, make_listing(session, provider, now=long_ago), now=long_ago)
    random_audit.run_draw(session, Quarter.of(long_ago), seed="any", rulesets=bundled_rulesets(), now=long_ago)
    session.commit()
    assert "Overdue" in as_reviewer.open("/console/draws").text
    assert "Overdue" in as_reviewer.open("/console/draws/1").text


@pytest.mark.usefixtures("listing")
def test_the_list_runs_as_many_statements_for_many_rows(
    as_reviewer: Browser, session: Session, provider: Account, database_engine: sa.Engine
) -> None:
    as_reviewer.open("/console/draws?outcome=all")  # the first request of a session writes that it is used
    few = count_statements(database_engine, lambda: as_reviewer.open("/console/draws?outcome=all"))
    held = session.scalars(sa.select(AuditDraw)).one()
    for number in range(30):
        made = make_attestation(session, make_listing(session, provider, now=clock.now()), now=clock.now())
        session.add(DrawnAttestation(draw_id=held.id, attestation_id=made.id, ordinal=number + 2))
    session.commit()
    assert count_statements(database_engine, lambda: as_reviewer.open("/console/draws?outcome=all")) == few
    assert "Page 1 of 2" in as_reviewer.open("/console/draws?outcome=all").text


def test_nobody_looks_at_their_own(
    as_provider: Browser, session: Session, listing: Listing, provider: Account, reviewer: Account
) -> None:
    provider.roles = [*provider.roles, *reviewer.roles]
    set_second_factor(provider)
    session.commit()
    page = as_provider.open("/console/draws/1")
    assert "somebody else has to look" in page.text
    assert listing.name in page.text
    assert "Write it down" not in page.html


def test_there_is_nothing_of_another_number(as_reviewer: Browser) -> None:
    for number in ("1", "0", "2147483648", "x"):
        assert as_reviewer.open(f"/console/draws/{number}").status == 404
