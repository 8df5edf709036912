"""Builds the canonical document of a signed attestation and computes and verifies its hash."""

from typing import Any

from directory.attestations.tables import Attestation
from directory.audit.chain import CanonicalizationError, digest, format_timestamp

FORMAT = "bma-attestation-1"
"""Says how the document is made up, so that no document made up in another way has the same hash."""


def signed_document(attestation: Attestation) -> dict[str, Any]:
    """All that was signed. What only a reviewer may read, the explanations, stands in it as a hash.

    A number with a fraction is written as text, because two programs might write it in two ways.
    """
    signed_at, valid_until = attestation.signed_at, attestation.valid_until
    return {
        "answers": _normalize_numbers(attestation.answers),
        "attestation": attestation.public_id,
        "details": _normalize_numbers(attestation.details),
        "explanations": digest(_normalize_numbers(attestation.explanations)),
        "format": FORMAT,
        "listing": {
            "id": attestation.listing_id,
            "name": attestation.subject_name,
            "npi": attestation.subject_npi,
        },
        "ruleset": attestation.ruleset_id,
        "signed_at": format_timestamp(signed_at) if signed_at else None,
        "signed_by": attestation.signed_by_id,
        "signer_name": attestation.signer_name,
        "signer_role": attestation.signer_role,
        "statement": attestation.statement,
        "valid_until": format_timestamp(valid_until) if valid_until else None,
    }


def signed_digest(attestation: Attestation) -> str:
    """The hash of the whole signed document, worked out anew, in hexadecimal.

    Raises:
        Uncanonical: somebody put something into the answers that was never signed, such as a number past all limits.
    """
    return digest(signed_document(attestation))


def verify(attestation: Attestation) -> bool:
    """Whether what is stored is what was signed; nothing was signed in a draft."""
    try:
        return attestation.digest is not None and attestation.digest == signed_digest(attestation)
    except CanonicalizationError:
        return False


def _normalize_numbers(value: Any) -> Any:
    """The same with numbers that all programs write alike; 8.0 is 8, as PostgreSQL may give back either."""
    if isinstance(value, dict):
        return {key: _normalize_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_normalize_numbers(item) for item in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(value)
    return value
