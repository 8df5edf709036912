"""The words for the states of a listing, an attestation and a report, the same for providers and reviewers."""

from directory.attestations.lifecycle import State as Signed
from directory.disputes.lifecycle import State as Disputed
from directory.listings.lifecycle import State

ENTRY_WORDS = {
    State.DRAFT: "Draft",
    State.SUBMITTED: "Waits for a reviewer",
    State.PUBLISHED: "Published",
    State.SUSPENDED: "Off the map for now",
    State.REJECTED: "Not accepted",
    State.RETIRED: "Retired",
}
ANSWERS_WORDS = {
    Signed.DRAFT: "Answers not signed yet",
    Signed.SUBMITTED: "Answers wait for a reviewer",
    Signed.ACCEPTED: "Answers accepted",
    Signed.RETURNED: "Answers returned",
    Signed.WITHDRAWN: "Answers taken back",
    Signed.SUPERSEDED: "Answers replaced by later ones",
    Signed.REVOKED: "Answers revoked",
}
DISPUTE_WORDS = {
    Disputed.REPORTED: "New",
    Disputed.OPEN: "The provider is asked",
    Disputed.ANSWERED: "The provider has answered",
    Disputed.UPHELD: "Upheld",
    Disputed.NOT_UPHELD: "Not upheld",
    Disputed.WITHDRAWN: "Withdrawn",
    Disputed.DISMISSED: "Dismissed",
}
