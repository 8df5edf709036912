"""Commands that add evidence to a draft, remove it, and record a reviewer's inspection in the audit log."""

import re
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from directory.accounts.policy import Action, Actor, require
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.audit.chain import digest, format_timestamp
from directory.audit.commands import record
from directory.certification.ruleset import Ruleset
from directory.errors import Conflict, FieldError, Invalid
from directory.evidence import queries
from directory.evidence.attachment import Attachment, Link, Note, StoredDocument
from directory.evidence.labels import Label
from directory.evidence.tables import Evidence, EvidenceKind, Inspection
from directory.listings.text_limits import check_text

MAX_ATTACHMENTS = 5
"""Maximum number of attachments for one answer; arbitrary, limits disk use and a reviewer's reading."""

MAX_INSPECTION_TEXT = 300
"""Maximum length of a reviewer's text in characters; arbitrary, a line or two."""

INSPECTABLE = frozenset({AttestationState.SUBMITTED, AttestationState.ACCEPTED})
ALREADY_SIGNED = "These answers are signed, and so is what was added to them. Answer again to add something else."

_OVERSTATEMENT = re.compile(r"\b(verif|approv|accredit|certif|guarant|endors)", re.IGNORECASE)
"""Words that claim more than that a reviewer looked at a document."""


def add(
    session: Session,
    attestation: Attestation,
    ruleset: Ruleset,
    key: str,
    piece: Attachment,
    *,
    by: Actor,
    now: datetime,
) -> Evidence:
    """Add one attachment to one answer of a draft.

    This raises the draft's version, so a signer who saw an older version must look at it again.

    Raises:
        Invalid: there is no such answer, or it already has `MAX_ATTACHMENTS` attachments.
        Conflict: the attestation is already signed.
    """
    require(by, Action.PREPARE_ANSWERS, right=attestation.listing.right_of(by.id))
    _touch_draft(session, attestation, now=now)
    _require_answer(ruleset, attestation, key, field="criterion")
    if _count(session, attestation, key) >= MAX_ATTACHMENTS:
        sentence = f"An answer can have {MAX_ATTACHMENTS} pieces of evidence at most. Remove one first."
        raise Invalid([FieldError("criterion", sentence)])
    return _attach(session, Evidence(attestation_id=attestation.id, criterion=key, by_id=by.id, at=now), piece)


def add_after_signing(
    session: Session,
    attestation: Attestation,
    ruleset: Ruleset,
    key: str,
    piece: Attachment,
    *,
    by: Actor,
    now: datetime,
) -> Evidence:
    """Add one attachment to an answer that is signed already, for which a reviewer asked.

    What was signed stays as it is. The addition has a log entry of its own, and cannot be removed.

    Raises:
        Invalid: there is no such answer, or `MAX_ATTACHMENTS` attachments were added to it after signing.
        Conflict: the answers are not signed, or count no more.
    """
    require(by, Action.PREPARE_ANSWERS, right=attestation.listing.right_of(by.id))
    if attestation.state not in INSPECTABLE:
        raise Conflict(f"These answers are {attestation.state.value}, so nothing can be added to them.")
    _require_answer(ruleset, attestation, key, field="")
    later = queries.added_after_signing(session, [attestation.id]).get((attestation.id, key), [])
    if len(later) >= MAX_ATTACHMENTS:
        raise Invalid([FieldError("", f"At most {MAX_ATTACHMENTS} pieces can be added to an answer after signing.")])
    made = Evidence(attestation_id=attestation.id, criterion=key, by_id=by.id, at=now, after_signing=True)
    _attach(session, made, piece)
    record(
        session,
        action="evidence.add_later",
        target=f"attestation:{attestation.public_id}",
        before=None,
        after=_addition_digest(attestation, made),
        by=by.id,
        now=now,
    )
    return made


def _addition_digest(attestation: Attestation, made: Evidence) -> str:
    """Return the hash of an addition: of a document its own hash is in it, of a text nothing."""
    return digest(
        {
            "answer": made.criterion,
            "at": format_timestamp(made.at),
            "attestation": attestation.public_id,
            "by": made.by_id,
            "document": made.sha256,
            "kind": made.kind.value,
        }
    )


def _attach(session: Session, made: Evidence, piece: Attachment) -> Evidence:
    match piece:
        case Note(text):
            made.kind, made.text = EvidenceKind.NOTE, text
        case Link(url):
            made.kind, made.text = EvidenceKind.LINK, url
        case StoredDocument():
            made.kind, made.text = EvidenceKind.DOCUMENT, piece.name
            made.sha256, made.media_type, made.size = piece.sha256, piece.media_type, piece.size
    session.add(made)
    session.flush()
    return made


