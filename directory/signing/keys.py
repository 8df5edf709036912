"""The signing keys: created on first use, rotated by an operator; public keys are kept forever."""

import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from joserfc.jwk import RSAKey

from directory.errors import Conflict, FieldError, Invalid, NotFound

ALGORITHM = "RS256"
"""The algorithm that every Open Badges verifier must support; others are optional."""

KEY_BITS = 3072
"""128 bits of security, which NIST accepts beyond 2030: today's signatures must still be trusted then."""

MIN_KEY_BITS = 2048
"""The minimum for a key set by the operator; RFC 7518 requires it for RS256."""

SIGNING_FOLDER = "signing"
SETTING_NAME = "BMA_SIGNING_KEY"

_KeyFiles = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key; `thumbprint` (RFC 7638) identifies it permanently, the highest `number` is the newest."""

    number: int
    thumbprint: str
    rsa: RSAKey

    @property
    def can_sign(self) -> bool:
        """Whether the private half is available."""
        return self.rsa.is_private

    @property
    def public_jwk(self) -> dict[str, Any]:
        """The public half as a bare JWK: `kty`, `n`, `e`."""
        return dict(self.rsa.as_dict(private=False))


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys of an installation, oldest first, as they are in its folder at one moment."""

    keys: tuple[Key, ...]

    @classmethod
    def open(cls, home_keys_folder: Path, given: str = "") -> "Keyring":
        """Read the keys in `home_keys_folder`; creates the first one if there is none.

        Fast enough for every request: files are read again only when one has changed.

        Args:
            home_keys_folder: `BMA_HOME/keys`; its folder `signing` holds a PEM file for each key.
            given: the private key in PEM from the environment; it signs, and only its public half is stored here.

        Raises:
            Invalid: `given`, or a file, holds no RSA key of at least 2048 bits.
        """
        folder = home_keys_folder / SIGNING_FOLDER
        files = _list_key_files(folder)
        if given:
            key = _parse_key(given, 0, SETTING_NAME)
            if all(kept.thumbprint != key.thumbprint for kept in _read_keys(folder, files)):
                _store_key(folder, _next_number(files), key.rsa, private=False)
                files = _list_key_files(folder)
            others = (kept for kept in _read_keys(folder, files) if kept.thumbprint != key.thumbprint)
            return cls((*others, Key(_next_number(files), key.thumbprint, key.rsa)))
        if not any(key.can_sign for key in _read_keys(folder, files)):
            # Two workers may start at once: the first to store a key wins, and both read its key.
            _store_key(folder, _next_number(files), _generate_key(), private=True)
            files = _list_key_files(folder)
        return cls(_read_keys(folder, files))

    @property
    def current(self) -> Key:
        """The current signing key: the newest one whose private half is available."""
        return next(key for key in reversed(self.keys) if key.can_sign)

    def find(self, kid: str) -> Key:
        """Return the key with that thumbprint, however old.

        Raises:
            NotFound: this directory has no such key.
        """
        for key in self.keys:
            if key.thumbprint == kid:
                return key
        raise NotFound("This directory has no such key.")

    def public_jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Return the public halves of all keys, newest first, as a JWK Set (RFC 7517)."""
        return {
            "keys": [
                {**key.public_jwk, "kid": key.thumbprint, "alg": ALGORITHM, "use": "sig"}
                for key in sorted(self.keys, key=lambda key: -key.number)
            ]
        }


def require_private_key(pem: str) -> None:
    """Check that a key from the environment can sign.

    Raises:
        Invalid: it is not a private RSA key in PEM of at least 2048 bits.
    """
    _parse_key(pem, 0, SETTING_NAME)


def create(home_keys_folder: Path) -> Key:
    """Create the first key.

    Raises:
        Conflict: a key exists already; use `rotate` to replace it.
    """
    folder = home_keys_folder / SIGNING_FOLDER
    files = _list_key_files(folder)
    if any(key.can_sign for key in _read_keys(folder, files)):
        raise Conflict("There is a signing key already. To replace it, run: bma-directory keys rotate.")
    return _add_key(folder, files)


def rotate(home_keys_folder: Path) -> Key:
    """Create a new key and delete the private halves of the older ones; their public halves stay.

    If it is interrupted, either the old or the new key signs, and a second run completes the rotation.

    Raises:
        Conflict: another process is creating a key at the same time.
    """
    folder = home_keys_folder / SIGNING_FOLDER
    files = _list_key_files(folder)
    older = _read_keys(folder, files)
    key = _add_key(folder, files)
    for old in older:
        if old.can_sign:
            public = _write_temporary_key(folder, old.rsa, private=False)
            public.replace(_key_path(folder, old.number))
    return key


def _add_key(folder: Path, files: _KeyFiles) -> Key:
    number = _next_number(files)
    made = _generate_key()
    if not _store_key(folder, number, made, private=True):
        raise Conflict("Somebody else made a new signing key at this very moment. Look with: bma-directory keys list.")
    return Key(number, made.thumbprint(), made)


def _generate_key() -> RSAKey:
    return RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS))


def _list_key_files(folder: Path) -> _KeyFiles:
    """List the key files by name, with modification time and size to detect changes."""
    try:
        entries = [entry for entry in os.scandir(folder) if entry.name.endswith(".pem")]
    except FileNotFoundError:
        return ()
    return tuple(sorted((entry.name, entry.stat().st_mtime_ns, entry.stat().st_size) for entry in entries))


@lru_cache(maxsize=8)
def _read_keys(folder: Path, files: _KeyFiles) -> tuple[Key, ...]:
    return tuple(_parse_key((folder / name).read_text(), int(name.removesuffix(".pem")), name) for name, _, _ in files)


@lru_cache(maxsize=8)
def _parse_key(pem: str, number: int, name: str) -> Key:
    """Parse a key in PEM; error messages never contain any of the text."""
    data = pem.strip().encode()
    try:
        if b"PRIVATE KEY" in data:
            private = serialization.load_pem_private_key(data, password=None)
            found: PublicKeyTypes = private.public_key()
        else:
            private, found = None, serialization.load_pem_public_key(data)
    except (ValueError, TypeError) as broken:
        raise Invalid(
            [FieldError(name, f"{name} holds no key in PEM that can be read without a password.")]
        ) from broken
    if not isinstance(found, rsa.RSAPublicKey) or found.key_size < MIN_KEY_BITS:
        raise Invalid([FieldError(name, f"{name} must be an RSA key of at least {MIN_KEY_BITS} bits.")])
    if name == SETTING_NAME and private is None:
        raise Invalid([FieldError(name, f"{name} must be a private key, because it signs.")])
    key = RSAKey.import_key(data)
    return Key(number, key.thumbprint(), key)


def _next_number(files: _KeyFiles) -> int:
    return max((int(name.removesuffix(".pem")) for name, _, _ in files), default=0) + 1


def _key_path(folder: Path, number: int) -> Path:
    return folder / f"{number:04}.pem"


def _store_key(folder: Path, number: int, key: RSAKey, *, private: bool) -> bool:
    """Write a key atomically under an unused number; returns False if another process took the number first."""
    written = _write_temporary_key(folder, key, private=private)
    try:
        _key_path(folder, number).hardlink_to(written)
    except FileExistsError:
        return False
    finally:
        written.unlink()
    return True


def _write_temporary_key(folder: Path, key: RSAKey, *, private: bool) -> Path:
    """Write the key to a temporary file that only this user can read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"new.{secrets.token_hex(4)}"
    path.touch(mode=0o600)
    with path.open("wb") as file:
        file.write(key.as_pem(private=private))
        file.flush()
        os.fsync(file.fileno())
    return path
