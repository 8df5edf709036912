"""Evidence that a reviewer asks for after signing: added once asked, never signed, never removed, and said so."""

from datetime import timedelta

import flask_migrate
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from support.factories import NOW, make_account, make_attestation, make_listing
from support.message_factories import make_message, make_subject

from directory import transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.digest import verify
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation
from directory.audit.tables import AuditEntry
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict, Invalid
from directory.evidence import commands, queries
from directory.evidence.attachment import Attachment, Link, StoredDocument
from directory.evidence.tables import Evidence
from directory.messages.commands import answer_message
from directory.messages.tables import Message
from directory.review.commands import decide_attestation

RULES = bundled_rulesets()
KEY = "volume_per_site_ml"
DOCUMENT = StoredDocument("protocol.pdf", "ab" * 32, "application/pdf", 9)
DAY = timedelta(days=1)


@pytest.fixture(params=[AttestationState.SUBMITTED, AttestationState.ACCEPTED])
def signed(request: pytest.FixtureRequest, session: Session, provider: Account) -> Attestation:
    made = make_attestation(session, make_listing(session, provider), state=request.param)
    session.commit()
    return made


def ask(session: Session, attestation: Attestation, *, evidence: bool = True) -> Message:
    subject = make_subject(attestation, asks_for_evidence=evidence)
    return make_message(session, attestation.listing, subject=subject)


def give(session: Session, message: Message, by: Account, *pieces: Attachment, text: str = "") -> Message:
    actor, now = by.actor, NOW + DAY
    return answer_message(session, message, text, seen=None, by=actor, now=now, evidence=pieces, rulesets=RULES)


def test_what_a_reviewer_asked_for_is_added_without_signing_anew(
    session: Session, signed: Attestation, provider: Account
) -> None:
    before, state = signed.digest, signed.state
    give(session, ask(session, signed), provider, DOCUMENT, Link("https://example.org/protocol"))
    session.commit()
    added = queries.added_after_signing(session, [signed.id])[signed.id, KEY]
    assert [(row.text, row.at, row.after_signing) for row in added] == [
        ("protocol.pdf", NOW + DAY, True),
        ("https://example.org/protocol", NOW + DAY, True),
    ]
    assert (signed.digest, signed.state) == (before, state)
    assert verify(signed)
    entries = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "evidence.add_later")).all()
    assert {entry.object for entry in entries} == {f"attestation:{signed.public_id}"}
    assert len({entry.after for entry in entries}) == 2
    assert DOCUMENT.sha256 in queries.stored_hashes(session)


def test_evidence_is_added_only_where_it_was_asked_for(
    session: Session, signed: Attestation, provider: Account
) -> None:
    with pytest.raises(Invalid, match="did not ask for a document"):
        give(session, ask(session, signed, evidence=False), provider, DOCUMENT)
    with pytest.raises(Invalid, match="did not ask for a document"):
        give(session, make_message(session, signed.listing), provider, DOCUMENT)
    asked = ask(session, signed)
    with pytest.raises(Invalid, match="nter your answer"):
        give(session, asked, provider)
    give(session, asked, provider, text="We have no document.")
    with pytest.raises(Conflict):
        give(session, asked, provider, DOCUMENT)
    assert queries.added_after_signing(session, [signed.id]) == {}


def test_nothing_is_added_to_answers_that_count_no_more(session: Session, provider: Account, reviewer: Account) -> None:
    accepted = make_attestation(session, make_listing(session, provider))
    asked = ask(session, accepted)
    decide_attestation(session, accepted, Move.REVOKE, by=reviewer.actor, now=NOW, rulesets=RULES, reason="For a test.")
    with pytest.raises(Conflict, match="revoked"):
        give(session, asked, provider, DOCUMENT)


def test_five_pieces_are_added_to_an_answer_at_most(session: Session, signed: Attestation, provider: Account) -> None:
    links = [Link(f"https://example.org/{number}") for number in range(6)]
    with pytest.raises(Invalid, match="At most 5"):
        give(session, ask(session, signed), provider, *links)


