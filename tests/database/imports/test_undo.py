"""The undo of an import: each row ends with exactly one outcome, and what somebody changed is never touched."""

import itertools
from collections import Counter

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.factories import NOW, make_account
from support.import_results import dump_tables, get_listing
from support.nppes_files import deactivated_row, npi, person_row

from directory.accounts.policy import Right, Role
from directory.audit.chain import verify_chain
from directory.audit.queries import entries
from directory.audit.tables import AuditEntry
from directory.certification.ruleset import bundled_rulesets
from directory.imports.commands import undo
from directory.imports.lifecycle import ImportState
from directory.imports.queries import prove_row
from directory.imports.tables import Import, ImportRow, Outcome
from directory.imports.undo import undo_next_batch
from directory.listings.commands import move
from directory.listings.lifecycle import ListingState, Move
from directory.listings.tables import Listing, ListingManager, Location


@pytest.fixture
def admin_actor(session):
    return make_account(session, Role.ADMIN, name="Ada Admin", email="ada@example.com").actor


def undo_last(session, by, reason="A wrong file."):
    """Undo the last import as the background process does."""
    session.rollback()
    found = session.scalars(sa.select(Import).order_by(Import.id.desc())).first()
    undo(session, found, reason=reason, by=by, now=NOW)
    session.commit()
    while undo_next_batch(session, found, rulesets=bundled_rulesets(), now=NOW):
        session.commit()
    session.commit()
    session.expire_all()
    assert found.state is ImportState.UNDONE
    return found


def outcomes(session, found):
    rows = session.scalars(sa.select(ImportRow).where(ImportRow.import_id == found.id).order_by(ImportRow.line))
    return [(row.outcome, row.outcome_reason) for row in rows]


def content(session):
    """What patients and providers may see of all listings, without times and versions."""
    session.rollback()
    left_out = {"version", "updated_at", "created_at", "id", "listing_id"}
    return {
        table.name: sorted(
            repr({name: value for name, value in row.items() if name not in left_out})
            for row in session.execute(sa.select(table)).mappings()
        )
        for table in (Listing.__table__, Location.__table__)
    }


def test_an_undone_import_leaves_what_was_there_before(import_rows, session, admin_actor):
    import_rows(person_row(1), person_row(2), person_row(3))
    before = content(session)
    import_rows(
        person_row(1, last="OTHER", zip="80022", updated="01/01/2026"), deactivated_row(2), person_row(4),
        person_row(3), person_row(5, zip="x"), options=(),
    )  # fmt: skip
    assert content(session) != before
    found = undo_last(session, admin_actor)
    assert content(session) == before
    assert outcomes(session, found) == [
        (Outcome.REVERSED, ""), (Outcome.REVERSED, ""), (Outcome.REVERSED, ""), (Outcome.NOTHING, ""),
    ]  # fmt: skip
    assert (found.undo_reason, found.undo_by_id) == ("A wrong file.", admin_actor.id)


def test_a_published_listing_that_an_import_made_is_taken_off_the_map_and_may_be_imported_again(
    import_rows, session, admin_actor, find_all
):
    import_rows(person_row(1))
    undo_last(session, admin_actor)
    assert get_listing(session).state is ListingState.RETIRED
    import_rows(person_row(1))
    assert get_listing(session).state is ListingState.PUBLISHED
    assert len(find_all()) == 1


def test_what_a_later_import_changed_could_not_be_undone_and_says_why(import_rows, session, admin_actor):
    import_rows(person_row(1), person_row(2))
    first = session.scalars(sa.select(Import)).one()
    import_rows(person_row(1, last="OTHER", updated="01/01/2026"))
    undo(session, first, reason="Why.", by=admin_actor, now=NOW)
    while undo_next_batch(session, first, rulesets=bundled_rulesets(), now=NOW):
        session.commit()
    assert [outcome for outcome, _ in outcomes(session, first)] == [Outcome.FAILED, Outcome.REVERSED]
    assert "undo that one first" in outcomes(session, first)[0][1]
    assert get_listing(session, 1).name == "Ann Other"


