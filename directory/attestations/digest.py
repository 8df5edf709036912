"""Builds the canonical document of a signed attestation and computes and verifies its hash."""

from typing import Any

from directory.attestations.tables import Attestation
from directory.audit.chain import CanonicalizationError, digest, format_timestamp

FORMAT = "bma-attestation-1"
"""Identifies the document format, so that a document in another format never has the same hash."""

PREPARED_FORMAT = "bma-attestation-2"
"""The format of answers that somebody else than the signer prepared; it adds `prepared_by`."""


def signed_document(attestation: Attestation) -> dict[str, Any]:
    """Return everything that was signed as one document.

    The explanations are included as a hash only, because only reviewers may read them. Fractional numbers are written
    as text, because programs differ in how they format them.
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
        **_preparation(attestation),
    }


def signed_digest(attestation: Attestation) -> str:
    """Recompute the hash of the signed document, in hexadecimal.

    Raises:
        CanonicalizationError: the stored answers were tampered with, such as by a number outside all limits.
    """
    return digest(signed_document(attestation))


def verify(attestation: Attestation) -> bool:
    """Return whether the stored attestation is what was signed; always False for a draft."""
    try:
        return attestation.digest is not None and attestation.digest == signed_digest(attestation)
    except CanonicalizationError:
        return False


def _preparation(attestation: Attestation) -> dict[str, Any]:
    """Return what is added if the signer did not prepare the answers; all others keep the first format."""
    if attestation.prepared_by_id is None:
        return {}
    return {"format": PREPARED_FORMAT, "prepared_by": attestation.prepared_by_id}


def _normalize_numbers(value: Any) -> Any:
    """Replace floats so that all programs serialize them alike: 8.0 becomes 8, since PostgreSQL may return either."""
    if isinstance(value, dict):
        return {key: _normalize_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_normalize_numbers(item) for item in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(value)
    return value
