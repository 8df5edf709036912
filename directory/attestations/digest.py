"""What was signed, as the one document whose hash stands in the audit log and can be made again by anybody."""

from typing import Any

from directory.attestations.tables import Attestation
from directory.audit.chain import digest, moment


def signed_document(attestation: Attestation) -> dict[str, Any]:
    """All that was signed. What only a reviewer may read, the explanations, stands in it as a hash.

    A number with a fraction is written as text, because two programs might write it in two ways.
    """
    signed_at, valid_until = attestation.signed_at, attestation.valid_until
    return {
        "answers": _exact(attestation.answers),
        "attestation": attestation.public_id,
        "details": _exact(attestation.details),
        "explanations": digest(_exact(attestation.explanations)),
        "listing": attestation.listing_id,
        "ruleset": attestation.ruleset_id,
        "signed_at": moment(signed_at) if signed_at else None,
        "signed_by": attestation.signed_by_id,
        "signer_name": attestation.signer_name,
        "signer_role": attestation.signer_role,
        "statement": attestation.statement,
        "valid_until": moment(valid_until) if valid_until else None,
    }


def signed_digest(attestation: Attestation) -> str:
    """The hash of the whole signed document, in hexadecimal."""
    return digest(signed_document(attestation))


def _exact(value: Any) -> Any:
    """The same with numbers that all programs write alike; 8.0 is 8, as PostgreSQL may give back either."""
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(value)
    return value
