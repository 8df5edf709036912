"""The words for the states of a listing, an attestation and a report, the same for providers and reviewers."""

from directory.attestations.lifecycle import AttestationState as Signed
from directory.disputes.lifecycle import DisputeState as Disputed
from directory.listings.lifecycle import ListingState

LISTING_LABELS = {
    ListingState.DRAFT: "Draft",
    ListingState.SUBMITTED: "Waits for a reviewer",
    ListingState.PUBLISHED: "Published",
    ListingState.SUSPENDED: "Off the map for now",
    ListingState.REJECTED: "Not accepted",
    ListingState.RETIRED: "Retired",
}
ATTESTATION_LABELS = {
    Signed.DRAFT: "Answers not signed yet",
    Signed.SUBMITTED: "Answers wait for a reviewer",
    Signed.ACCEPTED: "Answers accepted",
    Signed.RETURNED: "Answers returned",
    Signed.WITHDRAWN: "Answers taken back",
    Signed.SUPERSEDED: "Answers replaced by later ones",
    Signed.REVOKED: "Answers revoked",
}
DISPUTE_LABELS = {
    Disputed.REPORTED: "New",
    Disputed.OPEN: "The provider is asked",
    Disputed.ANSWERED: "The provider has answered",
    Disputed.UPHELD: "Upheld",
    Disputed.NOT_UPHELD: "Not upheld",
    Disputed.WITHDRAWN: "Withdrawn",
    Disputed.DISMISSED: "Dismissed",
}
