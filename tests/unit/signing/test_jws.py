"""Tokens: what our keys signed is read back, and nothing else is."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as jose

from directory.errors import Invalid
from directory.signing import jws, keys
from directory.signing.keys import Key, Keyring

PAYLOAD = {"name": "Dr. Zoë Example", "n": [1, 2.5, None]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def keyring(folder: Path) -> Keyring:
    return Keyring.open(folder)


@pytest.fixture(scope="module")
def foreign_key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return Keyring.open(tmp_path_factory.mktemp("strange")).current


def headers(key: Key) -> dict[str, str]:
    return {"kid": f"https://directory.example/.well-known/keys/{key.thumbprint}", "typ": "JWT"}


def forged(key: Key, header: dict[str, Any], payload: bytes = b"{}") -> str:
    registry = jose.JWSRegistry(algorithms=["RS256", "PS256"], strict_check_header=False)
    return jose.serialize_compact({"alg": "RS256", **header}, payload, key.rsa, registry=registry)


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_what_was_signed_is_read_back(keyring: Keyring) -> None:
    assert jws.verify(jws.sign(PAYLOAD, keyring.current, headers=headers(keyring.current)), keyring) == PAYLOAD


def test_the_same_is_signed_the_same(keyring: Keyring) -> None:
    tokens = {jws.sign(PAYLOAD, keyring.current, headers=headers(keyring.current)) for _ in range(3)}
    assert len(tokens) == 1


def test_the_header_says_the_algorithm_and_what_was_asked_and_no_more(keyring: Keyring) -> None:
    token = jws.sign(PAYLOAD, keyring.current, headers=headers(keyring.current))
    header = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
    assert header == {"alg": "RS256", **headers(keyring.current)}


def test_what_an_older_key_signed_is_read_for_ever(tmp_path: Path) -> None:
    old = keys.create(tmp_path)
    token = jws.sign(PAYLOAD, old, headers=headers(old))
    keys.rotate(tmp_path)
    ring = Keyring.open(tmp_path)
    assert ring.current.thumbprint != old.thumbprint
    assert jws.verify(token, ring) == PAYLOAD
    with pytest.raises(ValueError, match="is gone"):
        jws.sign(PAYLOAD, ring.find(old.thumbprint), headers={})


@pytest.mark.parametrize("name", ["jwk", "jku", "x5c", "crit", "alg"])
def test_a_header_that_is_not_allowed_is_never_signed(keyring: Keyring, name: str) -> None:
    with pytest.raises(ValueError, match="headers may be"):
        jws.sign(PAYLOAD, keyring.current, headers={name: "x"})


def test_a_stranger_s_signature_is_refused_under_our_key_s_name(keyring: Keyring, foreign_key: Key) -> None:
    with pytest.raises(Invalid, match="does not fit"):
        jws.verify(jws.sign(PAYLOAD, foreign_key, headers=headers(keyring.current)), keyring)


def test_a_key_that_is_not_ours_is_refused(keyring: Keyring, foreign_key: Key) -> None:
    with pytest.raises(Invalid, match="not signed by a key of this directory"):
        jws.verify(jws.sign(PAYLOAD, foreign_key, headers=headers(foreign_key)), keyring)


def test_a_key_that_travels_in_the_header_proves_nothing(keyring: Keyring, foreign_key: Key) -> None:
    with pytest.raises(Invalid):
        jws.verify(forged(foreign_key, {**headers(keyring.current), "jwk": foreign_key.public_jwk}), keyring)


@pytest.mark.parametrize("name", ["jku", "x5u", "cty", "nonce"])
def test_a_header_that_says_more_is_refused_whoever_signed_it(keyring: Keyring, name: str) -> None:
    with pytest.raises(Invalid, match="more in its header"):
        jws.verify(forged(keyring.current, {**headers(keyring.current), name: "https://x.example"}), keyring)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "PS256", "RS512", None, 7])
def test_no_other_algorithm_is_taken(keyring: Keyring, algorithm: object) -> None:
    header = {"alg": algorithm, **headers(keyring.current)}
    signature = jws.sign(PAYLOAD, keyring.current, headers=headers(keyring.current)).rpartition(".")[2]
    for tail in (signature, ""):
        with pytest.raises(Invalid):
            jws.verify(f"{encoded(header)}.{encoded(PAYLOAD)}.{tail}", keyring)


@pytest.mark.parametrize(
    "token",
    ["", "a", "..", "a.b", "a.b.c", "é.é.é", f"{encoded([])}.e30.AA", f"{encoded(None)}..", "x" * 1_000_001],
    ids=lambda token: token[:12] or "empty",
)
def test_what_is_no_token_is_refused_in_a_sentence(keyring: Keyring, token: str) -> None:
    with pytest.raises(Invalid, match="This credential "):
        jws.verify(token, keyring)


@pytest.mark.parametrize("payload", [b"[]", b"null", b"not JSON", b"\xff", b"[" * 100_000])
def test_a_payload_that_is_no_object_is_refused(keyring: Keyring, payload: bytes) -> None:
    with pytest.raises(Invalid):
        jws.verify(forged(keyring.current, headers(keyring.current), payload), keyring)


@given(st.data())
def test_no_letter_of_a_token_can_be_changed(keyring: Keyring, data: st.DataObject) -> None:
    token = jws.sign(PAYLOAD, keyring.current, headers=headers(keyring.current))
    # The last letter of a part carries bits that no byte uses, so that two letters may say the same.
    ends = {end - 1 for end in (token.index("."), token.rindex("."), len(token))}
    at = data.draw(st.integers(0, len(token) - 1).filter(lambda index: index not in ends))
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    other = data.draw(st.sampled_from(letters.replace(token[at], "")))
    with pytest.raises(Invalid):
        jws.verify(f"{token[:at]}{other}{token[at + 1 :]}", keyring)
