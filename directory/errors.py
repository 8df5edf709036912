"""The four exceptions of the application: `NotFound`, `NotAllowed`, `Conflict` and `Invalid`."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One validation error: the field's name and a sentence that states the limit."""

    field: str
    detail: str


class Refusal(Exception):
    """The base class of the four exceptions; `sentence` may be shown to any user."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(Refusal):
    """The thing does not exist, or is not visible to this user."""


class NotAllowed(Refusal):
    """The thing exists, but this user may not do that to it."""


class Conflict(Refusal):
    """The thing is no longer in the state or version that the request was made for."""


class Invalid(Refusal):
    """The input is not valid; `faults` has an error for each field."""

    def __init__(self, faults: Sequence[FieldError], sentence: str | None = None) -> None:
        if not faults:
            raise ValueError("an Invalid refusal names at least one fault")
        super().__init__(sentence or " ".join(fault.detail for fault in faults))
        self.faults = tuple(faults)