def test_the_database_keeps_what_was_added_and_takes_nothing_as_if_it_had_been_signed(
    session: Session, signed: Attestation, provider: Account
) -> None:
    give(session, ask(session, signed), provider, DOCUMENT)
    session.commit()
    row = {"attestation_id": signed.id, "criterion": KEY, "kind": "note", "text": "Slipped in.", "by_id": provider.id}
    statements = (
        sa.insert(Evidence).values(row | {"at": NOW, "after_signing": False}),
        sa.update(Evidence).values(after_signing=False),
        sa.delete(Evidence),
    )
    for statement in statements:
        with pytest.raises(DatabaseError, match="never changed"):
            session.execute(statement)
        session.rollback()


def test_a_draft_and_answers_that_were_returned_take_nothing_later(session: Session, provider: Account) -> None:
    for state in (AttestationState.DRAFT, AttestationState.RETURNED):
        attestation = make_attestation(session, make_listing(session, provider), state=state)
        session.commit()
        row = {"attestation_id": attestation.id, "criterion": KEY, "kind": "note", "text": "Late.", "at": NOW}
        with pytest.raises(DatabaseError, match="never changed"):
            session.execute(sa.insert(Evidence).values(row | {"by_id": provider.id, "after_signing": True}))
        session.rollback()


def test_what_was_seen_says_that_it_was_added_after_signing(
    session: Session, signed: Attestation, provider: Account, reviewer: Account
) -> None:
    give(session, ask(session, signed), provider, DOCUMENT)
    ruleset = RULES.load(signed.ruleset_id)
    later = NOW + 2 * DAY
    commands.record_inspection(session, signed, ruleset, KEY, "It says 8 mL.", by=reviewer.actor, now=later)
    (seen,) = queries.inspections(session, signed.id).values()
    assert (seen.what, seen.at, seen.added_at) == ("It says 8 mL.", later, NOW + DAY)


def test_what_was_seen_before_is_not_said_to_be_added_later(
    session: Session, provider: Account, reviewer: Account
) -> None:
    attestation = make_attestation(session, make_listing(session, provider), state=AttestationState.ACCEPTED)
    give(session, ask(session, attestation), provider, Link("https://example.org/1"))
    ruleset = RULES.load(attestation.ruleset_id)
    commands.record_inspection(session, attestation, ruleset, KEY, "8 mL.", by=reviewer.actor, now=NOW + DAY)
    again = make_message(
        session, attestation.listing, subject=make_subject(attestation, asks_for_evidence=True), now=NOW + 2 * DAY
    )
    answer_message(
        session, again, "", seen=None, by=provider.actor, now=NOW + 3 * DAY, rulesets=RULES,
        evidence=[Link("https://example.org/2")],
    )  # fmt: skip
    (seen,) = queries.inspections(session, attestation.id).values()
    assert seen.added_at == NOW + DAY


@pytest.mark.usefixtures("installation")
def test_the_previous_release_does_not_show_it_as_signed() -> None:
    with transaction.atomic() as session:
        owner = make_account(session, Role.PROVIDER)
        attestation = make_attestation(session, make_listing(session, owner), state=AttestationState.DRAFT)
        ruleset = RULES.load(attestation.ruleset_id)
        commands.add(session, attestation, ruleset, KEY, Link("https://example.org/signed"), by=owner.actor, now=NOW)
        accepted = make_attestation(session, make_listing(session, owner))
        give(session, ask(session, accepted), owner, DOCUMENT)
    session.close()
    flask_migrate.downgrade(revision="0025")
    assert session.scalars(sa.text("SELECT text FROM evidence")).all() == ["https://example.org/signed"]
    session.close()
    flask_migrate.upgrade()
    assert [row.after_signing for row in session.scalars(sa.select(Evidence))] == [False]
    session.close()
