"""How messages about a listing are shown to its managers and to reviewers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.messages.queries import WrittenMessage, messages_of
from directory.messages.tables import Sender

MESSAGE_ID = "<int(max=2147483647):message_id>"
"""URL converter for a message id, limited to the integer range of both databases."""


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message; `asked` is the short name of the answer that it is about, or empty.

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


def message_views(session: Session, listing_id: int, rulesets: Rulesets) -> tuple[MessageView, ...]:
    """Return the latest messages about a listing, the newest first."""
    return tuple(_view(written, rulesets) for written in messages_of(session, listing_id))


def last_number(views: Sequence[MessageView]) -> int:
    """Return the number of the newest message, 0 if there is none."""
    return views[0].number if views else 0


def _view(written: WrittenMessage, rulesets: Rulesets) -> MessageView:
    row = written.message
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
    )


def _short_name(attestation: Attestation | None, key: str, rulesets: Rulesets) -> str:
    question = rulesets.load(attestation.ruleset_id).question(key) if attestation else None
    return question.short if question else ""
