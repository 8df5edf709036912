"""The stateless grader: the shapes of answers, every refusal with its pointer, and that nothing is kept."""

import logging
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS

from directory.database import Base

ASSESS = "/api/v1/assess"


def ask(client: FlaskClient, **changes: Any) -> Any:
    return client.post(ASSESS, json={"ruleset": "bma-2021.1", "answers": MATCHING_ANSWERS | changes})


def grades(client: FlaskClient, **changes: Any) -> dict[str, str]:
    return {finding["criterion"]: finding["grade"] for finding in ask(client, **changes).get_json()["findings"]}


def test_answers_that_match_every_rule_earn_the_badge(client: FlaskClient) -> None:
    body = ask(client).get_json()
    assert (body["ruleset"], body["grade"], body["badge_earned"]) == ("bma-2021.1", "right", True)


@pytest.mark.parametrize(
    ("key", "answer", "grade"),
    [
        ("volume_per_site_ml", 10, "right"),
        ("volume_per_site_ml", 10.1, "between"),
        ("volume_per_site_ml", 29.9, "between"),
        ("volume_per_site_ml", 30, "wrong"),
        ("volume_per_site_ml", [5, 30], "wrong"),
        ("distinct_sites", 2, "wrong"),
        ("distinct_sites", 3, "between"),
        ("distinct_sites", 5, "right"),
        ("distinct_sites", 16, "between"),
        ("distinct_sites", [10, 20], "between"),
        ("imaging_guidance", {"methods": []}, "wrong"),
        ("imaging_guidance", {"methods": ["ct"], "how_often": "sometimes"}, "between"),
        ("harvest_bone", "vertebra", "between"),
        ("harvest_bone", "tibia", "wrong"),
        ("harvest_bone", None, "unanswered"),
    ],
)
def test_the_weakest_answer_decides(client: FlaskClient, key: str, answer: Any, grade: str) -> None:
    body = ask(client, **{key: answer}).get_json()
    assert {finding["criterion"]: finding["grade"] for finding in body["findings"]}[key] == grade
    assert body["grade"] == grade
    assert body["badge_earned"] is (grade == "right")


def test_what_is_left_out_is_unanswered(client: FlaskClient) -> None:
    body = client.post(ASSESS, json={"ruleset": "bma-2021.1", "answers": {}}).get_json()
    assert {finding["grade"] for finding in body["findings"]} == {"unanswered"}


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("volume_per_site_ml", 0),
        ("volume_per_site_ml", 200.1),
        ("volume_per_site_ml", 8.05),
        ("volume_per_site_ml", "8"),
        ("volume_per_site_ml", True),
        ("volume_per_site_ml", [10, 5]),
        ("volume_per_site_ml", [1, 2, 3]),
        ("volume_per_site_ml", 10**400),
        ("distinct_sites", 0),
        ("distinct_sites", 61),
        ("distinct_sites", 5.5),
        ("imaging_guidance", "fluoroscopy"),
        ("imaging_guidance", {"methods": ["none", "ct"], "how_often": "always"}),
        ("imaging_guidance", {"methods": ["mri"], "how_often": "always"}),
        ("imaging_guidance", {"methods": ["ct"], "how_often": "often"}),
        ("imaging_guidance", {"methods": [], "how_often": "always"}),
        ("imaging_guidance", {"methods": ["none"], "how_often": "sometimes"}),
        ("harvest_bone", "hip"),
        ("harvest_bone", 7),
        ("no_such_question", 1),
    ],
)
def test_each_answer_outside_its_limits_is_named(client: FlaskClient, key: str, answer: Any) -> None:
    reply = ask(client, **{key: answer})
    assert reply.status_code == 422
    assert reply.mimetype == "application/problem+json"
    assert {error["pointer"].split("/")[2] for error in reply.get_json()["errors"]} == {key}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422),
        ("{", 422),
        ("[]", 422),
        ("null", 422),
        ("[" * 100_000, 422),
        ('{"ruleset": "bma-2021.1"}', 422),
        ('{"ruleset": 7, "answers": {}}', 422),
        ('{"ruleset": "bma-2021.1", "answers": []}', 422),
        ('{"ruleset": "bma-2021.1", "answers": {}, "name": "Ann"}', 422),
        ('{"ruleset": "bma-2021.1", "answers": {"volume_per_site_ml": 1e400}}', 422),
        ('{"ruleset": "bma-2021.1", "answers": {"volume_per_site_ml": NaN}}', 422),
        ('{"ruleset": "bma-2021.1", "answers": {"volume_per_site_ml": ' + "9" * 5000 + "}}", 422),
        ('{"ruleset": "no-such-rules", "answers": {}}', 404),
        ("x" * 300_000, 413),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_question_is_refused(client: FlaskClient, body: str, status: int) -> None:
    reply = client.post(ASSESS, data=body, content_type="application/json")
    assert reply.status_code == status
    assert reply.mimetype == "application/problem+json"


def test_nothing_is_kept_and_nothing_is_logged(
    client: FlaskClient, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    def kept() -> dict[str, list[sa.Row[Any]]]:
        return {table.name: list(session.execute(sa.select(table))) for table in Base.metadata.sorted_tables}

    before = kept()
    with caplog.at_level(logging.DEBUG):
        assert ask(client, volume_per_site_ml=7.3).status_code == 200
    assert "7.3" not in caplog.text
    assert kept() == before


def test_it_needs_no_cookie_and_sets_none(client: FlaskClient) -> None:
    assert "Set-Cookie" not in ask(client).headers
