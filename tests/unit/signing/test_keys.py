"""Keys: made once, replaced by hand, and their public halves kept for ever."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from directory.errors import Conflict, Invalid, NotFound
from directory.signing import keys
from directory.signing.keys import Keyring


def pem_of(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    plain = serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


@pytest.fixture(scope="module")
def private_key_pem() -> str:
    return pem_of(rsa.generate_private_key(65537, 2048))


def test_an_empty_folder_gets_a_key_on_first_use_that_nobody_else_can_read(tmp_path: Path) -> None:
    key = Keyring.open(tmp_path).current
    assert key.can_sign
    (file,) = (tmp_path / "signing").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert Keyring.open(tmp_path).current.thumbprint == key.thumbprint


def test_workers_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as workers:
        rings = list(workers.map(Keyring.open, [tmp_path] * 4))
    assert len({ring.current.thumbprint for ring in rings}) == 1
    assert len(list((tmp_path / "signing").iterdir())) == 1


def test_a_new_key_signs_and_the_old_one_stays_public_for_ever(tmp_path: Path) -> None:
    first = keys.create(tmp_path)
    second, third = keys.rotate(tmp_path), keys.rotate(tmp_path)
    ring = Keyring.open(tmp_path)
    assert ring.current.thumbprint == third.thumbprint
    assert [key.thumbprint for key in ring.keys] == [first.thumbprint, second.thumbprint, third.thumbprint]
    assert ring.find(first.thumbprint).public_jwk == first.public_jwk
    assert [key["kid"] for key in ring.public_jwks()["keys"]] == [
        third.thumbprint,
        second.thumbprint,
        first.thumbprint,
    ]


def test_the_private_half_of_a_replaced_key_is_gone(tmp_path: Path) -> None:
    old = keys.create(tmp_path)
    keys.rotate(tmp_path)
    assert not Keyring.open(tmp_path).find(old.thumbprint).can_sign
    private = [file.name for file in (tmp_path / "signing").iterdir() if "PRIVATE" in file.read_text()]
    assert private == ["0002.pem"]


def test_a_rotation_that_was_killed_half_way_is_ended_by_the_next(tmp_path: Path) -> None:
    keys.create(tmp_path)
    first = (tmp_path / "signing" / "0001.pem").read_bytes()
    second = keys.rotate(tmp_path)
    (tmp_path / "signing" / "0001.pem").write_bytes(first)
    assert Keyring.open(tmp_path).current.thumbprint == second.thumbprint
    keys.rotate(tmp_path)
    assert [key.can_sign for key in Keyring.open(tmp_path).keys] == [False, False, True]


def test_nothing_that_is_published_holds_a_private_half(tmp_path: Path) -> None:
    ring = Keyring.open(tmp_path)
    assert set(ring.current.public_jwk) == {"kty", "n", "e"}
    assert {name for key in ring.public_jwks()["keys"] for name in key} == {"kty", "n", "e", "kid", "alg", "use"}


def test_a_second_first_key_is_refused(tmp_path: Path) -> None:
    keys.create(tmp_path)
    with pytest.raises(Conflict, match="keys rotate"):
        keys.create(tmp_path)


def test_a_key_of_somebody_else_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Keyring.open(tmp_path).find("nobody")


def test_a_key_from_the_environment_signs_and_only_its_public_half_is_kept(
    tmp_path: Path, private_key_pem: str
) -> None:
    ring = Keyring.open(tmp_path, private_key_pem)
    assert ring.current.can_sign
    (file,) = (tmp_path / "signing").iterdir()
    assert "PRIVATE" not in file.read_text()
    assert len(Keyring.open(tmp_path, private_key_pem).keys) == 1


def test_a_key_that_was_in_the_environment_stays_public_when_another_is_there(
    tmp_path: Path, private_key_pem: str
) -> None:
    before = Keyring.open(tmp_path, private_key_pem).current
    ring = Keyring.open(tmp_path, pem_of(rsa.generate_private_key(65537, 2048)))
    assert ring.current.thumbprint != before.thumbprint
    assert ring.find(before.thumbprint).public_jwk == before.public_jwk
    assert Keyring.open(tmp_path, private_key_pem).current.thumbprint == before.thumbprint


@pytest.mark.parametrize(
    ("pem", "sentence"),
    [
        ("not a key", "no key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "no key in PEM"),
        (pem_of(rsa.generate_private_key(65537, 1024)), "at least 2048 bits"),  # noqa: S505  refused, which is the point
        (pem_of(ec.generate_private_key(ec.SECP256R1())), "must be an RSA key"),
    ],
    ids=["no PEM", "no key", "too short", "another kind"],
)
def test_what_cannot_sign_is_refused_and_not_repeated(tmp_path: Path, pem: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        Keyring.open(tmp_path, pem)
    assert refused.value.faults[0].field == "BMA_SIGNING_KEY"
    assert pem not in refused.value.sentence


def test_a_public_key_in_the_environment_is_refused(tmp_path: Path, private_key_pem: str) -> None:
    Keyring.open(tmp_path, private_key_pem)
    public = (tmp_path / "signing" / "0001.pem").read_text()
    with pytest.raises(Invalid, match="must be a private key"):
        Keyring.open(tmp_path, public)
