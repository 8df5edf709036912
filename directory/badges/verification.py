"""The verification status of signed answers at a given time: valid, or the first reason why they are not."""

import enum
from datetime import datetime

from directory.attestations.lifecycle import AttestationState
from directory.listings import lifecycle as listing


class VerificationStatus(enum.StrEnum):
    """The status that the verification page of a badge shows."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"
    RETIRED = "retired"


def verification_status(
    state: AttestationState, valid_until: datetime, of_listing: listing.ListingState, *, now: datetime
) -> VerificationStatus | None:
    """The status of an attestation; None if it is not and never was public.

    Decisions take precedence over expiry: revoked answers are never “expired”.
    """
    by_state = {
        AttestationState.REVOKED: VerificationStatus.REVOKED,
        AttestationState.SUPERSEDED: VerificationStatus.SUPERSEDED,
    }
    by_listing = {
        listing.ListingState.SUSPENDED: VerificationStatus.SUSPENDED,
        listing.ListingState.RETIRED: VerificationStatus.RETIRED,
    }
    if of_listing not in listing.EVER_PUBLIC or state not in {AttestationState.ACCEPTED, *by_state}:
        return None
    if state in by_state:
        return by_state[state]
    if of_listing in by_listing:
        return by_listing[of_listing]
    return VerificationStatus.VALID if now <= valid_until else VerificationStatus.EXPIRED
