"""Credentials, as programs that nobody here wrote read them: whole, ours, in time, not revoked, and by the schema."""

import base64
import json
import tarfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from openbadgeslib import verify_badge
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from openbadgeslib.ob3.credential import OpenBadgeCredential
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, get_reviewer, make_attestation, make_listing

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.config import Settings
from directory.listings.lifecycle import Move as ListingMove
from directory.listings.tables import Listing
from directory.review.commands import decide_attestation, decide_listing
from directory.signing import jws, keys
from directory.signing.keys import Keyring

SOURCES = Path(__file__).resolve().parents[3] / ".venv" / "open-badges"
"""Where `make setup` puts the sources of openbadgeslib, which hold 1EdTech's schemas."""

Check = Callable[..., OpenBadgeCredential]


@pytest.fixture(scope="module")
def schema() -> Callable[[str], jsonschema.Draft201909Validator]:
    """1EdTech's own schemas, which may not be committed."""
    (sources,) = SOURCES.glob("openbadgeslib-*.tar.gz")

    def named(name: str) -> jsonschema.Draft201909Validator:
        with tarfile.open(sources) as archive:
            (path,) = [path for path in archive.getnames() if path.endswith(f"/ob_schemas/ob_v3p0_{name}_schema.json")]
            file = archive.extractfile(path)
            assert file is not None
            document = json.load(file)
        return jsonschema.Draft201909Validator(document, format_checker=jsonschema.Draft201909Validator.FORMAT_CHECKER)

    return named


def part(token: str, number: int) -> dict[str, Any]:
    text = token.split(".")[number]
    found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    assert isinstance(found, dict)
    return found


def token_of(client: FlaskClient, attestation: Attestation) -> str:
    return client.get(f"/credentials/{attestation.public_id}").get_data(as_text=True)


@pytest.fixture
def fetch_document(client: FlaskClient, settings: Settings) -> Callable[[str], bytes]:
    """What the world would fetch from an address, without a network: it has to be one of ours."""

    def fetch(url: str) -> bytes:
        assert url.startswith(f"{settings.base_url}/")
        answer = client.get(urlsplit(url).path)
        assert answer.status_code == 200, url
        return answer.data

    return fetch


@pytest.fixture
def read_credential(fetch_document: Callable[[str], bytes]) -> Check:
    """openbadgeslib with the key that the token's own `kid` leads to, asking for revocation too."""

    def checked(token: str) -> OpenBadgeCredential:
        jwk = json.loads(fetch_document(part(token, 0)["kid"]))
        verifier = OB3Verifier(RSAKey.import_key(jwk).as_pem(private=False))
        return verifier.verify(token, check_status=True, verify_status_list=True, download=fetch_document)

    return checked


def decide(session: Session, attestation: Attestation, move: Move) -> None:
    by = get_reviewer(session).actor
    decide_attestation(
        session, attestation, move, by=by, now=clock.now(), rulesets=bundled_rulesets(), reason="A test."
    )
    session.commit()


def test_another_implementation_takes_what_was_accepted(
    client: FlaskClient, attestation: Attestation, read_credential: Check, settings: Settings
) -> None:
    found = read_credential(token_of(client, attestation))
    assert found.id == f"{settings.base_url}/credentials/{attestation.public_id}"
    assert found.issuer.id == f"{settings.base_url}/issuer"
    assert found.recipient_id == f"{settings.base_url}/providers/{attestation.listing.slug}"
    assert "self-certified" in found.achievement.name


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_another_implementation_finds_it_in_the_picture(
    client: FlaskClient, attestation: Attestation, fetch_document: Callable[[str], bytes], ending: str
) -> None:
    picture = client.get(f"/credentials/{attestation.public_id}.{ending}").data
    jwk = json.loads(fetch_document(part(token_of(client, attestation), 0)["kid"]))
    pem = RSAKey.import_key(jwk).as_pem(private=False)
    result = verify_badge(picture, pubkey_pem=pem, check_status=True, download=fetch_document)
    assert (result.valid, result.trusted, result.reason) == (True, True, None)


