"""Decisions on changes of a published listing: what is written, what goes back to the owner, and the badge."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from support.factories import (
    get_reviewer,
    make_address,
    make_attestation,
    make_listing,
)
from support.revision_actions import LATER, decide, draft, submitted, waiting

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings import revisions
from directory.listings.address_changes import TypedAddress, typed_documents
from directory.listings.changes import ADDRESSES
from directory.listings.kinds import ListingKind
from directory.listings.revision_lifecycle import Move, RevisionState
from directory.listings.revision_store import find_revision
from directory.listings.tables import ListingRevisionMove
from directory.outbox.tables import Email
from directory.review.revisions import BADGE_ENDED_REASON, decide_revision


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
    again = find_revision(session, listing, RevisionState.DRAFT)
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
