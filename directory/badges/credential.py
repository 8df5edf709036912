"""The JSON documents of Open Badges 3.0: the credential, the issuer profile, and the status list credential."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from directory.badges.status_list import encode
from directory.certification.ruleset import Ruleset
from directory.certification.scoring import Assessment
from directory.certification.wording import NO_PROMISE, format_day, summarize_grades

VC_CONTEXT = "https://www.w3.org/ns/credentials/v2"
BADGES_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

STATUS_LIST_TTL = timedelta(days=1)
"""How long a copy of the status list is valid."""

STATUS_LIST_STEP = timedelta(hours=1)
"""The step of the list's dates: within one step, and while no bit changes, the list is identical; arbitrary."""

NAME = "Self-certified bone marrow technique"
GENRE = "Self-certified answers"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The operator of the directory; `base_url` has no trailing slash."""

    base_url: str
    name: str
    disclosure: str

    @property
    def id(self) -> str:
        """The URL of the issuer profile, which is the issuer's identifier."""
        return f"{self.base_url}/issuer"

    def kid(self, thumbprint: str) -> str:
        """The URL of a key."""
        return f"{self.base_url}/.well-known/keys/{thumbprint}"

    def list_id(self, number: int) -> str:
        """The URL of a status list."""
        return f"{self.base_url}/status/revocation/{number}"

    def profile(self) -> dict[str, Any]:
        """The issuer profile as it is embedded in a credential."""
        return {"id": self.id, "type": ["Profile"], "name": self.name, "url": self.base_url}

    def document(self) -> dict[str, Any]:
        """The issuer profile as a document of its own."""
        about = (
            f"{self.disclosure} This directory publishes what providers state about how they take bone marrow. "
            "It compares the answers with published rules. It does not watch procedures."
        )
        return {"@context": [VC_CONTEXT, BADGES_CONTEXT], **self.profile(), "description": about}


@dataclass(frozen=True, slots=True)
class CredentialData:
    """The content of a credential: one accepted attestation and its bit in the status list.

    `digest` is the hash of everything that was signed; it is empty for attestations older than the hashes.
    """

    public_id: str
    slug: str
    provider: str
    digest: str
    ruleset: Ruleset
    assessment: Assessment
    signed_at: datetime
    awarded_at: datetime
    issued_at: datetime
    valid_until: datetime
    status_list: int
    status_index: int


def credential_document(facts: CredentialData, issuer: Issuer) -> dict[str, Any]:
    """The credential with the JWT claims, ready to be signed; equal input gives an equal document."""
    ident, subject = f"{issuer.base_url}/credentials/{facts.public_id}", f"{issuer.base_url}/providers/{facts.slug}"
    list_id = issuer.list_id(facts.status_list)
    return {
        "@context": [VC_CONTEXT, BADGES_CONTEXT],
        "id": ident,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": NAME,
        "description": _description(facts),
        "issuer": issuer.profile(),
        "awardedDate": format_timestamp(facts.awarded_at),
        "validFrom": format_timestamp(facts.issued_at),
        "validUntil": format_timestamp(facts.valid_until),
        "credentialSubject": {
            "id": subject,
            "type": ["AchievementSubject"],
            "achievement": _achievement(facts, issuer),
        },
        "evidence": _evidence(facts, issuer),
        "credentialStatus": {
            "id": f"{list_id}#{facts.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(facts.status_index),
            "statusListCredential": list_id,
        },
        **_claims(issuer.id, ident, subject, facts.issued_at, facts.valid_until),
    }


def status_list_document(number: int, revoked: Iterable[int], issuer: Issuer, *, now: datetime) -> dict[str, Any]:
    """The status list as a credential, ready to be signed."""
    ident = issuer.list_id(number)
    since = now.astimezone(UTC) - (now - datetime.min.replace(tzinfo=UTC)) % STATUS_LIST_STEP
    until = since + STATUS_LIST_STEP + STATUS_LIST_TTL
    subject = {"id": f"{ident}#list", "type": "BitstringStatusList", "statusPurpose": "revocation"}
    return {
        "@context": [VC_CONTEXT],
        "id": ident,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.id,
        "validFrom": format_timestamp(since),
        "validUntil": format_timestamp(until),
        "credentialSubject": {**subject, "encodedList": encode(revoked)},
        **_claims(issuer.id, ident, subject["id"], since, until),
    }


def _claims(issuer: str, ident: str, subject: str, since: datetime, until: datetime) -> dict[str, Any]:
    """The registered JWT claims; each repeats a member of the credential."""
    return {
        "iss": issuer,
        "jti": ident,
        "sub": subject,
        "nbf": int(since.timestamp()),
        "exp": int(until.timestamp()),
    }


def _achievement(facts: CredentialData, issuer: Issuer) -> dict[str, Any]:
    rules = f"{issuer.base_url}/rules/{facts.ruleset.id}"
    earned = facts.assessment.badge_earned
    return {
        "id": rules if earned else f"{rules}#answered",
        "type": ["Achievement"],
        "version": facts.ruleset.id,
        "achievementType": "Badge",
        "name": f"Bone marrow technique, self-certified: {_result(facts)}",
        "description": _description(facts),
        "criteria": {
            "id": rules,
            "narrative": (
                f"The provider answers the questions of {facts.ruleset.id} and signs: “{facts.ruleset.statement}” "
                "Each answer is compared with the published rules, and the weakest answer decides. "
                "An admin checked that the answers are complete and consistent. Nobody watched the procedure."
            ),
        },
    }


def _evidence(facts: CredentialData, issuer: Issuer) -> list[dict[str, Any]]:
    """The evidence members: the signed attestation, then each answer with its finding."""
    page = f"{issuer.base_url}/verify/{facts.public_id}"
    short = {criterion.key: criterion.short for criterion in facts.ruleset.criteria}
    signed = f"{facts.provider} stated these answers. They were signed on {format_day(facts.signed_at)}."
    if facts.digest:
        signed += f" The SHA-256 of what was signed is {facts.digest}."
    return [
        {"id": page, "type": ["Evidence"], "name": GENRE, "genre": GENRE, "narrative": signed},
        *(
            {
                "id": f"{page}#{finding.criterion}",
                "type": ["Evidence"],
                "name": short[finding.criterion],
                "genre": GENRE,
                "narrative": f"{finding.sentence} {finding.grade.label}.",
            }
            for finding in facts.assessment.findings
        ),
    ]


def _result(facts: CredentialData) -> str:
    reason = summarize_grades(facts.assessment.grades)
    return f"{reason[0].lower()}{reason[1:]}"


def _description(facts: CredentialData) -> str:
    return (
        f"The provider signed how they take bone marrow. Under the rules {facts.ruleset.id}, {_result(facts)}. "
        f"Nobody watched the procedure. {NO_PROMISE}"
    )


def format_timestamp(moment: datetime) -> str:
    """Format a time in UTC, to the second, as the credential documents need."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
