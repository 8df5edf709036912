"""The data that each portal template receives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.attestations.diff import Difference as AnswerDifference
from directory.attestations.replies import ReturnedRound
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Ruleset
from directory.listings.queries import HistoryEntry
from directory.listings.tables import Listing, UnfinishedListing
from directory.web.portal.drafts import Section
from directory.web.portal.forms import RetireForm
from directory.web.portal.next_steps import NextSteps
from directory.web.portal.pending_changes import PendingChanges
from directory.web.portal.signing import SignForm
from directory.web.support.findings import FindingRow
from directory.web.support.form_errors import FieldDifference
from directory.web.support.listing_facts import Fact, LocationFacts
from directory.web.support.listing_form import ListingForm
from directory.web.support.questions import QuestionsForm


@dataclass(frozen=True, slots=True)
class EntryPage:
    """`portal/entry.html`: a new listing or a draft to edit; `differences` is set if it was changed meanwhile.

    `claim_slug` is the listing that holds the NPI already, which can be claimed instead. `kept` is what is stored of a
    new listing that is not complete yet.
    """

    form: ListingForm
    listing: Listing | None = None
    differences: tuple[FieldDifference, ...] = ()
    claim_slug: str = ""
    kept: UnfinishedListing | None = None


@dataclass(frozen=True, slots=True)
class UndoableChange:
    """The last live change of a listing, in words."""

    revision_id: int
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ListingPage:
    """`portal/listing.html`; `retire` is the form to take the listing down, None if the provider may not do that.

    `may_edit` says whether the provider may change it. `draft` are answers that are not signed yet. `undo` is
    the last change if it can be undone.
    """

    listing: Listing
    facts: tuple[Fact, ...]
    locations: tuple[LocationFacts, ...]
    pending: PendingChanges
    next: NextSteps
    attestations: tuple[Attestation, ...]
    history: tuple[HistoryEntry, ...]
    may_edit: bool
    retire: RetireForm | None
    draft: Attestation | None = None
    undo: UndoableChange | None = None


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    """`portal/questions.html`; `remarks` are a reviewer's, by question key, and `reason` is why the answers came back.

    `in_the_way` is set if errors must be corrected before continuing; otherwise they are only shown at the fields.
    """

    listing: Listing
    ruleset: Ruleset
    form: QuestionsForm
    sections: tuple[Section, ...]
    saved_at: datetime | None
    reason: str = ""
    remarks: Mapping[str, str] | None = None
    in_the_way: bool = False


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """`portal/review.html`: the graded answers and the signature form.

    `reason` says how many answers match. `reviewed` holds the displayed answers as hidden fields, to compare them with
    the stored ones on submission; `differences` is the result of that comparison. Without `may_sign`, the provider's
    right does not allow a signature, and there is no form. `returned` is set if the answers before these were returned,
    `is_renewal` if accepted ones stay until these are accepted.
    """

    listing: Listing
    attestation: Attestation
    ruleset: Ruleset
    findings: tuple[FindingRow, ...]
    details: tuple[tuple[str, str], ...]
    badge_earned: bool
    reason: str
    valid_until: datetime
    form: SignForm
    may_sign: bool
    reviewed: tuple[tuple[str, str], ...] = ()
    differences: tuple[AnswerDifference, ...] = ()
    returned: ReturnedRound | None = None
    is_renewal: bool = False


@dataclass(frozen=True, slots=True)
class SignedPage:
    """`portal/signed.html`: a signed attestation and its status.

    `remarks` are a reviewer's on single answers, `returned` those on the answers before these. The answers stop
    counting after `counts_until`, because they expire or newer rules replace theirs. `may_sign` is set if the
    provider's right allows signatures, and so to withdraw one.
    """

    listing: Listing
    attestation: Attestation
    ruleset: Ruleset
    counts_until: datetime
    findings: tuple[FindingRow, ...]
    details: tuple[tuple[str, str], ...]
    returned: ReturnedRound | None
    remarks: tuple[tuple[str, str], ...]
    next: NextSteps
    history: tuple[HistoryEntry, ...]
    may_sign: bool
