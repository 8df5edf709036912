"""What the patient's own check promises: the one grader's sentences, and nothing kept anywhere."""

import logging
import string
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.databases import get_engine
from support.page_text import input_value, visible_text

from directory import transaction
from directory.certification.answers import answers_from_json
from directory.certification.ruleset import bundled_rulesets
from directory.certification.scoring import assess

RULES = bundled_rulesets().current
TOLD = {
    "volume_per_site_ml-low": "12.5",
    "distinct_sites-low": "2",
    "distinct_sites-high": "4",
    "imaging_guidance-methods": ["ultrasound", "fluoroscopy"],
    "imaging_guidance-how_often": "sometimes",
    "harvest_bone-value": "tibia",
}
SAME = {
    "volume_per_site_ml": 12.5,
    "distinct_sites": [2, 4],
    "imaging_guidance": {"methods": ["ultrasound", "fluoroscopy"], "how_often": "sometimes"},
    "harvest_bone": "tibia",
}
RIGHT = {
    "volume_per_site_ml-low": "5 to 10 cc",
    "distinct_sites-low": "6",
    "imaging_guidance-methods": "ct",
    "imaging_guidance-how_often": "always",
    "harvest_bone-value": "posterior_iliac_crest",
}


def test_the_form_asks_what_the_rules_grade_in_the_patients_words(client: FlaskClient) -> None:
    page = client.get("/check")
    said = visible_text(page)
    assert all(criterion.patient_question in said for criterion in RULES.criteria)
    assert 'method="post"' in page.text
    for detail in RULES.details:
        assert f'name="{detail.key}' not in page.text, "what is not graded need not be asked"


def test_the_sentences_are_those_of_the_one_grader(client: FlaskClient) -> None:
    said = visible_text(client.post("/check", data=TOLD))
    for finding in assess(RULES, answers_from_json(RULES, SAME)).findings:
        assert finding.sentence in said
    assert "Not every answer matches." in said


def test_all_right_is_said_and_nothing_is_promised(client: FlaskClient) -> None:
    said = visible_text(client.post("/check", data=RIGHT))
    assert "All answers match the rules." in said
    assert "It is not a promise that treatment will work." in said
    assert said.count(" Matches ") == 4
    assert "Self-certified" not in said, "nobody certified anything here"


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        (RIGHT | {"distinct_sites-low": "2"}, "At least one is what the rules call wrong."),
        (RIGHT | {"distinct_sites-low": "4"}, "At least one lies in between"),
        (RIGHT | {"distinct_sites-low": ""}, "A blank is never called wrong."),
        (RIGHT | {"harvest_bone-value": "", "distinct_sites-low": "2"}, "At least one is what the rules call wrong."),
    ],
)
def test_the_weakest_answer_decides(client: FlaskClient, answers: dict[str, str], verdict: str) -> None:
    said = visible_text(client.post("/check", data=answers))
    assert verdict in said
    assert RULES.weakest_link in said


def test_what_was_typed_stands_in_the_form_again(client: FlaskClient) -> None:
    page = client.post("/check", data=TOLD)
    assert input_value(page, "volume_per_site_ml-low") == "12.5"
    assert 'checked id="harvest_bone-value-3" name="harvest_bone-value" type="radio" value="tibia"' in page.text


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"volume_per_site_ml-low": "0"}, "Amount from one place must be from 0.1 to 200 mL."),
        ({"volume_per_site_ml-low": "many"}, "Amount from one place must be a number"),
        ({"distinct_sites-low": "5.5"}, "Number of places must be a whole number."),
        ({"imaging_guidance-methods": ["none", "ct"]}, '"none" cannot stand together with another choice'),
        ({"harvest_bone-value": "elbow"}, "Bone must be one of"),
        ({}, "Type in at least one answer."),
        ({"harvest_bone-value": ""}, "Type in at least one answer."),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(client: FlaskClient, answers: dict[str, str], sentence: str) -> None:
    page = client.post("/check", data=answers)
    assert page.status_code == 422
    assert sentence in visible_text(page)
    assert "How the answers fit the rules" not in visible_text(page)


def test_nothing_is_stored_logged_set_or_kept(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []
    with app.app_context():
        watched = get_engine(transaction.session())
    sa.event.listen(watched, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))
    caplog.set_level(logging.DEBUG)
    page = client.post("/check", data=TOLD)
    assert page.status_code == 200
    # The footer names the operator, which is a setting.
    assert [statement for statement in asked if "FROM settings" not in statement] == [], "nothing else is asked"
    assert not [record for record in caplog.records if "tibia" in record.getMessage() or "12.5" in record.getMessage()]
    assert "Set-Cookie" not in page.headers
    assert "Cookie" not in page.headers.get("Vary", "")
    assert page.headers["Cache-Control"] == "private, no-store"


def test_answers_in_an_address_are_not_read(client: FlaskClient) -> None:
    page = client.get(f"/check?{urlencode(TOLD, doseq=True)}")
    assert "How the answers fit the rules" not in visible_text(page)
    assert input_value(page, "volume_per_site_ml-low") == ""


def test_a_question_of_newer_rules_is_asked_and_graded(two_rulesets_client: FlaskClient) -> None:
    assert "How fast will you pull the plunger?" in visible_text(two_rulesets_client.get("/check"))
    said = visible_text(two_rulesets_client.post("/check", data=TOLD | {"draw_speed-value": "slow"}))
    assert "They pull slowly. The rule is a fast pull." in said
    assert "The rule is 5 mL or less." in said


NAMES = st.sampled_from([*TOLD, "volume_per_site_ml-high", "version", "total_volume_ml-low", "csrf_token", ""])
LIKELY = st.sampled_from(["5", "5-10", "1e999", "nan", "-1", "none", "ct", "tibia", "always", "٣", "\0", "9" * 500])
SHREDS = st.text(string.printable + "\0\u200f\u202eé९\U0001f9b4", max_size=40)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(NAMES, LIKELY | SHREDS | st.text(max_size=30)), max_size=8))
def test_nothing_that_is_sent_breaks_the_page(client: FlaskClient, pairs: list[tuple[str, str]]) -> None:
    body = urlencode(pairs, errors="surrogatepass")
    page = client.post("/check", data=body, content_type="application/x-www-form-urlencoded")
    assert page.status_code in {200, 422}, page.text[:300]
