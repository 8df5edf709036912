"""What becomes of a row of an import."""

import enum


class Effect(enum.StrEnum):
    """What becomes of a row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SUSPENDED = "suspended"
    SKIPPED = "skipped"
    """The row is right, but nothing is done with it."""
    REJECTED = "rejected"
    """The row cannot be used."""
