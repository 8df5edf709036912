"""Display labels for the states of listings, attestations, changes and reports, and for the outcomes of audits."""

from directory.attestations.lifecycle import AttestationState
from directory.claims.lifecycle import ClaimState, RemovalState
from directory.disputes.lifecycle import DisputeState, Remedy
from directory.listings.lifecycle import ListingState
from directory.listings.revision_lifecycle import RevisionState
from directory.review.audit_outcome import AuditOutcome

LISTING_LABELS = {
    ListingState.DRAFT: "Draft",
    ListingState.SUBMITTED: "Waits for a reviewer",
    ListingState.PUBLISHED: "Published",
    ListingState.SUSPENDED: "Off the map for now",
    ListingState.REJECTED: "Not accepted",
    ListingState.RETIRED: "Retired",
}
ATTESTATION_LABELS = {
    AttestationState.DRAFT: "Answers not signed yet",
    AttestationState.SUBMITTED: "Answers wait for a reviewer",
    AttestationState.ACCEPTED: "Answers accepted",
    AttestationState.RETURNED: "Answers returned",
    AttestationState.WITHDRAWN: "Answers taken back",
    AttestationState.SUPERSEDED: "Answers replaced by later ones",
    AttestationState.REVOKED: "Answers revoked",
}
REVISION_LABELS = {
    RevisionState.DRAFT: "Not sent yet",
    RevisionState.SUBMITTED: "The change waits for a reviewer",
    RevisionState.ACCEPTED: "The change is public",
    RevisionState.RETURNED: "The change was returned",
    RevisionState.REJECTED: "The change was not accepted",
    RevisionState.WITHDRAWN: "The change was taken back",
    RevisionState.LIVE: "Changed at once",
}
DISPUTE_LABELS = {
    DisputeState.REPORTED: "New",
    DisputeState.OPEN: "The provider is asked",
    DisputeState.ANSWERED: "The provider has answered",
    DisputeState.UPHELD: "Upheld",
    DisputeState.NOT_UPHELD: "Not upheld",
    DisputeState.WITHDRAWN: "Withdrawn",
    DisputeState.DISMISSED: "Dismissed",
}
REMEDY_LABELS = {
    Remedy.REVOKED: "Upheld: answers revoked",
    Remedy.CORRECTED: "Upheld: put right by the provider",
    Remedy.CORRECTED_BY_US: "Upheld: corrected by us",
    Remedy.COULD_NOT_REACH: "Upheld: could not reach the provider",
}
"""An upheld report with what became of it, for reviewers."""

CLAIM_LABELS = {
    ClaimState.DRAFT: "Not proved yet",
    ClaimState.SUBMITTED: "Waits for a reviewer",
    ClaimState.DISPUTED: "Disputed",
    ClaimState.APPROVED: "Approved",
    ClaimState.REFUSED: "Refused",
    ClaimState.WITHDRAWN: "Withdrawn",
}
REMOVAL_LABELS = {
    RemovalState.REQUESTED: "Waits for a reviewer",
    RemovalState.ACCEPTED: "Taken down",
    RemovalState.DECLINED: "Stays listed",
}
OUTCOME_LABELS = {
    AuditOutcome.CONFIRMED: "Confirmed",
    AuditOutcome.NOT_CONFIRMED: "Not confirmed",
    AuditOutcome.NOT_REACHED: "Could not be reached",
    AuditOutcome.UNCLEAR: "Unclear",
}
