"""A reviewer corrects a listing: every field at once, with a reason, and never over a change that waits for review."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import (
    LISTING_MOVES,
    MATCHING_ANSWERS,
    NOW,
    get_reviewer,
    make_account,
    make_address,
    make_attestation,
    make_listing,
)
from support.revision_actions import LATER, draft, indexed, last_entry, submitted

from directory.accounts.policy import Right, Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.claims.queries import unclaimed_imports
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings import queries, revisions
from directory.listings.address_changes import TypedAddress
from directory.listings.changes import FieldChange
from directory.listings.commands import AlreadyListed
from directory.listings.digest import listing_digest
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import OPEN, ListingState
from directory.listings.managers import grant_right
from directory.listings.name_words import listing_words, replace_words
from directory.listings.revision_lifecycle import Move
from directory.listings.tables import Listing, ListingSource
from directory.outbox.tables import Email
from directory.review.corrections import correct_listing
from directory.review.revisions import decide_revision

WHY = "The number belongs to somebody else."


def correct(session: Session, listing: Listing, *locations: TypedAddress, **values: Any) -> tuple[FieldChange, ...]:
    return correct_listing(
        session,
        listing,
        values,
        locations or None,
        version=listing.version,
        reason=WHY,
        by=get_reviewer(session).actor,
        now=LATER,
    )


def mails(session: Session) -> list[Email]:
    return list(session.scalars(sa.select(Email).where(Email.letter == "listing_corrected")))


def test_a_correction_is_public_at_once_and_log_index_history_and_owner_know_why(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider, phone="303-555-0100", practice="Old Practice")
    before, version, seen = listing_digest(listing), listing.version, indexed(session, listing)
    changed = correct(session, listing, phone="303-555-0142", practice="New Practice")
    session.commit()
    session.expire_all()
    assert {(change.short, change.before, change.after) for change in changed} == {
        ("Phone", "303-555-0100", "303-555-0142"),
        ("Practice or group", "Old Practice", "New Practice"),
    }
    assert (listing.phone, listing.practice) == ("303-555-0142", "New Practice")
    assert listing.version > version
    entry = last_entry(session)
    assert (entry.action, entry.before, entry.after) == ("listing.correct", before, listing_digest(listing))
    assert entry.actor == get_reviewer(session).id
    assert indexed(session, listing) > seen
    (step,) = queries.revision_history(session, listing.id)
    assert (step.move, step.reason, step.by) == (queries.CORRECT, WHY, get_reviewer(session).name)
    (public,) = queries.public_changes(session, listing.id)
    assert public.is_correction
    (mail,) = mails(session)
    assert mail.to == provider.email
    for words in ("“303-555-0100” → “303-555-0142”", "“Old Practice” → “New Practice”", WHY):
        assert words in mail.body


def test_a_change_that_the_provider_sent_is_no_correction(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    waits = submitted(session, listing, provider, practice="New Practice")
    decide_revision(session, waits, Move.ACCEPT, by=get_reviewer(session).actor, now=LATER)
    assert [step.move for step in queries.revision_history(session, listing.id)] == [
        "revision.accept",
        "revision.submit",
    ]
    (public,) = queries.public_changes(session, listing.id)
    assert not public.is_correction


@pytest.mark.parametrize("state", LISTING_MOVES)
def test_whatever_is_open_is_corrected_and_nothing_that_is_closed(
    session: Session, provider: Account, state: ListingState
) -> None:
    listing = make_listing(session, provider, state=state)
    if state in OPEN:
        correct(session, listing, practice="New Practice")
        assert (listing.practice, listing.state) == ("New Practice", state)
    else:
        with pytest.raises(Conflict, match=f"This listing is {state.value}"):
            correct(session, listing, practice="New Practice")


def test_addresses_are_corrected_with_their_live_fields_also_those_of_a_new_one(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider)
    stays = listing.locations[0].id
    hours = {"monday": [["08:00", "17:00"]]}
    moved = make_address(line1="405 Summit Boulevard", phone="303-555-0143", opening_hours=hours)
    second = make_address(line1="88 Larkmere Street", city="Boulder", postal_code="80302", phone="303-555-0144")
    correct(session, listing, TypedAddress(stays, moved), TypedAddress(None, second))
    session.commit()
    session.expire_all()
    assert [(row.line1, row.phone, row.opening_hours) for row in listing.locations] == [
        ("405 Summit Boulevard", "303-555-0143", hours),
        ("88 Larkmere Street", "303-555-0144", {}),
    ]
    assert listing.locations[0].id == stays
    assert all(row.lat is not None for row in listing.locations)
    correct(session, listing, TypedAddress(listing.locations[1].id, second))
    assert [row.line1 for row in listing.locations] == ["88 Larkmere Street"]


def test_an_address_that_stays_keeps_its_coordinates(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    row = listing.locations[0]
    row.lat, row.lon = 39.9, -105.1
    session.flush()
    changed = correct(session, listing, TypedAddress(row.id, make_address(phone="303-555-0143")))
    assert [change.field for change in changed] == ["phone"]
    assert (row.lat, row.lon) == (39.9, -105.1)


def test_what_the_provider_sent_for_review_is_decided_first(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, practice="Old Practice")
    submitted(session, listing, provider, practice="Their Practice")
    with pytest.raises(Conflict, match="to “Their Practice” waits for review, and you would make it “Our Practice”"):
        correct(session, listing, practice="Our Practice")
    correct(session, listing, phone="303-555-0142")
    assert (listing.practice, listing.phone) == ("Old Practice", "303-555-0142")


def test_a_draft_of_the_provider_is_not_sent_over_a_correction(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, practice="Old Practice")
    begun = draft(session, listing, provider, practice="Their Practice")
    assert begun is not None
    correct(session, listing, practice="Our Practice")
    with pytest.raises(Conflict, match="from “Old Practice” to “Our Practice”"):
        revisions.submit(session, begun, by=provider.actor, now=LATER)


@pytest.mark.parametrize(
    ("kind", "values", "ends"),
    [
        (ListingKind.PERSON, {"name": "Bo Example"}, True),
        (ListingKind.PERSON, {"npi": "1234567893"}, True),
        (ListingKind.PERSON, {"practice": "New Practice"}, False),
        (ListingKind.CLINIC, {"name": "New Clinic"}, False),
        (ListingKind.CLINIC, {"kind": ListingKind.PERSON}, True),
    ],
)
def test_a_correction_to_another_provider_ends_the_answers_that_were_signed(
    session: Session, provider: Account, kind: ListingKind, values: dict[str, Any], *, ends: bool
) -> None:
    listing = make_listing(session, provider, kind=kind)
    signed = make_attestation(session, listing, answers=MATCHING_ANSWERS)
    correct(session, listing, **values)
    assert (signed.state is AttestationState.REVOKED) is ends
    assert ("Sign in and answer the questions again" in mails(session)[0].body) is ends


def test_nobody_corrects_what_they_manage_and_no_provider_corrects_anything(
    session: Session, provider: Account, other_provider: Account
) -> None:
    listing = make_listing(session, provider)
    owner = make_account(session, Role.PROVIDER, Role.ADMIN)
    grant_right(session, listing, owner.id, Right.EDITOR, by=provider.actor, now=NOW)
    for account in (provider, other_provider, owner):
        with pytest.raises(NotAllowed):
            correct_listing(
                session, listing, {"practice": "X"}, None, version=None, reason=WHY, by=account.actor, now=LATER
            )


def test_what_is_wrong_is_said_and_nothing_changes(session: Session, provider: Account) -> None:
    make_listing(session, provider, npi="1234567893")
    listing, by = make_listing(session, provider), get_reviewer(session).actor
    version, entry = listing.version, last_entry(session).seq
    at = TypedAddress(listing.locations[0].id, make_address(phone="000-000-0000"))
    for refusal, words, values, locations, more in (
        (Invalid, "Give the reason", {"practice": "New"}, None, {"reason": " "}),
        (Invalid, "Nothing is different", {"practice": listing.practice}, None, {}),
        (Invalid, "phone number", {"phone": "call me"}, None, {}),
        (Invalid, "phone number", {}, [at], {}),
        (Invalid, "not of this listing", {}, [TypedAddress(9999, make_address())], {}),
        (Conflict, "changed in the meantime", {"practice": "New"}, None, {"version": version - 1}),
        (AlreadyListed, "listed already", {"npi": "1234567893"}, None, {}),
    ):
        said = {"version": version, "reason": WHY, "by": by, "now": LATER} | more
        with pytest.raises(refusal, match=words):
            correct_listing(session, listing, values, locations, **said)
    assert (listing.version, last_entry(session).seq) == (version, entry)
    assert mails(session) == []


def test_an_imported_draft_is_found_by_its_corrected_name(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.DRAFT, source=ListingSource.NPPES, name="Hazle Otter")
    listing.managers.clear()
    replace_words(session, [], {listing.id: listing_words(listing.name, listing.locations)})
    correct(session, listing, name="Hazel Otter")
    assert unclaimed_imports(session, "hazel", limit=5) == [listing.id]
    assert unclaimed_imports(session, "hazle", limit=5) == []