def test_undoing_twice_and_going_on_after_a_stop_change_nothing_more(import_rows, session, admin_actor):
    import_rows(person_row(1), person_row(2), options=())
    found = undo_last(session, admin_actor)
    after = dump_tables(session)
    assert not undo_next_batch(session, found, rulesets=bundled_rulesets(), now=NOW)
    assert dump_tables(session) == after


def test_each_row_can_be_checked_against_the_log(import_rows, session, run_command):
    import_rows(person_row(1), person_row(2), person_row(3, zip="x"))
    rows = session.scalars(sa.select(ImportRow)).all()
    assert [prove_row(session, row.id).is_valid for row in rows] == [True, True, True]
    assert "as it was written" in run_command("import", "verify-row", str(rows[0].id))
    rows[1].planned = rows[1].planned | {"line": 7}
    session.commit()
    assert [prove_row(session, row.id).is_valid for row in rows] == [True, False, True]
    assert "not as it was written" in run_command("import", "verify-row", str(rows[1].id), code=1)
    actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert actions == ["import.run", "import.batch"]
    assert len(list(verify_chain(entries(session)))) == 2


EDITS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["name", "phone", "street", "suspend", "claim", "gone"])),
    max_size=5,
    unique_by=lambda edit: edit[0],
)
numbers = itertools.count(100, 100)
"""Each example imports other providers, because listings with a history cannot be deleted."""


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, publish=st.booleans())
def test_outcomes_add_up_and_edited_listings_are_never_touched(
    import_rows, session, admin_actor, provider, edits, publish
):
    start = next(numbers)
    import_rows(*(person_row(start + number) for number in (1, 2, 3)))
    changed = [person_row(start + number, last="OTHER", updated="01/01/2026") for number in (1, 2, 3)]
    new = [person_row(start + number) for number in (4, 5, 6)]
    import_rows(*changed, *new, person_row(start + 7, zip="x"), options=("--publish",) if publish else ())
    edited = {start + number for number, edit in edits if edit_listing(session, start + number, edit, provider)}
    left = {number: show_listing(session, number) for number in edited}
    found = undo_last(session, admin_actor)
    counted = Counter(outcome for outcome, _ in outcomes(session, found))
    assert counted[Outcome.REVERSED] == 6 - len(edited)
    assert counted[Outcome.KEPT] + counted[Outcome.FAILED] == len(edited)
    assert counted[Outcome.NOTHING] == 1
    assert counted.total() == 7
    assert {number: show_listing(session, number) for number in edited} == left


def edit_listing(session, number, edit, provider):
    """Change a listing as somebody may do; returns whether it could be done."""
    listing = get_listing(session, number)
    if edit == "suspend" and listing.state is ListingState.PUBLISHED:
        move(session, listing, Move.SUSPEND, by=None, now=NOW, reason="Why.")
    elif edit == "gone" and listing.state is ListingState.DRAFT:
        session.delete(listing)
    elif edit == "claim":
        listing.managers.append(ListingManager(account_id=provider.id, right=Right.OWNER, since=NOW))
    elif edit == "street":
        listing.locations[0].line2 = "Suite 9"
    elif edit in {"name", "phone"}:
        setattr(listing, edit, "3035550111" if edit == "phone" else "Somebody Else")
    else:
        return False
    session.commit()
    return True


def show_listing(session, number):
    """All that is stored of a listing and its addresses; None if it is gone."""
    session.expire_all()
    listing = session.scalar(sa.select(Listing).where(Listing.npi == npi(number)))
    if listing is None:
        return None
    rows = [listing, *listing.locations, *listing.managers]
    return [repr({each.key: getattr(row, each.key) for each in sa.inspect(row).mapper.column_attrs}) for row in rows]
