"""The subject of a message: one answer of a signed attestation."""

from dataclasses import dataclass

from directory.attestations.tables import Attestation
from directory.certification.ruleset import Ruleset
from directory.errors import Conflict, FieldError, Invalid
from directory.evidence.commands import INSPECTABLE
from directory.listings.tables import Listing
from directory.messages.tables import Message


@dataclass(frozen=True, slots=True)
class Subject:
    """A graded answer of an attestation that waits or counts; `ruleset` is the one under which it was signed."""

    attestation: Attestation
    ruleset: Ruleset
    question: str
    asks_for_evidence: bool = False

    @property
    def label(self) -> str:
        """The short name of the question."""
        question = self.ruleset.question(self.question)
        return question.short if question else ""

    def require_of(self, listing: Listing) -> None:
        """Check that it is an answer of this listing that waits for a decision or counts.

        Raises:
            Invalid: it is another listing's, or not answered.
            Conflict: the answers count no more.
        """
        keys = {criterion.key for criterion in self.ruleset.criteria}
        answered = self.question in keys and self.attestation.answers.get(self.question) is not None
        if self.attestation.listing_id != listing.id or not answered:
            raise Invalid([FieldError("about", "Choose an answer of this listing, or none.")])
        if self.attestation.state not in INSPECTABLE:
            raise Conflict(f"These answers are {self.attestation.state.value}, so nothing can be asked about them.")

    def set_on(self, message: Message) -> None:
        """Store it in a message."""
        message.attestation, message.question = self.attestation, self.question
        message.asks_for_evidence = self.asks_for_evidence
