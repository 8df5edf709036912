"""The outcomes of a random audit, and the ways to contact a provider for one."""

import enum


class AuditOutcome(enum.StrEnum):
    """What a closer look at drawn answers came to."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    NOT_REACHED = "not_reached"
    UNCLEAR = "unclear"


class ContactChannel(enum.StrEnum):
    """How a reviewer tried to contact a provider."""

    PHONE = "phone"
    EMAIL = "email"
    LETTER = "letter"


CONCLUSIVE = frozenset({AuditOutcome.CONFIRMED, AuditOutcome.NOT_CONFIRMED})
"""The outcomes that say whether the answers hold; only these count in the measured accuracy."""
