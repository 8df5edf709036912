"""Badges on other people's sites: honest, never stale, and there for every listing that was ever public."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, get_reviewer, make_attestation, make_listing

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.listings import lifecycle as listing_lifecycle
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.review.commands import decide_attestation, decide_listing

KINDS = {"svg": "image/svg+xml", "png": "image/png", "json": "application/json"}


def document(client: FlaskClient, listing: Listing) -> dict[str, Any]:
    answer = client.get(f"/badges/{listing.slug}.json").get_json()
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize("ending", KINDS)
def test_a_badge_may_be_shown_by_any_site_and_kept_for_a_minute(
    client: FlaskClient, attestation: Attestation, ending: str
) -> None:
    answer = client.get(f"/badges/{attestation.listing.slug}.{ending}")
    assert answer.status_code == 200
    assert answer.mimetype == KINDS[ending]
    assert set(answer.headers["Cache-Control"].split(", ")) == {"public", "max-age=60", "must-revalidate"}
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    tag = answer.headers["ETag"]
    assert tag.startswith('"'), "a strong one"
    again = client.get(f"/badges/{attestation.listing.slug}.{ending}", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert "must-revalidate" in again.headers["Cache-Control"]


@pytest.mark.parametrize("ending", KINDS)
def test_from_accepting_to_revoking_the_picture_changes_at_once(
    client: FlaskClient, session: Session, listing: Listing, ending: str
) -> None:
    path = f"/badges/{listing.slug}.{ending}"
    seen = [client.get(path)]
    attestation = make_attestation(session, listing, state=AttestationState.SUBMITTED, now=clock.now())
    session.commit()
    assert client.get(path).data == seen[0].data, "what waits for review is not public"
    for move in (Move.ACCEPT, Move.REVOKE):
        decide_attestation(
            session,
            attestation,
            move,
            by=get_reviewer(session).actor,
            now=clock.now(),
            rulesets=bundled_rulesets(),
            reason="It is not what they do.",
        )
        session.commit()
        answer = client.get(path, headers={"If-None-Match": seen[-1].headers["ETag"]})
        assert answer.status_code == 200, "a browser that asks again is given the new picture"
        seen.append(answer)
    assert len({answer.data for answer in seen}) == len({answer.headers["ETag"] for answer in seen}) == 3


def test_nobody_keeps_a_badge_beyond_its_last_second(client: FlaskClient, session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    soon, year = clock.now() + timedelta(seconds=30), bundled_rulesets().current
    signed = next(day for days in (365, 366) if year.valid_until(day := soon - timedelta(days)) == soon)
    made = make_attestation(session, listing, now=signed)
    session.commit()
    assert made.valid_until == soon
    answer = client.get(f"/badges/{listing.slug}.svg")
    assert "Self-certified technique" in answer.get_data(as_text=True)
    assert answer.cache_control.max_age is not None
    assert answer.cache_control.max_age <= 30


EVERYTHING = [
    (AttestationState.ACCEPTED, {}, "badge"),
    (AttestationState.ACCEPTED, {"volume_per_site_ml": 60}, "not_every_rule"),
    (AttestationState.ACCEPTED, {"harvest_bone": None}, "not_every_rule"),
    (AttestationState.ACCEPTED, dict.fromkeys(MATCHING_ANSWERS), "not_stated"),
    (AttestationState.SUBMITTED, {}, "not_stated"),
    (AttestationState.REVOKED, {}, "revoked"),
]


@pytest.mark.parametrize(("state", "changes", "standing"), EVERYTHING)
def test_there_is_an_honest_picture_for_every_standing(
    client: FlaskClient,
    session: Session,
    listing: Listing,
    state: AttestationState,
    changes: dict[str, Any],
    standing: str,
) -> None:
    made = make_attestation(session, listing, state=state, answers={**MATCHING_ANSWERS, **changes}, now=clock.now())
    session.commit()
    said = document(client, listing)
    assert (said["standing"], said["badge"], said["self_certified"]) == (standing, standing == "badge", True)
    assert said["text"] in client.get(f"/badges/{listing.slug}.svg").get_data(as_text=True)
    if standing in {"badge", "not_every_rule"}:
        assert said["ruleset"] == "bma-2021.1"
        assert said["verify"].endswith(f"/verify/{made.public_id}")
        assert said["credential"].endswith(f"/credentials/{made.public_id}")


def test_an_attestation_that_waits_is_named_nowhere(client: FlaskClient, session: Session, listing: Listing) -> None:
    made = make_attestation(session, listing, state=AttestationState.SUBMITTED, now=clock.now())
    session.commit()
    assert made.public_id not in client.get(f"/badges/{listing.slug}.json").get_data(as_text=True)


def test_after_its_last_day_a_badge_says_that_it_is_out_of_date(
    client: FlaskClient, session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider)
    make_attestation(session, listing, now=clock.now() - timedelta(days=400))
    session.commit()
    assert document(client, listing)["standing"] == "expired"
    assert "Their answers ran out in" in client.get(f"/badges/{listing.slug}.svg").get_data(as_text=True)


@pytest.mark.parametrize(
    ("move", "standing"), [(listing_lifecycle.Move.SUSPEND, "suspended"), (listing_lifecycle.Move.RETIRE, "retired")]
)
def test_what_left_the_list_has_a_picture_that_says_so_and_no_answers(
    client: FlaskClient, session: Session, attestation: Attestation, move: listing_lifecycle.Move, standing: str
) -> None:
    by = get_reviewer(session).actor
    decide_listing(
        session, attestation.listing, move, by=by, now=clock.now(), rulesets=bundled_rulesets(), reason="A test."
    )
    session.commit()
    said = document(client, attestation.listing)
    assert said["standing"] == standing
    assert (said["ruleset"], said["valid_until"], said["verify"]) == (None, None, None)
    assert client.get(f"/badges/{attestation.listing.slug}.png").status_code == 200


@pytest.mark.parametrize("state", [ListingState.DRAFT, ListingState.SUBMITTED, ListingState.REJECTED])
@pytest.mark.parametrize("ending", KINDS)
def test_what_was_never_public_has_no_badge(
    client: FlaskClient, session: Session, provider: Account, state: ListingState, ending: str
) -> None:
    listing = make_listing(session, provider, state=state)
    session.commit()
    assert client.get(f"/badges/{listing.slug}.{ending}").status_code == 404


@pytest.mark.parametrize("slug", ["nobody", "..%2f..%2fetc", "'; --", "%00", "x" * 2000])
def test_nobody_s_badge_is_not_found(client: FlaskClient, slug: str) -> None:
    assert client.get(f"/badges/{slug}.svg").status_code == 404


@pytest.mark.parametrize("query", ["size=huge", "theme=pink", "size=", "size=%00", "theme=SMALL"])
@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_size_that_is_not_made_is_refused_in_a_sentence(
    client: FlaskClient, listing: Listing, query: str, ending: str
) -> None:
    answer = client.get(f"/badges/{listing.slug}.{ending}?{query}")
    assert answer.status_code == 422
    assert f"{query.partition('=')[0]} must be one of" in answer.get_data(as_text=True)


def test_sizes_and_themes_are_different_pictures(client: FlaskClient, attestation: Attestation) -> None:
    path = f"/badges/{attestation.listing.slug}"
    queries = [f"?size={size}&theme={theme}" for size in ("small", "wide") for theme in ("light", "dark")]
    for ending in ("svg", "png"):
        assert len({client.get(f"{path}.{ending}{query}").data for query in queries}) == 4
    assert client.get(f"{path}.svg").data == client.get(f"{path}.svg?size=wide&theme=light").data


def test_a_download_is_a_file_with_the_picture(client: FlaskClient, attestation: Attestation) -> None:
    for ending in ("svg", "png", "jwt"):
        answer = client.get(f"/credentials/{attestation.public_id}.{ending}")
        name = f'attachment; filename="{attestation.public_id}.{ending}"'
        assert (answer.status_code, answer.headers["Content-Disposition"]) == (200, name)
    with Image.open(BytesIO(client.get(f"/credentials/{attestation.public_id}.png").data)) as picture:
        assert picture.size == (800, 216)


def test_people_are_led_from_a_credential_to_its_page(client: FlaskClient, attestation: Attestation) -> None:
    path = f"/credentials/{attestation.public_id}"
    page = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (page.status_code, page.headers["Location"]) == (303, f"/verify/{attestation.public_id}")
    token = client.get(path, headers={"Accept": "*/*"})
    assert (token.status_code, token.mimetype) == (200, "text/plain")
    assert page.headers["Vary"] == token.headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("ending", ["", ".jwt", ".svg", ".png"])
def test_there_is_no_credential_where_nothing_was_accepted(
    client: FlaskClient, session: Session, listing: Listing, ending: str
) -> None:
    waiting = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    session.commit()
    for public_id in (waiting.public_id, "nothing", "%00"):
        assert client.get(f"/credentials/{public_id}{ending}").status_code == 404


def test_the_key_is_made_when_something_is_first_signed(
    client: FlaskClient, attestation: Attestation, tmp_path: Path
) -> None:
    folder = tmp_path / "home" / "keys" / "signing"
    assert not folder.exists()
    client.get(f"/credentials/{attestation.public_id}")
    assert [file.name for file in folder.iterdir()] == ["0001.pem"]
