"""All lifecycles, whole: every move from every state."""

import enum
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from directory.attestations import lifecycle as attestations
from directory.claims import lifecycle as claims
from directory.disputes import lifecycle as disputes
from directory.errors import Conflict
from directory.imports import lifecycle as imports
from directory.listings import lifecycle as listings
from directory.listings import revision_lifecycle as revisions

LISTING = """
draft submit submitted
submitted withdraw draft
submitted publish published
submitted return draft
submitted reject rejected
published suspend suspended
suspended reinstate published
published retire retired
published merge retired
draft merge_draft rejected
retired split published
rejected split_draft draft
published undo_publish submitted
draft undo_return submitted
rejected undo_reject submitted
retired undo_retire published
"""

ATTESTATION = """
draft submit submitted
submitted accept accepted
submitted return returned
submitted withdraw withdrawn
accepted supersede superseded
accepted revoke revoked
accepted undo_accept submitted
returned undo_return submitted
superseded undo_supersede accepted
revoked undo_revoke accepted
"""

DISPUTE = """
reported open open
reported dismiss dismissed
reported withdraw withdrawn
reported uphold upheld
reported decline not_upheld
open answer answered
open uphold upheld
open decline not_upheld
open withdraw withdrawn
answered uphold upheld
answered decline not_upheld
answered withdraw withdrawn
open undo_to_reported reported
withdrawn undo_to_reported reported
dismissed undo_to_reported reported
upheld undo_to_reported reported
not_upheld undo_to_reported reported
upheld undo_to_open open
not_upheld undo_to_open open
withdrawn undo_to_open open
upheld undo_to_answered answered
not_upheld undo_to_answered answered
withdrawn undo_to_answered answered
"""

REVISION = """
draft submit submitted
submitted accept accepted
submitted return returned
submitted reject rejected
submitted withdraw withdrawn
accepted undo_accept submitted
returned undo_return submitted
rejected undo_reject submitted
"""


CLAIM = """
draft submit submitted
submitted dispute disputed
submitted approve approved
disputed approve approved
submitted refuse refused
disputed refuse refused
draft withdraw withdrawn
submitted withdraw withdrawn
disputed withdraw withdrawn
approved reopen submitted
refused reopen submitted
"""


IMPORT = """
uploaded check checking
checked check checking
checking report checked
uploaded run running
checked run running
running finish done
running undo undoing
done undo undoing
failed undo undoing
undoing finish_undo undone
uploaded discard discarded
checked discard discarded
checking fail failed
running fail failed
"""


def _table(text: str) -> dict[tuple[str, str], str]:
    return {(before, move): after for before, move, after in map(str.split, text.split("\n")[1:-1])}


THINGS = {
    listings: "listing",
    attestations: "attestation",
    disputes: "report",
    revisions: "change",
    claims: "claim",
    imports: "import",
}

CASES = [
    (module, state, move, _table(text).get((state.value, move.value)))
    for module, states, text in (
        (listings, listings.ListingState, LISTING),
        (attestations, attestations.AttestationState, ATTESTATION),
        (disputes, disputes.DisputeState, DISPUTE),
        (revisions, revisions.RevisionState, REVISION),
        (claims, claims.ClaimState, CLAIM),
        (imports, imports.ImportState, IMPORT),
    )
    for state, move in itertools.product(states, module.Move)
]


@pytest.mark.parametrize(("module", "state", "move", "leads_to"), CASES)
def test_every_move_from_every_state_is_in_the_table_or_refused(
    module: Any, state: enum.StrEnum, move: enum.StrEnum, leads_to: str | None
) -> None:
    after: Callable[..., enum.StrEnum] = module.next_state
    if leads_to is None:
        with pytest.raises(Conflict) as refused:
            after(state, move)
        assert refused.value.sentence == (
            f"This {THINGS[module]} is {state.value}, so it is too late or too early to {move.value} it."
        )
    else:
        assert after(state, move).value == leads_to


def test_all_cases_were_enumerated() -> None:
    assert len(CASES) == 6 * 16 + 7 * 10 + 7 * 9 + 7 * 8 + 6 * 6 + 9 * 8
    assert sum(leads_to is not None for *_, leads_to in CASES) == 82


@pytest.mark.parametrize("module", [listings, attestations, revisions])
def test_reviewers_make_all_moves_but_the_owners_and_the_machines(module: Any) -> None:
    owners = {"submit", "withdraw", "supersede"} | {
        move.value for move in module.Move if move.value.startswith("undo_")
    }
    owners |= {"merge", "merge_draft", "split", "split_draft"} if module is listings else set()
    assert {move.value for move in module.DECISIONS} == {move.value for move in module.Move} - owners
    assert module.NEEDS_REASON <= module.DECISIONS


@pytest.mark.parametrize("move", claims.REMOVAL_UNDOES)
def test_a_request_to_take_a_listing_down_is_decided_once_unless_it_is_undone(move: claims.RemovalMove) -> None:
    decided = claims.next_removal_state(claims.RemovalState.REQUESTED, move)
    assert decided.value == {"accept": "accepted", "decline": "declined"}[move.value]
    with pytest.raises(Conflict):
        claims.next_removal_state(decided, move)
    undo = claims.REMOVAL_UNDOES[move]
    assert claims.next_removal_state(decided, undo) is claims.RemovalState.REQUESTED
    with pytest.raises(Conflict):
        claims.next_removal_state(claims.RemovalState.REQUESTED, undo)


