"""The four exceptions of the application: `NotFound`, `NotAllowed`, `Conflict` and `Invalid`."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with what was sent: the field's name and a sentence that names the limit."""

    field: str
    detail: str


class Refusal(Exception):
    """Something that was asked for and is not given; `sentence` may be shown to anybody."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(Refusal):
    """There is no such thing, or not for this person."""


class NotAllowed(Refusal):
    """The thing exists, and this person may not do that to it."""


class Conflict(Refusal):
    """The thing is no longer in the state, or the version, that the request was made for."""


class Invalid(Refusal):
    """What was sent breaks a limit; `faults` names each field."""

    def __init__(self, faults: Sequence[FieldError], sentence: str | None = None) -> None:
        if not faults:
            raise ValueError("an Invalid refusal names at least one fault")
        super().__init__(sentence or " ".join(fault.detail for fault in faults))
        self.faults = tuple(faults)
