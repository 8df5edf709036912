"""Describes the status of a listing and what its provider can do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.attestations.lifecycle import AttestationState
from directory.attestations.queries import is_expired
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.certification.wording import NO_ANSWERS
from directory.listings.lifecycle import CHANGEABLE, ListingState
from directory.listings.tables import Listing
from directory.web.support.state_labels import ATTESTATION_LABELS, LISTING_LABELS

_LISTING_MESSAGES = {
    ListingState.DRAFT: "Only you see this listing. Submit it when it is complete; a reviewer then looks at it.",
    ListingState.SUBMITTED: "A reviewer looks at your listing and publishes it, or writes to you.",
    ListingState.PUBLISHED: "Patients find your listing.",
    ListingState.SUSPENDED: "Patients do not find your listing at the moment. The reason stands in its history.",
    ListingState.REJECTED: "A reviewer did not accept this listing. The reason stands in its history.",
    ListingState.RETIRED: "This listing is closed. It stays on file.",
}
_ATTESTATION_MESSAGES = {
    None: f"It says “{NO_ANSWERS}”. Answer the questions to change that.",
    AttestationState.DRAFT: "You began to answer how you take bone marrow. Nobody sees it until you sign.",
    AttestationState.SUBMITTED: "A reviewer checks that your answers are complete and consistent.",
    AttestationState.ACCEPTED: "Your answers are accepted.",
    AttestationState.RETURNED: "A reviewer returned your answers. You can start again from them.",
    AttestationState.WITHDRAWN: "You took your answers back. You can start again from them.",
    AttestationState.SUPERSEDED: "Your answers were replaced. You can answer again.",
    AttestationState.REVOKED: "Your answers were revoked, and patients do not see them any more. You can answer again.",
}
_RAN_OUT = "Your answers ran out, so patients see no badge. Look through them and sign again."
_RENEWING = "You began to renew your answers. Until new ones are accepted, the accepted ones stay as they are."
_RENEWAL_LABEL = "Answers accepted, renewal begun"
_CLOSED = frozenset({ListingState.REJECTED, ListingState.RETIRED})


@dataclass(frozen=True, slots=True)
class NextSteps:
    """The status of a listing and its attestation, and the available actions: edit, change, answer, or view.

    With `is_renewal`, answering again begins with the accepted answers on the review page.
    """

    entry: str
    entry_sentence: str
    technique: str
    technique_sentence: str
    can_edit: bool
    can_change: bool
    can_answer: bool
    answer_text: str
    answering_is_next: bool
    is_renewal: bool
    attestation_id: int | None


def next_steps(
    listing: Listing, attestations: Sequence[Attestation], *, rulesets: Rulesets, now: datetime
) -> NextSteps:
    """Return the next steps for `listing`; `attestations` are all of its attestations, newest first."""
    latest = attestations[0] if attestations else None
    state = latest.state if latest else None
    is_renewing = state is AttestationState.DRAFT and any(
        one.state is AttestationState.ACCEPTED for one in attestations
    )
    ran_out = latest is not None and latest.state is AttestationState.ACCEPTED and is_expired(latest, rulesets, now)
    return NextSteps(
        entry=LISTING_LABELS[listing.state],
        entry_sentence=_LISTING_MESSAGES[listing.state],
        technique=_RENEWAL_LABEL if is_renewing else ATTESTATION_LABELS[state] if state else NO_ANSWERS,
        technique_sentence=_RAN_OUT if ran_out else _RENEWING if is_renewing else _ATTESTATION_MESSAGES[state],
        can_edit=listing.state is ListingState.DRAFT,
        can_change=listing.state in CHANGEABLE,
        can_answer=listing.state not in _CLOSED and state is not AttestationState.SUBMITTED,
        answer_text="Go on with the renewal" if is_renewing else _answer_text(state),
        answering_is_next=ran_out or state is not AttestationState.ACCEPTED,
        is_renewal=is_renewing or state is AttestationState.ACCEPTED,
        attestation_id=latest.id if latest and state is not AttestationState.DRAFT else None,
    )


def _answer_text(state: AttestationState | None) -> str:
    if state is None:
        return "Answer the questions"
    if state is AttestationState.RETURNED:
        return "See the comments"
    if state is AttestationState.ACCEPTED:
        return "Renew now"
    return "Go on answering" if state is AttestationState.DRAFT else "Answer again"