@pytest.mark.parametrize("module", [listings, attestations, revisions])
def test_an_undo_leads_back_to_where_the_decision_began(module: Any) -> None:
    assert module.UNDOES.keys() >= module.DECISIONS
    for move, undo in module.UNDOES.items():
        starts, target = module.MOVES[move]
        assert module.MOVES[undo][1] in starts
        assert target in module.MOVES[undo][0]


SETS = [
    (listings.NEEDS_REASON, "reject return suspend"), (listings.EDITABLE, "draft"),
    (listings.CHANGEABLE, "published suspended"), (revisions.WAITING, "draft submitted"),
    (revisions.DECISIONS, "accept reject return"), (revisions.NEEDS_REASON, "reject return"),
    (revisions.PUBLIC, "accepted live"),
    (listings.OPEN, "draft published submitted suspended"), (listings.EVER_PUBLIC, "published retired suspended"),
    (listings.DECISIONS, "publish reinstate reject retire return suspend"),
    (attestations.DECISIONS, "accept return revoke"), (attestations.NEEDS_REASON, "return revoke"),
    (disputes.WAITING, "answered open reported"), (disputes.CLOSED, "dismissed not_upheld upheld withdrawn"),
    (disputes.DECISIONS, "decline dismiss open uphold withdraw"), (disputes.DECIDED, "not_upheld upheld"),
    (frozenset(disputes.Remedy), "corrected corrected_by_us could_not_reach revoked"),
    (claims.WAITING, "disputed submitted"), (claims.OPEN, "disputed draft submitted"),
    (claims.DECISIONS, "approve refuse reopen"), (claims.NEEDS_REASON, "refuse reopen"),
]  # fmt: skip


@pytest.mark.parametrize(("members", "names"), SETS)
def test_what_holds_of_some_states_and_moves_holds_of_these_and_no_other(
    members: frozenset[enum.StrEnum], names: str
) -> None:
    assert " ".join(sorted(members)) == names


@pytest.mark.parametrize("state", list(disputes.DisputeState))
def test_a_dispute_waits_until_it_is_closed_and_is_overdue_only_while_it_waits(state: disputes.DisputeState) -> None:
    leads_on = any(state in disputes.MOVES[move][0] for move in disputes.DECISIONS)
    assert (state in disputes.WAITING) is leads_on
    assert (state in disputes.CLOSED) is not leads_on
    since = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    last_moment = since + timedelta(days=14)
    assert not disputes.is_overdue(state, since, last_moment)
    assert disputes.is_overdue(state, since, last_moment + timedelta(microseconds=1)) is leads_on


def test_a_reviewer_decides_all_of_a_dispute_but_the_provider_answers() -> None:
    assert frozenset(disputes.Move) - {disputes.Move.ANSWER, *disputes.UNDOES.values()} == disputes.DECISIONS


@pytest.mark.parametrize("state", list(disputes.DisputeState))
def test_answers_are_not_taken_away_before_the_provider_spoke_or_the_time_for_it_passed(
    state: disputes.DisputeState,
) -> None:
    until = datetime(2026, 12, 6, 12, 0, tzinfo=UTC)
    disputes.require_answered_or_overdue(state, until, until + timedelta(microseconds=1))
    disputes.require_answered_or_overdue(state, None, until)
    if state is disputes.DisputeState.OPEN:
        with pytest.raises(Conflict) as refused:
            disputes.require_answered_or_overdue(state, until, until)
        assert refused.value.sentence == (
            "The provider can answer until December 6, 2026. Wait for the answer, or until then, before you revoke."
        )
    else:
        disputes.require_answered_or_overdue(state, until, until)


@pytest.mark.parametrize("state", list(disputes.DisputeState))
@pytest.mark.parametrize("move", list(disputes.Move))
def test_a_provider_is_asked_first_if_they_can_be_and_never_if_they_cannot(
    state: disputes.DisputeState, move: disputes.Move
) -> None:
    closes = move in {disputes.Move.UPHOLD, disputes.Move.DECLINE}
    refused = {
        True: "Ask the provider first" if closes and state is disputes.DisputeState.REPORTED else "",
        False: "nobody can be asked. Decide" if move is disputes.Move.OPEN else "",
    }
    for can_be_asked, sentence in refused.items():
        if sentence:
            with pytest.raises(Conflict, match=sentence):
                disputes.require_heard(state, move, can_be_asked=can_be_asked)
        else:
            disputes.require_heard(state, move, can_be_asked=can_be_asked)


REMEDIES = """
reported answers no revoked could_not_reach
reported listing no corrected_by_us could_not_reach
open answers yes revoked corrected could_not_reach
open answers no revoked corrected could_not_reach
open listing yes corrected corrected_by_us could_not_reach
open listing no corrected corrected_by_us could_not_reach
answered answers yes revoked corrected
answered answers no revoked corrected could_not_reach
answered listing yes corrected corrected_by_us
answered listing no corrected corrected_by_us could_not_reach
"""
"""State, what the report is about, whether somebody can be asked, and the remedies."""


@pytest.mark.parametrize("line", REMEDIES.split("\n")[1:-1])
def test_the_remedies_are_those_that_can_be_true(line: str) -> None:
    state, about, askable, *remedies = line.split()
    found = disputes.possible_remedies(
        disputes.DisputeState(state), is_about_answers=about == "answers", can_be_asked=askable == "yes"
    )
    assert [remedy.value for remedy in found] == remedies


def test_who_can_still_answer_was_not_unreachable() -> None:
    until = datetime(2026, 12, 6, 12, 0, tzinfo=UTC)
    with pytest.raises(Conflict, match="or until then, before you give up"):
        disputes.require_answered_or_overdue(disputes.DisputeState.OPEN, until, until, before="you give up")
