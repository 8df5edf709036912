"""Labels for how well an answer is supported: only stated by the provider, or a document was seen."""

import enum
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


class Label(enum.StrEnum):
    """What stands behind an answer. Nobody watched, whichever it is."""

    STATED = "stated"
    DOCUMENT_SEEN = "document_seen"

    @property
    def words(self) -> str:
        """As pages say it."""
        return _TEXTS[self]


_TEXTS = {Label.STATED: "Stated by the provider", Label.DOCUMENT_SEEN: "Document seen"}


@dataclass(frozen=True, slots=True)
class InspectionSummary:
    """What a reviewer saw for one answer, in their one line that everybody can read, and when."""

    what: str
    at: datetime


def label_answers(stated: Iterable[str], seen: Container[str]) -> dict[str, Label]:
    """The label of each stated answer, by its key; an answer that was not given has none."""
    return {key: Label.DOCUMENT_SEEN if key in seen else Label.STATED for key in stated}


def weakest_label(of: Mapping[str, Label]) -> Label:
    """The label of the whole: as strong as its weakest answer, and only stated where there is no answer at all."""
    return Label.DOCUMENT_SEEN if of and Label.STATED not in of.values() else Label.STATED


def summarize_labels(of: Mapping[str, Label]) -> str:
    """For how many answers a document was seen, in one sentence; empty where for none."""
    count, total = sum(label is Label.DOCUMENT_SEEN for label in of.values()), len(of)
    if not count:
        return ""
    return f"A reviewer saw documents for {f'all {total}' if count == total else f'{count} of {total}'} answers."