def remove(session: Session, piece: Evidence, *, by: Actor, now: datetime) -> None:
    """Remove an attachment from a draft, such as one that shows a patient.

    `storage.delete_orphans` later deletes its file.

    Raises:
        Conflict: the attestation is already signed.
    """
    attestation = piece.attestation
    require(by, Action.PREPARE_ANSWERS, right=attestation.listing.right_of(by.id))
    _touch_draft(session, attestation, now=now)
    session.delete(piece)
    session.flush()


def record_inspection(
    session: Session, attestation: Attestation, ruleset: Ruleset, key: str, what: str, *, by: Actor, now: datetime
) -> Inspection:
    """Record what a reviewer saw for one answer, only once; from then on its label is *document seen*.

    Raises:
        NotAllowed: `by` is not a reviewer, or the listing is their own.
        Invalid: the text is empty, too long or claims too much, or there is neither a document nor a link to inspect.
        Conflict: an inspection is already recorded, or the answers are not signed or no longer count.
    """
    require(by, Action.DECIDE, right=attestation.listing.right_of(by.id))
    if attestation.state not in INSPECTABLE:
        raise Conflict(f"These answers are {attestation.state.value}, so it is too late or too early to look.")
    field = inspection_field(key)
    _require_answer(ruleset, attestation, key, field=field)
    what = " ".join(what.split())
    if faults := [
        *check_text(field, "What you saw", what, least=1, most=MAX_INSPECTION_TEXT),
        *_check_overstatement(field, what),
    ]:
        raise Invalid(faults)
    if not _count(session, attestation, key, EvidenceKind.DOCUMENT, EvidenceKind.LINK):
        raise Invalid([FieldError(field, "There is neither a document nor a link for this answer, so nothing to see.")])
    of_answer = sa.select(Inspection.id).where(Inspection.attestation_id == attestation.id, Inspection.criterion == key)
    if session.scalar(of_answer) is not None:
        raise Conflict("Somebody has looked at this answer already. What they saw stays as they wrote it.")
    made = Inspection(attestation_id=attestation.id, criterion=key, what=what, by_id=by.id, at=now)
    session.add(made)
    session.flush()
    record(
        session,
        action="evidence.look",
        target=f"attestation:{attestation.public_id}",
        before=None,
        after=inspection_digest(attestation, made),
        by=by.id,
        now=now,
    )
    return made


def inspection_digest(attestation: Attestation, made: Inspection) -> str:
    """Return the hash of an inspection, which anyone can recompute from public data."""
    return digest(
        {
            "answer": made.criterion,
            "at": format_timestamp(made.at),
            "attestation": attestation.public_id,
            "by": made.by_id,
            "label": Label.DOCUMENT_SEEN.value,
            "what": made.what,
        }
    )


def inspection_field(key: str) -> str:
    """Return the name of the form field for what a reviewer saw for an answer."""
    return f"seen_{key}"


def _touch_draft(session: Session, attestation: Attestation, *, now: datetime) -> None:
    """Raise the draft's version, so that a signer cannot sign content they have not seen.

    A concurrent signature waits for this transaction or fails.
    """
    if attestation.state is not AttestationState.DRAFT:
        raise Conflict(ALREADY_SIGNED)
    attestation.updated_at = now
    # Forces a new version even if the timestamp is unchanged.
    flag_modified(attestation, "updated_at")
    session.flush()


def _require_answer(ruleset: Ruleset, attestation: Attestation, key: str, *, field: str) -> None:
    if key not in {criterion.key for criterion in ruleset.criteria}:
        raise Invalid([FieldError(field, "Choose the answer that it is about.")])
    if attestation.answers.get(key) is None:
        raise Invalid([FieldError(field, "This question is not answered, so there is nothing to back up.")])


def _count(session: Session, attestation: Attestation, key: str, *kinds: EvidenceKind) -> int:
    wanted = (
        sa.select(sa.func.count())
        .select_from(Evidence)
        .where(
            Evidence.attestation_id == attestation.id,
            Evidence.criterion == key,
            Evidence.kind.in_(kinds or EvidenceKind),
        )
    )
    return session.scalar(wanted) or 0


def _check_overstatement(field: str, what: str) -> Iterator[FieldError]:
    if found := _OVERSTATEMENT.search(what):
        sentence = (
            f"Say what you saw and what it says, without “{found.group()}…”: we promise nothing more than a look."
        )
        yield FieldError(field, sentence)
