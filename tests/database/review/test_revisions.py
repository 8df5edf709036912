"""Changes of a published listing: what counts at once, what a reviewer accepts first, and what it does to the badge."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from support.factories import (
    LISTING_MOVES,
    NOW,
    get_reviewer,
    make_address,
    make_attestation,
    make_listing,
)

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.audit.tables import AuditEntry
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings import queries, revisions
from directory.listings.address_changes import TypedAddress, typed_documents
from directory.listings.changes import ADDRESSES, from_json, values_of
from directory.listings.digest import listing_digest
from directory.listings.facts import ListingFacts
from directory.listings.fields import LIVE_FIELDS, LIVE_LOCATION_FIELDS
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import CHANGEABLE, ListingState
from directory.listings.revision_lifecycle import Move, RevisionState
from directory.listings.tables import Listing, ListingRevision, ListingRevisionMove
from directory.outbox.tables import Email
from directory.review.confirmation import confirm_listing
from directory.review.revisions import BADGE_ENDED_REASON, change_live, decide_revision
from directory.search.tables import search_changes

LATER = NOW + timedelta(days=10)


def live(session: Session, listing: Listing, by: Account, *, at: dict[str, Any] | None = None, **values: Any) -> Any:
    own = {row.id: values_of(LIVE_LOCATION_FIELDS, row) for row in listing.locations}
    own[listing.locations[0].id] |= at or {}
    said = values_of(LIVE_FIELDS, listing) | values
    return change_live(session, listing, said, own, version=listing.version, by=by.actor, now=LATER)


def draft(session: Session, listing: Listing, by: Account, **values: Any) -> ListingRevision | None:
    token = revisions.edit_token(session, listing)
    return revisions.save_draft(session, listing, values, token=token, by=by.actor, now=LATER)


def submitted(session: Session, listing: Listing, by: Account, **values: Any) -> ListingRevision:
    made = draft(session, listing, by, **values)
    assert made is not None
    revisions.submit(session, made, by=by.actor, now=LATER)
    return made


def decide(session: Session, revision: ListingRevision, move: Move, **how: Any) -> None:
    by = get_reviewer(session).actor
    decide_revision(session, revision, move, by=by, now=LATER, reason="For a test.", **how)


def waiting(session: Session, listing: Listing, state: RevisionState = RevisionState.DRAFT) -> dict[str, Any]:
    found = revisions.find_revision(session, listing, state)
    return {change.field: (change.old, change.new) for change in from_json(found.changes)} if found else {}


def last_entry(session: Session) -> AuditEntry:
    return session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()


def indexed(session: Session, listing: Listing) -> int:
    """The version of the last change of a listing that the search index was told."""
    return session.scalar(sa.select(search_changes.c.version).where(search_changes.c.listing_id == listing.id)) or 0


def test_a_phone_and_hours_change_at_once_and_the_log_the_index_and_the_history_know(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider, phone="303-555-0100")
    before, version, seen = listing_digest(listing), listing.version, indexed(session, listing)
    hours = {"monday": [["08:00", "17:00"]]}
    changed = live(session, listing, provider, phone="303-555-0142", at={"opening_hours": hours})
    assert [(change.short, change.before, change.after) for change in changed] == [
        ("Phone", "303-555-0100", "303-555-0142"),
        ("Opening hours (403 Summit Boulevard)", "Not stated", "Mon 8\u00a0am\u00a0to\u00a05\u00a0pm"),
    ]
    session.commit()
    session.expire_all()
    assert (listing.phone, listing.locations[0].opening_hours) == ("303-555-0142", hours)
    assert listing.version > version
    assert listing.last_confirmed == NOW.date()
    entry = last_entry(session)
    assert (entry.action, entry.before, entry.after) == ("listing.change", before, listing_digest(listing))
    assert indexed(session, listing) > seen
    (public,) = queries.public_changes(session, listing.id)
    assert (public.changes, public.is_reviewed, public.by, public.at) == (changed, False, "Pat Provider", LATER)


def test_a_live_change_of_only_a_location_makes_an_older_version_stale(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    stale = listing.version
    live(session, listing, provider, at={"phone": "303-555-0143"})
    with pytest.raises(Conflict, match="changed in the meantime"):
        change_live(session, listing, {}, {}, version=stale, by=provider.actor, now=LATER)


def test_nothing_changed_writes_nothing(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    version, entry = listing.version, last_entry(session).seq
    assert live(session, listing, provider) == ()
    assert (listing.version, last_entry(session).seq) == (version, entry)
    assert queries.public_changes(session, listing.id) == []


def test_a_value_past_its_limit_is_refused_and_an_untouched_one_is_not_judged_anew(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider)
    listing.phone = "from an old import"
    session.flush()
    live(session, listing, provider, accepts_new_patients=True)
    with pytest.raises(Invalid, match="phone number"):
        live(session, listing, provider, phone="call me")


@pytest.mark.parametrize("state", [state for state in LISTING_MOVES if state not in CHANGEABLE])
def test_only_what_is_published_or_suspended_is_changed_this_way(
    session: Session, provider: Account, state: ListingState
) -> None:
    listing = make_listing(session, provider, state=state)
    for change in (lambda: live(session, listing, provider), lambda: draft(session, listing, provider, name="New")):
        with pytest.raises(Conflict, match=f"This listing is {state.value}"):
            change()


def test_nobody_else_changes_a_listing_nor_decides_on_it(
    session: Session, provider: Account, other_provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider)
    for account in (other_provider, reviewer):
        for change in (lambda by: live(session, listing, by), lambda by: draft(session, listing, by, name="New")):
            with pytest.raises(NotAllowed):
                change(account)
    waits = submitted(session, listing, provider, name="New Name")
    with pytest.raises(NotAllowed):
        revisions.withdraw(session, waits, by=other_provider.actor, now=LATER)
    with pytest.raises(NotAllowed):
        decide_revision(session, waits, Move.ACCEPT, by=provider.actor, now=LATER)


def test_the_old_name_stays_public_until_a_reviewer_accepts(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, kind=ListingKind.CLINIC, name="Old Clinic")
    waits = submitted(session, listing, provider, name="New Clinic")
    assert (listing.name, waits.state) == ("Old Clinic", RevisionState.SUBMITTED)
    before, seen = listing_digest(listing), indexed(session, listing)
    decide(session, waits, Move.ACCEPT)
    session.commit()
    assert (listing.name, waits.state) == ("New Clinic", RevisionState.ACCEPTED)
    entry = last_entry(session)
    assert (entry.action, entry.before, entry.after) == ("listing.change", before, listing_digest(listing))
    assert indexed(session, listing) > seen
    assert [one.is_reviewed for one in queries.public_changes(session, listing.id)] == [True]
    mail = session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
    assert mail is not None
    assert mail.subject == "Your change is public: New Clinic"
    assert "Name: “Old Clinic” → “New Clinic”" in mail.body
    assert [step.move for step in queries.revision_history(session, listing.id)] == [
        "revision.accept",
        "revision.submit",
    ]


def test_one_draft_collects_what_its_sections_save_and_a_change_put_back_leaves_it(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider, name="A Name", practice="A Practice")
    draft(session, listing, provider, name="B Name")
    draft(session, listing, provider, practice="B Practice")
    assert waiting(session, listing) == {"name": ("A Name", "B Name"), "practice": ("A Practice", "B Practice")}
    draft(session, listing, provider, name="A Name")
    assert waiting(session, listing) == {"practice": ("A Practice", "B Practice")}
    assert draft(session, listing, provider, practice="A Practice") is None
    assert session.scalar(sa.select(sa.func.count()).select_from(ListingRevision)) == 0


def test_a_change_is_put_back_alone_or_the_whole_draft_is_deleted(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, practice="A Practice")
    made = draft(session, listing, provider, practice="B Practice", website="https://b.example/", credential="DO")
    assert made is not None
    revisions.discard(session, made, field="practice", by=provider.actor, now=LATER)
    assert set(waiting(session, listing)) == {"website", "credential"}
    revisions.discard(session, made, by=provider.actor, now=LATER)
    assert waiting(session, listing) == {}


def test_two_windows_do_not_overwrite_each_other(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    token = revisions.edit_token(session, listing)
    draft(session, listing, provider, practice="Window one")
    with pytest.raises(Conflict, match="changed in the meantime"):
        revisions.save_draft(session, listing, {"practice": "Window two"}, token=token, by=provider.actor, now=LATER)


def test_the_database_holds_one_draft_and_one_submitted_revision_of_a_listing(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider)
    submitted(session, listing, provider, name="One Name")
    second = draft(session, listing, provider, practice="Another")
    assert second is not None
    with pytest.raises(Conflict, match="waits for a reviewer"):
        revisions.submit(session, second, by=provider.actor, now=LATER)
    session.commit()
    second.state = RevisionState.SUBMITTED
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize("end", ["return", "withdraw", "reject"])
def test_what_left_the_review_goes_back_to_the_draft_unless_it_was_rejected(
    session: Session, provider: Account, end: str
) -> None:
    listing = make_listing(session, provider, name="A Name", practice="A Practice")
    waits = submitted(session, listing, provider, name="B Name", practice="B Practice")
    draft(session, listing, provider, name="C Name", credential="DO")
    assert waiting(session, listing)["name"] == ("B Name", "C Name")
    if end == "withdraw":
        revisions.withdraw(session, waits, by=provider.actor, now=LATER)
    else:
        decide(session, waits, Move(end))
    back = {} if end == "reject" else {"practice": ("A Practice", "B Practice")}
    assert waiting(session, listing) == back | {"name": ("A Name", "C Name"), "credential": ("MD", "DO")}
    assert waiting(session, listing, RevisionState.SUBMITTED) == {}
    assert (listing.name, listing.practice) == ("A Name", "A Practice")


def test_a_value_that_changed_meanwhile_is_refused_with_both_and_can_be_sent_again(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider, practice="A Practice")
    waits = submitted(session, listing, provider, practice="B Practice")
    listing.practice = "X Practice"
    session.flush()
    with pytest.raises(Conflict) as refused:
        decide(session, waits, Move.ACCEPT)
    for text in ("A Practice", "B Practice", "X Practice"):
        assert text in refused.value.sentence
    assert listing.practice == "X Practice"
    revisions.withdraw(session, waits, by=provider.actor, now=LATER)
    again = revisions.find_revision(session, listing, RevisionState.DRAFT)
    assert again is not None
    with pytest.raises(Conflict, match="changed in the meantime"):
        revisions.submit(session, again, by=provider.actor, now=LATER)
    draft(session, listing, provider, practice="B Practice")
    revisions.submit(session, again, by=provider.actor, now=LATER)
    decide(session, again, Move.ACCEPT)
    assert listing.practice == "B Practice"


@pytest.mark.parametrize(
    ("kind", "values", "ends"),
    [
        (ListingKind.PERSON, {"name": "Bo Other"}, True),
        (ListingKind.CLINIC, {"name": "Bo Clinic"}, False),
        (ListingKind.PERSON, {"kind": "clinic"}, True),
        (ListingKind.CLINIC, {"npi": "1234567893"}, True),
        (ListingKind.PERSON, {"practice": "Other", "specialty_code": ""}, False),
    ],
)
def test_another_person_kind_or_npi_ends_the_answers_that_were_signed(
    session: Session, provider: Account, kind: ListingKind, values: dict[str, str], ends: bool
) -> None:
    listing = make_listing(session, provider, kind=kind)
    accepted = make_attestation(session, listing)
    waits = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    decide(session, submitted(session, listing, provider, **values), Move.ACCEPT)
    session.commit()
    session.expire_all()
    assert accepted.state is (AttestationState.REVOKED if ends else AttestationState.ACCEPTED)
    assert waits.state is (AttestationState.RETURNED if ends else AttestationState.SUBMITTED)
    mail = session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
    assert mail is not None
    assert ("shows no badge" in mail.body) is ends
    assert listing.kind is ListingKind(values.get("kind", kind))
    if ends:
        reason = sa.text("SELECT reason FROM attestation_moves WHERE move = 'revoke'")
        assert session.scalar(reason) == BADGE_ENDED_REASON


def test_an_npi_of_another_listing_is_refused_when_saved_and_when_accepted(
    session: Session, provider: Account, other_provider: Account
) -> None:
    listing = make_listing(session, provider)
    waits = submitted(session, listing, provider, npi="1234567893")
    make_listing(session, other_provider, npi="1234567893")
    with pytest.raises(Conflict, match="listed already"):
        decide(session, waits, Move.ACCEPT)
    with pytest.raises(Conflict, match="listed already"):
        draft(session, make_listing(session, provider), provider, npi="1234567893")


def test_addresses_change_as_a_whole_and_those_that_stay_keep_their_phone_and_hours(
    session: Session, provider: Account
) -> None:
    hours = {"monday": []}
    listing = make_listing(
        session,
        provider,
        addresses=(
            make_address(line1="1 Gone Street"),
            make_address(line1="2 Stay Street", phone="303-555-0102", opening_hours=hours),
            make_address(line1="3 Move Street"),
        ),
    )
    _, stay, third = listing.locations
    base = revisions.proposed_values(listing)[ADDRESSES]
    typed = [
        TypedAddress(third.id, make_address(line1="4 New Street", city="Denver", postal_code="80202")),
        TypedAddress(None, make_address(line1="5 Added Street", place=None)),
        TypedAddress(stay.id, make_address(line1="2 Stay Street", place=None)),
    ]
    waits = submitted(session, listing, provider, **{ADDRESSES: typed_documents(base, typed)})
    session.commit()
    assert [row.line1 for row in listing.locations] == ["1 Gone Street", "2 Stay Street", "3 Move Street"]
    decide(session, waits, Move.ACCEPT)
    session.commit()
    session.expire_all()
    rows = [(row.id, row.ordinal, row.line1) for row in listing.locations]
    assert rows == [
        (third.id, 0, "4 New Street"),
        (listing.locations[1].id, 1, "5 Added Street"),
        (stay.id, 2, "2 Stay Street"),
    ]
    assert (stay.phone, stay.opening_hours) == ("303-555-0102", hours)
    assert stay.lat == base[1]["lat"]
    assert listing.locations[1].lat is None


def test_an_address_of_another_listing_or_twice_the_same_is_refused(session: Session, provider: Account) -> None:
    listing, other = make_listing(session, provider), make_listing(session, provider)
    base = revisions.proposed_values(listing)[ADDRESSES]
    own, strange = listing.locations[0].id, other.locations[0].id
    for ids in ([strange], [own, own], [999]):
        with pytest.raises(Invalid, match="not of this listing"):
            typed_documents(base, [TypedAddress(number, make_address()) for number in ids])
    with pytest.raises(Invalid, match="addresses"):
        typed_documents(base, [])


def test_a_revision_is_decided_once_and_its_moves_are_never_rewritten(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    waits = submitted(session, listing, provider, practice="New")
    seen = waits.version
    decide(session, waits, Move.RETURN, version=seen)
    with pytest.raises(Conflict):
        decide(session, waits, Move.ACCEPT)
    session.commit()
    for statement in (sa.update(ListingRevisionMove).values(reason=""), sa.delete(ListingRevisionMove)):
        with pytest.raises(DBAPIError, match="never changed"):
            session.execute(statement)
        session.rollback()


def test_a_return_needs_a_reason_and_the_owner_reads_it(session: Session, provider: Account) -> None:
    waits = submitted(session, make_listing(session, provider), provider, practice="New")
    by = get_reviewer(session).actor
    for move in (Move.RETURN, Move.REJECT):
        with pytest.raises(Invalid, match="Give the reason"):
            decide_revision(session, waits, move, by=by, now=LATER, reason=" ")
    with pytest.raises(NotAllowed):
        decide_revision(session, waits, Move.WITHDRAW, by=by, now=LATER, reason="x")
    decide(session, waits, Move.RETURN)
    mail = session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
    assert mail is not None
    assert "The reason: For a test." in mail.body
    assert "Nothing that you typed is lost" in " ".join(mail.body.split())


def test_a_confirmation_tells_what_it_changes_and_not_what_a_live_change_told_already(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider, languages=("en",), accepts_new_patients=True)
    live(session, listing, provider, languages=["en", "es"])
    facts = ListingFacts(("en", "es"), accepts_new_patients=False)
    when = LATER + timedelta(days=1)
    confirm_listing(session, listing, facts, version=listing.version, by=provider.actor, now=when)
    _, said = queries.owner_statements(session, listing.id)
    assert [change.short for change in said.changed] == ["Takes new patients"]
