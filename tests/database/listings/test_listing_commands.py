"""What can be done to a listing, by whom, from which state, and what the database itself refuses."""

import itertools

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from support.factories import LISTING_MOVES, NOW, make_address, make_entry, make_listing, make_place

from directory.accounts.tables import Account
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict, Invalid, NotAllowed
from directory.geography.point import Point
from directory.listings import commands, queries
from directory.listings.lifecycle import DECISIONS, MOVES, NEEDS_REASON, OPEN, ListingState, Move
from directory.listings.tables import Listing, ListingMove, Location
from directory.review.commands import decide_listing

NPI = "1234567893"
FORGED_MOVE = """
INSERT INTO listing_moves (move, from_state, to_state, reason, comments, at, listing_id)
SELECT 'publish', 'draft', 'published', '', '{}', at, listing_id FROM listing_moves LIMIT 1
"""


def decide(session: Session, listing: Listing, move: Move, by: Account, *, reason: str = "Because.") -> None:
    decide_listing(session, listing, move, by=by.actor, now=NOW, rulesets=bundled_rulesets(), reason=reason)


@pytest.mark.parametrize(("state", "move"), list(itertools.product(ListingState, Move)))
def test_every_move_from_every_state_is_made_and_written_down_or_refused(
    session: Session, provider: Account, reviewer: Account, state: ListingState, move: Move
) -> None:
    listing = make_listing(session, provider, state=state)
    before = len(queries.history(session, listing.id))
    starts, target = MOVES[move]
    if state in starts:
        owners = {Move.SUBMIT: commands.submit, Move.WITHDRAW: commands.withdraw}
        if move in owners:
            owners[move](session, listing, by=provider.actor, now=NOW)
        elif move not in DECISIONS:
            with pytest.raises(NotAllowed):
                decide(session, listing, move, reviewer)
            commands.move(session, listing, move, by=reviewer.actor, now=NOW)
        else:
            decide(session, listing, move, reviewer)
        session.expire_all()
        step = queries.history(session, listing.id)[0]
        assert (listing.state, step.move, step.to_state) == (target, move.value, target.value)
        assert step.by == (provider.name if move in owners else reviewer.name)
    else:
        with pytest.raises(Conflict):
            commands.move(session, listing, move, by=reviewer.actor, now=NOW)
        assert (listing.state, len(queries.history(session, listing.id))) == (state, before)


@pytest.mark.parametrize("move", sorted(DECISIONS))
def test_nobody_but_a_reviewer_decides_and_not_on_their_own(
    session: Session, provider: Account, other_provider: Account, move: Move
) -> None:
    start = next(state for state in ListingState if state in MOVES[move][0])
    listing = make_listing(session, provider, state=start)
    for account in (provider, other_provider):
        with pytest.raises(NotAllowed):
            decide(session, listing, move, account)
    assert listing.state is start


def test_an_admin_who_is_a_provider_does_not_decide_on_their_own(
    session: Session, provider: Account, admin: Account
) -> None:
    provider.roles = [*provider.roles, *admin.roles]
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    with pytest.raises(NotAllowed):
        decide(session, listing, Move.PUBLISH, provider)


@pytest.mark.parametrize("reason", ["", "  \n"])
@pytest.mark.parametrize("move", sorted(NEEDS_REASON))
def test_what_hurts_needs_a_reason(
    session: Session, provider: Account, reviewer: Account, move: Move, reason: str
) -> None:
    start = next(iter(MOVES[move][0]))
    listing = make_listing(session, provider, state=start)
    with pytest.raises(Invalid) as refused:
        decide(session, listing, move, reviewer, reason=reason)
    assert [fault.field for fault in refused.value.faults] == ["reason"]
    assert listing.state is start


@pytest.mark.parametrize("reason", ["x" * 2001, "a\0b", "a\u202eb"])
def test_a_reason_that_cannot_be_kept_is_refused(
    session: Session, provider: Account, reviewer: Account, reason: str
) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    with pytest.raises(Invalid):
        decide(session, listing, Move.RETURN, reviewer, reason=reason)


