"""The verification page of a badge: whether signed answers are valid, and what was and was not checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from directory.attestations.digest import verify
from directory.attestations.history import AcceptedPeriod
from directory.attestations.tables import Attestation
from directory.badges.listing_standing import CurrentStanding, Technique, current_standing, technique_of
from directory.badges.verification import VerificationStatus, verification_status
from directory.certification.ruleset import Rulesets
from directory.certification.wording import NOT_WATCHED, Standing, StandingWords, standing_words
from directory.errors import NotFound
from directory.evidence.labels import InspectionSummary, Label, summarize_labels
from directory.listings.tables import Listing
from directory.web.support.findings import FindingRow, detail_rows, finding_rows

CHECKED = (
    "The account that keeps this listing gave these answers and signed them.",
    "A person here read the answers. Nothing needed is left out, and the answers fit together.",
    "Each answer was compared with the rules. This is done the same way for all.",
)
NOT_CHECKED = (
    NOT_WATCHED,
    "We did not check any medical license.",
    "We do not know how patients did.",
)

NO_DOCUMENT = "We saw no document for an answer that is only stated."


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result at the top of the page; `tone` is the color of the box, and is never the only sign."""

    title: str
    sentence: str
    tone: str


_VERDICTS = {
    VerificationStatus.VALID: Verdict(
        "These answers count today", "They were signed, and a person here accepted them.", "right"
    ),
    VerificationStatus.EXPIRED: Verdict("", "They may not be true any more. Ask again.", "between"),
    VerificationStatus.REVOKED: Verdict("", "They do not count.", "wrong"),
    VerificationStatus.SUPERSEDED: Verdict(
        "Newer answers took their place", "These here do not count any more.", "between"
    ),
    VerificationStatus.SUSPENDED: Verdict("", "These answers do not count till then.", "wrong"),
    VerificationStatus.RETIRED: Verdict("", "So these answers do not count any more.", "wrong"),
}
"""An empty title is replaced by the reason of the standing."""

_STANDINGS = {VerificationStatus.SUSPENDED: Standing.SUSPENDED, VerificationStatus.RETIRED: Standing.RETIRED}


@dataclass(frozen=True, slots=True)
class VerifyPage:
    """`public/verify.html`: one attestation that is or was public, in any state.

    Attributes:
        signed_for: the listing's name when the attestation was signed.
        is_untouched: whether the stored attestation still matches its hash.
    """

    public_id: str
    slug: str
    name: str
    credential: str
    practice: str
    proof: VerificationStatus
    verdict: Verdict
    accepted: datetime
    ended: datetime | None
    newer: str
    is_listed: bool
    badge: StandingWords | None
    technique: Technique
    statement: str
    signed_for: str
    digest: str
    is_untouched: bool
    findings: tuple[FindingRow, ...]
    details: tuple[tuple[str, str], ...]
    checked: tuple[str, ...] = CHECKED
    not_checked: tuple[str, ...] = NOT_CHECKED

    @property
    def changes_at(self) -> datetime:
        """When the page changes by itself, because the attestation expires."""
        return self.technique.valid_until


def verify_page(
    attestation: Attestation,
    history: Sequence[AcceptedPeriod],
    *,
    rulesets: Rulesets,
    now: datetime,
    seen: Mapping[str, InspectionSummary] | None = None,
) -> VerifyPage:
    """Build the page of an attestation under the ruleset it was signed for, with the reviewers' inspections (`seen`).

    Raises:
        NotFound: the attestation was never public.
    """
    standing = current_standing(attestation, rulesets, now, seen)
    signed, found = _published_technique(attestation, rulesets, now, seen)
    listing = attestation.listing
    own = next(accepted for accepted in history if accepted.attestation is attestation)
    return VerifyPage(
        public_id=attestation.public_id,
        slug=listing.slug,
        name=listing.name,
        credential=listing.credential,
        practice=_practice(listing),
        proof=found,
        verdict=_verdict(found, standing),
        accepted=own.since,
        ended=own.ended,
        newer=_newer_public_id(history, found),
        is_listed=found not in {VerificationStatus.SUSPENDED, VerificationStatus.RETIRED},
        badge=standing.words if standing.badge and found is VerificationStatus.VALID else None,
        technique=signed,
        statement=attestation.statement,
        signed_for=attestation.subject_name or listing.name,
        digest=attestation.digest or "",
        is_untouched=verify(attestation),
        findings=finding_rows(signed.ruleset, signed.assessment, signed.labels, signed.seen),
        details=detail_rows(signed.ruleset, signed.details),
        checked=(*CHECKED, *filter(None, [summarize_labels(signed.labels)])),
        not_checked=_not_checked(signed),
    )


def _published_technique(
    attestation: Attestation, rulesets: Rulesets, now: datetime, seen: Mapping[str, InspectionSummary] | None
) -> tuple[Technique, VerificationStatus]:
    signed = technique_of(attestation, rulesets, seen)
    if signed:
        found = verification_status(attestation.state, signed.valid_until, attestation.listing.state, now=now)
        if found:
            return signed, found
    raise NotFound("There are no answers by that name, or they were never published.")


def _verdict(found: VerificationStatus, standing: CurrentStanding) -> Verdict:
    verdict = _VERDICTS[found]
    if found is VerificationStatus.VALID and standing.badge:
        return replace(verdict, title="This badge counts today")
    words = standing_words(_STANDINGS[found]) if found in _STANDINGS else standing.words
    return verdict if verdict.title else replace(verdict, title=words.reason)


def _practice(listing: Listing) -> str:
    """Return the name of the practice; empty if it only repeats the listing's name, as for a clinic."""
    return listing.practice if listing.practice.casefold() != listing.name.casefold() else ""


def _not_checked(signed: Technique) -> tuple[str, ...]:
    return NOT_CHECKED if signed.backed is Label.DOCUMENT_SEEN else (*NOT_CHECKED, NO_DOCUMENT)


def _newer_public_id(history: Sequence[AcceptedPeriod], found: VerificationStatus) -> str:
    """Return the public id of the attestation that replaced a superseded one; empty if that has ended too."""
    counting = [accepted.attestation.public_id for accepted in history if accepted.ended is None]
    return counting[-1] if counting and found is VerificationStatus.SUPERSEDED else ""
