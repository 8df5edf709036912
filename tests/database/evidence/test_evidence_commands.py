"""Evidence in the database: it comes and goes with the draft only, and what was seen is never changed."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from support import sample_files
from support.factories import MATCHING_ANSWERS, NOW, make_attestation, make_listing

from directory.accounts.tables import Account
from directory.attestations import commands as attestation_commands
from directory.attestations.commands import Signature
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict, NotAllowed
from directory.evidence import commands, queries
from directory.evidence.attachment import Note, StoredDocument
from directory.evidence.labels import InspectionSummary
from directory.evidence.tables import Evidence, Inspection

RULES = bundled_rulesets().current
KEY = "volume_per_site_ml"
DOCUMENT = StoredDocument("t.pdf", "ab" * 32, "application/pdf", len(sample_files.pdf()))
ROW = {"criterion": KEY, "kind": "note", "text": "Slipped in.", "at": NOW}


@pytest.fixture
def draft(session: Session, provider: Account) -> Attestation:
    made = make_attestation(session, make_listing(session, provider), state=AttestationState.DRAFT)
    session.commit()
    return made


@pytest.fixture
def signed(session: Session, draft: Attestation, provider: Account) -> Attestation:
    """A signed attestation with one document for its first answer."""
    commands.add(session, draft, RULES, KEY, DOCUMENT, by=provider.actor, now=NOW)
    signature = Signature("Ann Example", "Medical director", agreed=True)
    attestation_commands.submit(session, draft, RULES, signature, {}, version=draft.version, by=provider.actor, now=NOW)
    session.commit()
    return draft


def test_only_the_owner_adds_and_removes(
    session: Session, draft: Attestation, provider: Account, other_provider: Account, admin: Account
) -> None:
    piece = commands.add(session, draft, RULES, KEY, Note("Ours."), by=provider.actor, now=NOW)
    for stranger in (other_provider, admin):
        with pytest.raises(NotAllowed):
            commands.add(session, draft, RULES, KEY, Note("Not ours."), by=stranger.actor, now=NOW)
        with pytest.raises(NotAllowed):
            commands.remove(session, piece, by=stranger.actor, now=NOW)


def test_a_draft_with_more_or_less_evidence_is_another_version(
    session: Session, draft: Attestation, provider: Account
) -> None:
    before = draft.version
    piece = commands.add(session, draft, RULES, KEY, Note("Ours."), by=provider.actor, now=NOW)
    assert draft.version == before + 1
    commands.remove(session, piece, by=provider.actor, now=NOW)
    assert draft.version == before + 2


def test_who_adds_while_somebody_signs_is_refused_by_the_database(
    session: Session, draft: Attestation, provider: Account
) -> None:
    before = draft.version
    signature = Signature("Ann Example", "Medical director", agreed=True)
    commands.add(session, draft, RULES, KEY, Note("Added meanwhile."), by=provider.actor, now=NOW)
    with pytest.raises(Conflict):
        attestation_commands.submit(session, draft, RULES, signature, {}, version=before, by=provider.actor, now=NOW)


def test_after_signing_the_commands_refuse_and_so_does_the_database(
    session: Session, signed: Attestation, provider: Account
) -> None:
    (piece,) = queries.attachments_of(session, signed.id)[KEY]
    with pytest.raises(Conflict):
        commands.add(session, signed, RULES, KEY, Note("Late."), by=provider.actor, now=NOW)
    with pytest.raises(Conflict):
        commands.remove(session, piece, by=provider.actor, now=NOW)
    late = (
        sa.insert(Evidence).values(attestation_id=signed.id, by_id=provider.id, **ROW),
        sa.delete(Evidence),
        sa.update(Evidence).values(text="Never was so."),
    )
    for statement in late:
        with pytest.raises(DatabaseError, match="never changed"):
            session.execute(statement)
        session.rollback()
    assert [row.text for row in session.scalars(sa.select(Evidence))] == ["t.pdf"]


def test_evidence_in_a_draft_is_not_edited_either(session: Session, draft: Attestation, provider: Account) -> None:
    commands.add(session, draft, RULES, KEY, Note("Ours."), by=provider.actor, now=NOW)
    session.commit()
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.update(Evidence).values(text="Never was so."))
    session.rollback()


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "document"},
        {"sha256": "ab" * 32, "media_type": "image/png", "size": 9},
        {"kind": "rumour"},
        {"text": ""},
    ],
)
def test_the_database_keeps_no_document_without_a_file(
    session: Session, draft: Attestation, provider: Account, change: dict[str, object]
) -> None:
    values = {"attestation_id": draft.id, "by_id": provider.id, **ROW, **change}
    with pytest.raises((DatabaseError, sa.exc.StatementError)):
        session.execute(sa.insert(Evidence).values(values))
    session.rollback()


def test_what_was_seen_is_never_changed_or_removed(session: Session, signed: Attestation, reviewer: Account) -> None:
    commands.record_inspection(session, signed, RULES, KEY, "  It says\n 8 mL. ", by=reviewer.actor, now=NOW)
    session.commit()
    for statement in (sa.update(Inspection).values(what="It says 80 mL."), sa.delete(Inspection)):
        with pytest.raises(DatabaseError, match="never changed"):
            session.execute(statement)
        session.rollback()
    assert queries.inspections(session, signed.id) == {KEY: InspectionSummary("It says 8 mL.", NOW)}
    assert queries.inspection_details(session, signed.id)[KEY].by == "Ruth Reviewer"


def test_nobody_looks_at_a_draft(session: Session, draft: Attestation, reviewer: Account) -> None:
    with pytest.raises(Conflict):
        commands.record_inspection(session, draft, RULES, KEY, "It says 8 mL.", by=reviewer.actor, now=NOW)
    row = {"attestation_id": draft.id, "criterion": KEY, "what": "Early.", "by_id": reviewer.id, "at": NOW}
    with pytest.raises(DatabaseError, match="for answers that are signed"):
        session.execute(sa.insert(Inspection).values(row))
    session.rollback()


def test_two_who_look_at_once_do_not_both_win(session: Session, signed: Attestation, reviewer: Account) -> None:
    commands.record_inspection(session, signed, RULES, KEY, "It says 8 mL.", by=reviewer.actor, now=NOW)
    row = {"attestation_id": signed.id, "criterion": KEY, "what": "Again.", "by_id": reviewer.id, "at": NOW}
    with pytest.raises(sa.exc.IntegrityError):
        session.execute(sa.insert(Inspection).values(row))
    session.rollback()


def test_new_answers_begin_without_the_evidence_and_the_labels_of_the_old(
    session: Session, signed: Attestation, provider: Account, reviewer: Account
) -> None:
    commands.record_inspection(session, signed, RULES, KEY, "It says 8 mL.", by=reviewer.actor, now=NOW)
    attestation_commands.withdraw(session, signed, by=provider.actor, now=NOW)
    again = make_attestation(session, signed.listing, state=AttestationState.SUBMITTED, answers=MATCHING_ANSWERS)
    assert queries.attachments_of(session, again.id) == {}
    assert queries.inspections_by_attestation(session, [signed.id, again.id]).keys() == {signed.id}


def test_the_sweep_knows_every_file_of_every_row(session: Session, signed: Attestation) -> None:
    assert signed.id
    assert queries.stored_hashes(session) == {DOCUMENT.sha256}