@pytest.mark.parametrize("state", sorted(set(ListingState) - {ListingState.DRAFT}))
def test_only_a_draft_can_be_changed(session: Session, provider: Account, state: ListingState) -> None:
    listing = make_listing(session, provider, state=state, name="As it was")
    with pytest.raises(Conflict):
        commands.update(session, listing, make_entry(), version=listing.version, by=provider.actor, now=NOW)
    assert listing.name == "As it was"


def test_somebody_elses_draft_cannot_be_changed_nor_submitted(
    session: Session, provider: Account, other_provider: Account, admin: Account
) -> None:
    listing = make_listing(session, provider, state=ListingState.DRAFT, name="As it was")
    for stranger in (other_provider, admin):
        with pytest.raises(NotAllowed):
            commands.update(session, listing, make_entry(), version=listing.version, by=stranger.actor, now=NOW)
        with pytest.raises(NotAllowed):
            commands.submit(session, listing, by=stranger.actor, now=NOW)
    assert (listing.name, listing.state) == ("As it was", ListingState.DRAFT)


def test_only_a_provider_adds_a_listing(session: Session, admin: Account) -> None:
    with pytest.raises(NotAllowed):
        commands.create(session, make_entry(), by=admin.actor, now=NOW)


def test_a_change_made_on_an_older_version_is_refused(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.DRAFT)
    seen = listing.version
    commands.update(session, listing, make_entry(name="First"), version=seen, by=provider.actor, now=NOW)
    with pytest.raises(Conflict):
        commands.update(session, listing, make_entry(name="Second"), version=seen, by=provider.actor, now=NOW)
    with pytest.raises(Conflict):
        commands.submit(session, listing, version=seen, by=provider.actor, now=NOW)
    assert listing.name == "First"


def test_a_changed_address_alone_makes_a_new_version(session: Session, provider: Account) -> None:
    entry = make_entry()
    listing = commands.create(session, entry, by=provider.actor, now=NOW)
    seen = listing.version
    moved = make_entry(name=entry.name, addresses=(make_address(line1="1 Other Street"),))
    commands.update(session, listing, moved, version=seen, by=provider.actor, now=NOW)
    assert listing.version > seen