@pytest.mark.parametrize(
    "answers", [MATCHING_ANSWERS, {**MATCHING_ANSWERS, "distinct_sites": 2}, {}], ids=["right", "wrong", "silent"]
)
def test_the_official_schema_takes_it(
    client: FlaskClient, session: Session, listing: Listing, answers: dict[str, Any], schema: Any
) -> None:
    made = make_attestation(session, listing, answers=answers, now=clock.now())
    session.commit()
    payload = part(token_of(client, made), 1)
    validator = schema("achievementcredential")
    assert [error.message for error in validator.iter_errors(payload)] == []
    for member in ("@context", "issuer", "credentialSubject", "validFrom"):
        assert not validator.is_valid({name: value for name, value in payload.items() if name != member})
    assert not validator.is_valid({**payload, "validUntil": "tomorrow"})


def test_the_official_schema_takes_the_issuer(client: FlaskClient, schema: Any, settings: Settings) -> None:
    profile = client.get("/issuer").get_json()
    assert [error.message for error in schema("profile").iter_errors(profile)] == []
    assert profile["id"] == f"{settings.base_url}/issuer"
    assert settings.operator_disclosure in profile["description"]


def test_the_header_says_what_open_badges_allows_and_no_more(client: FlaskClient, attestation: Attestation) -> None:
    for path in (f"/credentials/{attestation.public_id}", "/status/revocation/1"):
        header = part(client.get(path).get_data(as_text=True), 0)
        assert set(header) == {"alg", "kid", "typ"}
        assert (header["alg"], header["typ"]) == ("RS256", "JWT")


