"""What the art of a badge says, for every standing a listing can have: three short lines and one sentence."""

import enum
from dataclasses import dataclass
from datetime import datetime

from directory.badges.badge import TITLE, Standing, month


class Absence(enum.StrEnum):
    """Why a listing that was public once shows no answers, where there is more to say than "not stated"."""

    REVOKED = "revoked"
    SUSPENDED = "suspended"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Face:
    """The words in the art. A badge is a solid tag, everything else an outline; `brief` is for the small size."""

    standing: Standing | Absence
    title: str
    line: str
    note: str
    brief: str
    brief_title: str = ""

    @property
    def solid(self) -> bool:
        """Whether this is a badge."""
        return self.standing is Standing.BADGE

    @property
    def sentence(self) -> str:
        """All of it in one text, for who does not see the art."""
        return " · ".join(part for part in (self.title, self.line, self.note) if part)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a face needs to know of an accepted attestation; `rules` is how many there are."""

    ruleset_id: str
    rules: int
    valid_until: datetime
    documents_seen: bool = False


UNWATCHED = "We did not watch the procedure."


def face(standing: Standing | Absence, signed: Signed | None = None) -> Face:
    """The words for a standing.

    Raises:
        ValueError: the standing speaks of an attestation, and none is given.
    """
    if standing in _WITHOUT:
        return _WITHOUT[standing]
    if signed is None:
        raise ValueError(f"the face of {standing} needs what was signed")
    ends, rules = month(signed.valid_until), f"rules {signed.ruleset_id}"
    if standing is Standing.BADGE:
        line = f"Answers match all {signed.rules} rules of {signed.ruleset_id}"
        note = " ".join((f"Valid to {ends}.", *(["Documents seen."] if signed.documents_seen else []), UNWATCHED))
        return Face(standing, TITLE, line, note, f"{signed.ruleset_id} · to {ends}", "Self-certified")
    if standing is Standing.EXPIRED:
        line = f"Self-certified answers were valid to {ends}"
        return Face(standing, "Answers are out of date", line, f"Under {rules}", f"since {ends}")
    line = f"Self-certified, {rules}, valid to {ends}"
    return Face(standing, "Answers do not match every rule", line, UNWATCHED, f"{signed.ruleset_id} · to {ends}")


_WITHOUT: dict[Standing | Absence, Face] = {
    Standing.NOT_STATED: Face(
        Standing.NOT_STATED,
        "Not stated",
        "No self-certified answers here",
        "You can ask how they take bone marrow.",
        "no self-certified answers",
    ),
    Absence.REVOKED: Face(
        Absence.REVOKED,
        "Answers were revoked",
        "No self-certified answers count here today",
        "The public record says when and why.",
        "nothing self-certified today",
    ),
    Absence.SUSPENDED: Face(
        Absence.SUSPENDED,
        "Off the list for now",
        "No self-certified answers count here today",
        "This entry is not shown at present.",
        "nothing self-certified today",
    ),
    Absence.RETIRED: Face(
        Absence.RETIRED,
        "No longer listed",
        "No self-certified answers count here today",
        "This entry has left the directory.",
        "nothing self-certified today",
    ),
}
