"""What signed answers are worth at one moment: valid, or the first reason why not."""

import enum
from datetime import datetime

from directory.attestations.lifecycle import State
from directory.listings import lifecycle as listing


class Proof(enum.StrEnum):
    """What somebody who checks a badge is told first."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"
    RETIRED = "retired"


def proof(state: State, valid_until: datetime, of_listing: listing.State, *, now: datetime) -> Proof | None:
    """What an attestation is worth; None for one that is not, and never was, public.

    What somebody decided comes before what merely ran out: answers that were revoked never say “expired”.
    """
    by_state = {State.REVOKED: Proof.REVOKED, State.SUPERSEDED: Proof.SUPERSEDED}
    by_listing = {listing.State.SUSPENDED: Proof.SUSPENDED, listing.State.RETIRED: Proof.RETIRED}
    if of_listing not in listing.ONCE_PUBLIC or state not in {State.ACCEPTED, *by_state}:
        return None
    if state in by_state:
        return by_state[state]
    if of_listing in by_listing:
        return by_listing[of_listing]
    return Proof.VALID if now <= valid_until else Proof.EXPIRED
