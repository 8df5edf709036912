"""Signs JSON documents as compact JWS and verifies those that this directory signed."""

import json
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from directory.errors import FieldError, Invalid, NotFound
from directory.signing.keys import ALGORITHM, Key, Keyring

MAX_TOKEN_LENGTH = 1_000_000
"""The longest token that is verified, in characters; arbitrary, many times the longest that is issued here."""

_HEADERS = frozenset({"alg", "kid", "typ"})
"""The allowed header fields. A key or a key's URL in a header would only prove that the writer has a key."""


def sign(payload: Mapping[str, Any], key: Key, *, headers: Mapping[str, str]) -> str:
    """Return the payload as a compact JWS; the output is deterministic. `headers` are `kid` and `typ`; `alg` is added.

    Raises:
        ValueError: the key has no private half, or Open Badges does not allow a header.
    """
    if not key.can_sign:
        raise ValueError(f"the private half of {key.thumbprint} is gone")
    if not set(headers) <= _HEADERS - {"alg"}:
        raise ValueError(f"headers may be kid and typ, not {', '.join(sorted(headers))}")
    return jws.serialize_compact(
        {"alg": ALGORITHM, **headers},
        json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
        key.rsa,
        algorithms=[ALGORITHM],
    )


def verify(token: str, keyring: Keyring) -> dict[str, Any]:
    """Return the payload of a token that this directory signed; `kid` is a thumbprint, or a URL that ends in one.

    The caller must check whether it has expired or was revoked.

    Raises:
        Invalid: it is not a JWS, it was not signed with one of our keys, or it was altered.
    """
    try:
        if len(token) > MAX_TOKEN_LENGTH:
            raise _invalid_token("is too long")
        header = jws.extract_compact(token.encode()).headers()
        if not set(header) <= _HEADERS:
            raise _invalid_token("says more in its header than it may")
        key = keyring.find(str(header.get("kid", "")).rpartition("/")[2])
        payload = json.loads(jws.deserialize_compact(token, key.rsa, algorithms=[ALGORITHM]).payload)
    except NotFound as stranger:
        raise _invalid_token("was not signed by a key of this directory") from stranger
    except (JoseError, ValueError, RecursionError) as broken:
        raise _invalid_token("is not whole: its signature does not fit") from broken
    if not isinstance(payload, dict):
        raise _invalid_token("holds no JSON object")
    return payload


def _invalid_token(why: str) -> Invalid:
    return Invalid([FieldError("token", f"This credential {why}.")])
