"""How messages about a listing are shown to its managers and to reviewers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.evidence.queries import added_after_signing
from directory.evidence.tables import Evidence
from directory.messages.queries import WrittenMessage, messages_of
from directory.messages.tables import Sender

MESSAGE_ID = "<int(max=2147483647):message_id>"
"""URL converter for a message id, limited to the integer range of both databases."""


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message; `asked` is the short name of the answer that it is about, or empty.

    `evidence` is what was added to that answer after signing, if the message asked for it.
    `author` and `reader` are names, which providers do not see of reviewers.
    """

    id: int
    number: int
    is_from_staff: bool
    author: str
    text: str
    at: datetime
    asked: str
    asks_for_evidence: bool
    is_open: bool
    attestation_id: int | None
    read_at: datetime | None
    reader: str
    evidence: tuple[Evidence, ...]
    documents: str

    def document_href(self, evidence_id: int) -> str:
        """Return the download URL of a document."""
        return url_for(self.documents, attestation_id=self.attestation_id, evidence_id=evidence_id)


def message_views(session: Session, listing_id: int, rulesets: Rulesets, *, documents: str) -> tuple[MessageView, ...]:
    """Return the latest messages about a listing, the newest first; `documents` is the endpoint of their documents."""
    rows = messages_of(session, listing_id)
    asked = {row.message.attestation_id for row in rows if row.message.attestation_id and row.message.asks_for_evidence}
    added = added_after_signing(session, asked) if asked else {}
    return tuple(_view(written, rulesets, added, documents) for written in rows)


def last_number(views: Sequence[MessageView]) -> int:
    """Return the number of the newest message, 0 if there is none."""
    return views[0].number if views else 0


def _view(
    written: WrittenMessage, rulesets: Rulesets, added: Mapping[tuple[int, str], Sequence[Evidence]], documents: str
) -> MessageView:
    row = written.message
    evidence = added.get((row.attestation_id or 0, row.question), ()) if row.asks_for_evidence else ()
    return MessageView(
        id=row.id,
        number=row.number,
        is_from_staff=row.sender is Sender.STAFF,
        author=written.author,
        text=row.text,
        at=row.at,
        asked=_short_name(row.attestation, row.question, rulesets),
        asks_for_evidence=row.asks_for_evidence,
        is_open=row.settled_at is None,
        attestation_id=row.attestation_id,
        read_at=row.read_at,
        reader=written.reader,
        evidence=tuple(evidence),
        documents=documents,
    )


def _short_name(attestation: Attestation | None, key: str, rulesets: Rulesets) -> str:
    question = rulesets.load(attestation.ruleset_id).question(key) if attestation else None
    return question.short if question else ""
