"""The statistics as JSON are as the interface describes them."""

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy.orm import Session
from support.factories import NOW, make_account, make_attestation, make_listing

from directory.accounts.policy import Role
from directory.certification.ruleset import bundled_rulesets
from directory.review import random_audit
from directory.review.sample import Quarter
from directory.statistics.commands import refresh_figures


def test_before_the_first_count_it_is_a_problem(client: FlaskClient) -> None:
    answer = client.get("/statistics.json")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_every_number_is_described(client: FlaskClient, session: Session) -> None:
    make_attestation(session, make_listing(session, make_account(session, Role.PROVIDER)))
    random_audit.run_draw(session, Quarter.of(NOW), seed="any", rulesets=bundled_rulesets(), now=NOW)
    refresh_figures(session, bundled_rulesets(), now=NOW)
    session.commit()
    body = client.get("/statistics.json").get_json()
    schema = client.get("/api/v1/openapi.json").get_json()["components"]["schemas"]["Statistics"]
    Draft202012Validator(schema).validate(body)
    assert body.keys() == schema["properties"].keys()
    assert body["accuracy"]["all"]["drawn"] == 1
