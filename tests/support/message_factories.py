"""Messages about a listing, written by the product's own commands; commit what a request shall see."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.listings.tables import Listing
from directory.messages.commands import write_message
from directory.messages.subject import Subject
from directory.messages.tables import Message
from support.factories import NOW, get_reviewer

QUESTION = "Is the phone number still right?"


def make_message(
    session: Session, listing: Listing, text: str = QUESTION, *, now: datetime = NOW, **details: Any
) -> Message:
    """A message of a reviewer, which needs an answer unless told otherwise."""
    by = get_reviewer(session).actor
    return write_message(session, listing, text, seen=None, by=by, now=now, **details)


def make_subject(
    attestation: Attestation, question: str = "volume_per_site_ml", *, asks_for_evidence: bool = False
) -> Subject:
    """An answer of an attestation."""
    ruleset = bundled_rulesets().load(attestation.ruleset_id)
    return Subject(attestation, ruleset, question, asks_for_evidence=asks_for_evidence)