def test_a_decision_on_an_older_version_is_refused(session: Session, provider: Account, reviewer: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    with pytest.raises(Conflict):
        decide_listing(
            session,
            listing,
            Move.PUBLISH,
            by=reviewer.actor,
            now=NOW,
            rulesets=bundled_rulesets(),
            version=listing.version - 1,
        )
    assert listing.state is ListingState.SUBMITTED


def test_of_two_writes_at_once_the_later_is_refused_and_the_first_is_kept(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.DRAFT)
    session.commit()
    with Session(session.get_bind()) as other:
        theirs = other.get_one(Listing, listing.id)
        seen = theirs.version
        commands.update(session, listing, make_entry(name="First"), version=seen, by=provider.actor, now=NOW)
        session.commit()
        with pytest.raises(StaleDataError):
            commands.update(other, theirs, make_entry(name="Second"), version=seen, by=provider.actor, now=NOW)
        other.rollback()
        assert other.get_one(Listing, listing.id).name == "First"


def test_a_changed_address_gets_a_new_place_and_what_is_left_out_goes(session: Session, provider: Account) -> None:
    two = (make_address(), make_address(line1="2 Second Street"))
    listing = make_listing(session, provider, state=ListingState.DRAFT, addresses=two)
    elsewhere = make_place(Point(41.7, -72.7))
    moved = make_entry(addresses=(make_address(line1="9 Ninth Street", place=elsewhere),))
    commands.update(session, listing, moved, version=listing.version, by=provider.actor, now=NOW)
    session.expire_all()
    assert [(row.line1, row.lat, row.lon) for row in listing.locations] == [("9 Ninth Street", 41.7, -72.7)]
    assert session.scalar(sa.select(sa.func.count()).select_from(Location)) == 1


def test_an_address_that_cannot_be_placed_is_kept_without_a_place(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.DRAFT, addresses=(make_address(place=None),))
    session.expire_all()
    row = listing.locations[0]
    assert (row.lat, row.lon, row.precision, row.uncertainty_miles) == (None, None, "", None)


@pytest.mark.parametrize("state", list(ListingState))
def test_an_npi_is_listed_once_while_its_listing_is_open(
    session: Session, provider: Account, other_provider: Account, state: ListingState
) -> None:
    make_listing(session, provider, state=state, npi=NPI)
    if state in OPEN:
        with pytest.raises(Conflict) as refused:
            make_listing(session, other_provider, state=ListingState.DRAFT, npi=NPI)
        assert NPI in refused.value.sentence
    else:
        assert make_listing(session, other_provider, state=ListingState.DRAFT, npi=NPI).npi == NPI


def test_a_draft_cannot_take_an_npi_that_is_listed(
    session: Session, provider: Account, other_provider: Account
) -> None:
    make_listing(session, provider, npi=NPI)
    draft = make_listing(session, other_provider, state=ListingState.DRAFT)
    with pytest.raises(Conflict):
        commands.update(session, draft, make_entry(npi=NPI), version=draft.version, by=other_provider.actor, now=NOW)


def test_the_database_itself_refuses_a_second_open_npi(session: Session, provider: Account) -> None:
    make_listing(session, provider, npi=NPI)
    second = make_listing(session, provider, state=ListingState.DRAFT)
    second.npi = NPI
    with pytest.raises(IntegrityError):
        session.flush()


def test_slugs_are_made_of_name_and_city_and_told_apart(session: Session, provider: Account) -> None:
    slugs = [
        make_listing(session, provider, state=ListingState.DRAFT, name=name).slug for name in ["Ána Ñu"] * 3 + ["山田"]
    ]
    assert slugs == ["ana-nu-broomfield-co", "ana-nu-broomfield-co-2", "ana-nu-broomfield-co-3", "broomfield-co"]


def test_a_long_name_makes_a_slug_that_fits(session: Session, provider: Account) -> None:
    slugs = {make_listing(session, provider, state=ListingState.DRAFT, name="a" * 200).slug for _ in range(2)}
    assert len(slugs) == 2
    assert all(len(slug) <= 120 for slug in slugs)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE listings SET state = 'open'",
        "UPDATE listings SET kind = 'robot'",
        "UPDATE listings SET source = 'hearsay'",
        "UPDATE listings SET state = NULL",
        "UPDATE locations SET lat = NULL",
        "UPDATE locations SET lat = 90.5",
        "UPDATE locations SET lon = -180.5",
        "UPDATE locations SET ordinal = 0",
        "UPDATE listing_moves SET reason = 'another'",
        "DELETE FROM listing_moves",
        "DELETE FROM accounts",
        "DELETE FROM listings",
        FORGED_MOVE,
    ],
)
def test_the_database_refuses_what_no_command_does(session: Session, provider: Account, change: str) -> None:
    make_listing(session, provider, addresses=(make_address(), make_address(line1="2 Second Street")))
    session.commit()
    with pytest.raises(DBAPIError):
        session.execute(sa.text(change))


def test_a_history_says_who_when_and_why_the_newest_first(
    session: Session, provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    decide(session, listing, Move.RETURN, reviewer, reason="  The ZIP is another town's.\n")
    steps = queries.history(session, listing.id)
    assert [(step.move, step.by, step.reason) for step in steps] == [
        ("return", reviewer.name, "The ZIP is another town's."),
        ("submit", provider.name, ""),
    ]
    assert {step.at for step in steps} == {NOW}


def test_every_state_can_be_reached(session: Session, provider: Account) -> None:
    assert LISTING_MOVES.keys() == set(ListingState)
    for state in ListingState:
        assert make_listing(session, provider, state=state).state is state
    assert session.scalar(sa.select(sa.func.count()).select_from(ListingMove)) == sum(map(len, LISTING_MOVES.values()))
