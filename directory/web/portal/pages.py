"""The data that each portal template receives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.attestations.diff import Difference as AnswerDifference
from directory.attestations.tables import Attestation
from directory.badges.embed import Embed
from directory.certification.ruleset import Ruleset
from directory.listings.queries import HistoryEntry
from directory.listings.tables import Listing
from directory.web.portal.drafts import Section
from directory.web.portal.forms import ListingForm
from directory.web.portal.next_steps import NextSteps
from directory.web.portal.signing import SignForm
from directory.web.support.findings import FindingRow
from directory.web.support.form_errors import FieldDifference
from directory.web.support.listing_facts import Fact, LocationFacts
from directory.web.support.questions import QuestionsForm


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One listing in the list of a provider's own, with what is next for it."""

    listing: Listing
    next: NextSteps


@dataclass(frozen=True, slots=True)
class HomePage:
    """`portal/home.html`."""

    listings: tuple[ListingRow, ...]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """`portal/entry.html`: a new entry, or a draft to change; `differences` when it was changed meanwhile."""

    form: ListingForm
    listing: Listing | None = None
    differences: tuple[FieldDifference, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingPage:
    """`portal/listing.html`."""

    listing: Listing
    facts: tuple[Fact, ...]
    locations: tuple[LocationFacts, ...]
    next: NextSteps
    attestations: tuple[Attestation, ...]
    history: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    """`portal/questions.html`: `remarks` are a reviewer's, by the key of the question; `reason` is why.

    `in_the_way` is set where something has to be corrected before it goes on; else faults only stand beside fields.
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
    """`portal/review.html`: how the answers grade, and the signature.

    `reason` says how many of the answers match. `reviewed` is what stands on the page, as hidden fields, so that it can
    be shown beside what is stored later: `differences`.
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
    reviewed: tuple[tuple[str, str], ...] = ()
    differences: tuple[AnswerDifference, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedPage:
    """`portal/signed.html`: what was signed, and what became of it.

    `remarks` are a reviewer's on single answers; after `counts_until` it counts no more, by its own date or by newer
    rules; `embeds` show the badge elsewhere, and are empty while it does not stand.
    """

    listing: Listing
    attestation: Attestation
    ruleset: Ruleset
    counts_until: datetime
    findings: tuple[FindingRow, ...]
    details: tuple[tuple[str, str], ...]
    remarks: tuple[tuple[str, str], ...]
    next: NextSteps
    history: tuple[HistoryEntry, ...]
    embeds: tuple[Embed, ...] = ()
