"""Labels for how well an answer is supported: only stated by the provider, or a document was seen."""

import enum
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


class Label(enum.StrEnum):
    """How an answer is supported; no label means that anyone observed the practice."""

    STATED = "stated"
    DOCUMENT_SEEN = "document_seen"

    @property
    def words(self) -> str:
        """The label's text on pages."""
        return _TEXTS[self]


_TEXTS = {Label.STATED: "Stated by the provider", Label.DOCUMENT_SEEN: "Document seen"}


@dataclass(frozen=True, slots=True)
class InspectionSummary:
    """The reviewer's public one-line text on what they saw for one answer, and when.

    `added_at` is set if some of what they saw was added after signing.
    """

    what: str
    at: datetime
    added_at: datetime | None = None


def label_answers(stated: Iterable[str], seen: Container[str]) -> dict[str, Label]:
    """Return the label of each given answer by key; an answer that was not given has no label."""
    return {key: Label.DOCUMENT_SEEN if key in seen else Label.STATED for key in stated}


def weakest_label(of: Mapping[str, Label]) -> Label:
    """Return the label for the whole attestation: that of its weakest answer, or `STATED` if there are no answers."""
    return Label.DOCUMENT_SEEN if of and Label.STATED not in of.values() else Label.STATED


def summarize_labels(of: Mapping[str, Label]) -> str:
    """Return a sentence on how many answers a document was seen for; empty if for none."""
    count, total = sum(label is Label.DOCUMENT_SEEN for label in of.values()), len(of)
    if not count:
        return ""
    return f"A reviewer saw documents for {f'all {total}' if count == total else f'{count} of {total}'} answers."