def test_the_claims_repeat_the_members(client: FlaskClient, attestation: Attestation) -> None:
    for path in (f"/credentials/{attestation.public_id}", "/status/revocation/1"):
        said = part(client.get(path).get_data(as_text=True), 1)
        issuer = said["issuer"]["id"] if isinstance(said["issuer"], dict) else said["issuer"]
        assert (said["iss"], said["jti"], said["sub"]) == (issuer, said["id"], said["credentialSubject"]["id"])
        for claim, member in (("nbf", "validFrom"), ("exp", "validUntil")):
            assert clock.datetime.fromtimestamp(said[claim], clock.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") == said[member]


def test_a_kid_leads_to_one_bare_key(client: FlaskClient, attestation: Attestation, fetch_document: Any) -> None:
    jwk = json.loads(fetch_document(part(token_of(client, attestation), 0)["kid"]))
    assert set(jwk) == {"kty", "n", "e"}
    assert jwk["kty"] == "RSA"
    listed = client.get("/.well-known/jwks.json").get_json()
    assert [(key["n"], key["use"]) for key in listed["keys"]] == [(jwk["n"], "sig")]
    assert client.get("/.well-known/keys/nobody").status_code == 404


def test_a_changed_letter_is_refused(client: FlaskClient, attestation: Attestation, read_credential: Check) -> None:
    token = token_of(client, attestation)
    header, payload, signature = token.split(".")
    said = part(token, 1)
    said["credentialSubject"]["achievement"]["name"] = "The greatest"
    other = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    flipped = signature[:40] + ("A" if signature[40] != "A" else "B") + signature[41:]
    for forged in (f"{header}.{other}.{signature}", f"{header}.{payload}.{flipped}", f"{header}.{payload}."):
        with pytest.raises(OB3VerificationError):
            read_credential(forged)


def test_an_expired_one_is_refused(
    client: FlaskClient, session: Session, provider: Account, read_credential: Check
) -> None:
    made = make_attestation(session, make_listing(session, provider), now=clock.now() - timedelta(days=400))
    session.commit()
    with pytest.raises(OB3VerificationError, match="expired"):
        read_credential(token_of(client, made))


def test_a_revoked_one_is_refused_and_its_neighbour_is_not(
    client: FlaskClient, session: Session, attestation: Attestation, other_provider: Account, read_credential: Check
) -> None:
    neighbour = make_attestation(session, make_listing(session, other_provider), now=clock.now())
    session.commit()
    decide(session, attestation, Move.REVOKE)
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        read_credential(token_of(client, attestation))
    read_credential(token_of(client, neighbour))


def test_a_superseded_one_is_refused_and_the_later_one_is_not(
    client: FlaskClient, session: Session, attestation: Attestation, read_credential: Check
) -> None:
    later = make_attestation(session, attestation.listing, now=clock.now())
    session.commit()
    session.refresh(attestation)
    assert attestation.state is AttestationState.SUPERSEDED
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        read_credential(token_of(client, attestation))
    read_credential(token_of(client, later))


def test_a_suspended_listing_s_is_refused_for_ever_and_a_new_one_is_taken_after(
    client: FlaskClient, session: Session, attestation: Attestation, read_credential: Check
) -> None:
    before = token_of(client, attestation)
    for move in (ListingMove.SUSPEND, ListingMove.REINSTATE):
        by = get_reviewer(session).actor
        decide_listing(
            session, attestation.listing, move, by=by, now=clock.now(), rulesets=bundled_rulesets(), reason="A test."
        )
        session.commit()
        with pytest.raises(OB3VerificationError, match="'revocation' is set"):
            read_credential(before)
    read_credential(token_of(client, attestation))


def test_what_an_older_key_signed_is_still_taken_and_new_ones_are_signed_anew(
    client: FlaskClient, attestation: Attestation, settings: Settings, read_credential: Check, fetch_document: Any
) -> None:
    before = token_of(client, attestation)
    keys.rotate(settings.keys)
    after = token_of(client, attestation)
    assert part(before, 0)["kid"] != part(after, 0)["kid"]
    assert part(before, 1) == part(after, 1)
    read_credential(after)
    assert len(client.get("/.well-known/jwks.json").get_json()["keys"]) == 2
    old = RSAKey.import_key(json.loads(fetch_document(part(before, 0)["kid"]))).as_pem(private=False)
    OB3Verifier(old).verify(before)


def test_our_own_reader_takes_it_and_refuses_a_stranger_s(
    client: FlaskClient, attestation: Attestation, settings: Settings, tmp_path: Path
) -> None:
    token = token_of(client, attestation)
    assert jws.verify(token, Keyring.open(settings.keys)) == part(token, 1)
    with pytest.raises(keys.Invalid):
        jws.verify(token, Keyring.open(tmp_path / "elsewhere"))


def test_the_list_is_the_same_until_a_bit_changes_and_believed_for_a_day(
    client: FlaskClient, session: Session, attestation: Attestation
) -> None:
    first, second = (client.get("/status/revocation/1") for _ in range(2))
    if part(first.get_data(as_text=True), 1)["validFrom"] == part(second.get_data(as_text=True), 1)["validFrom"]:
        assert first.data == second.data
    said = part(first.get_data(as_text=True), 1)
    left = said["exp"] - clock.now().timestamp()
    assert timedelta(days=1).total_seconds() - 5 <= left <= timedelta(days=1, hours=1).total_seconds()
    decide(session, attestation, Move.REVOKE)
    again = client.get("/status/revocation/1", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert client.get("/status/revocation/2").status_code == 404


def test_it_says_that_the_provider_said_so_and_nothing_grander(client: FlaskClient, attestation: Attestation) -> None:
    payload = part(token_of(client, attestation), 1)
    achievement = payload["credentialSubject"]["achievement"]
    assert achievement["achievementType"] == "Badge"
    assert {item["genre"] for item in payload["evidence"]} == {"Self-certified answers"}
    text = json.dumps(payload).lower()
    assert "nobody watched the procedure" in text
    assert "@" not in text.replace("@context", ""), "no email address"
    for grand in ("verified", "approved", "accredited", "safe", "best", "percent", "license agreement", "failed"):
        assert f" {grand}" not in text


def test_answers_that_do_not_match_every_rule_are_not_said_to(
    client: FlaskClient, session: Session, listing: Listing
) -> None:
    made = make_attestation(session, listing, answers={**MATCHING_ANSWERS, "volume_per_site_ml": 60}, now=clock.now())
    session.commit()
    achievement = part(token_of(client, made), 1)["credentialSubject"]["achievement"]
    assert "1 of 4 answers" in achievement["name"]
    assert "match all" not in json.dumps(achievement)
    assert "1 of 4 answers" in client.get(f"/credentials/{made.public_id}.svg").get_data(as_text=True)
