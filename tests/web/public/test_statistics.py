"""The page of numbers: what it shows, from when, how sure it is, and that it keeps the promises of a public page."""

import csv
import io
import re

import pytest
from sqlalchemy.orm import Session
from support import reading_level
from support.factories import MATCHING_ANSWERS, NOW
from support.http_client import Browser

from directory.accounts.tables import Account
from directory.certification.ruleset import bundled_rulesets
from directory.review import random_audit
from directory.review.audit_findings import record_contact, record_outcome
from directory.review.audit_outcome import AuditOutcome, ContactChannel
from directory.review.sample import Quarter
from directory.statistics.commands import refresh_figures
from directory.statistics.queries import stored_figures

PATHS = ("/statistics", "/statistics.json", "/statistics.csv")
RULES = bundled_rulesets()


@pytest.fixture
def counted(session: Session, add_listing) -> None:
    for number in range(11):
        add_listing(f"Clinic {number}", answers=MATCHING_ANSWERS, signed_at=NOW, now=NOW)
    add_listing("Wide Clinic", answers={**MATCHING_ANSWERS, "volume_per_site_ml": 60}, signed_at=NOW, now=NOW)
    refresh_figures(session, RULES, now=NOW)
    session.commit()


def test_before_the_first_count_the_page_says_so(visitor: Browser) -> None:
    assert "not counted yet" in visitor.open("/statistics").text
    for path in PATHS[1:]:
        assert visitor.open(path).status == 404


@pytest.mark.usefixtures("counted")
def test_the_page_is_public_cacheable_and_has_no_cookie(visitor: Browser) -> None:
    for path in PATHS:
        answer = visitor.client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"].startswith("public")
    assert "/statistics" in visitor.client.get("/sitemap.xml").text
    assert 'href="/statistics"' in visitor.open("/").html


@pytest.mark.usefixtures("counted")
def test_the_page_says_when_it_was_counted_and_reads_the_rule_from_the_ruleset(visitor: Browser) -> None:
    page = visitor.open("/statistics")
    assert "Nov 22, 2026, 12:00 UTC" in page.text
    for words in ("Matches: up to 10 mL", "Does not match: 30 mL or more", "Matches: 5 to 15 places"):
        assert words in page.text
    assert "verified" not in page.text.lower()
    assert "Self-certified badges over time" in page.text


@pytest.mark.usefixtures("counted")
def test_each_chart_has_a_title_a_description_and_a_table(visitor: Browser) -> None:
    html = visitor.open("/statistics").html
    charts = re.findall(r'<svg class="chart[^>]*aria-labelledby="([^"]+)"', html)
    assert len(charts) == 5
    for named in charts:
        for name in named.split():
            assert len(re.findall(rf'id="{name}"', html)) == 1
    assert html.count("<summary>As a table</summary>") == len(charts)
    assert "<script" not in html.partition("<main")[2]
    assert "style=" not in html.partition("<main")[2], "the content security policy forbids it"


@pytest.mark.usefixtures("counted")
def test_the_files_have_the_numbers_of_the_page(visitor: Browser) -> None:
    answer = visitor.client.get("/statistics.json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    document = answer.get_json()
    assert document["listings"] == {"published": 12, "with_answers": 12, "badges": 11}
    rows = list(csv.reader(io.StringIO(visitor.client.get("/statistics.csv").text)))
    assert rows[0] == ["figure", "of", "group", "number"]
    assert ["grades", "volume_per_site_ml", "wrong", "1"] in rows


@pytest.mark.usefixtures("counted")
def test_the_accuracy_is_recomputable_from_the_draw_and_hides_nothing(
    visitor: Browser, session: Session, reviewer: Account
) -> None:
    assert "No answers were drawn" in visitor.open("/statistics").text
    held = random_audit.run_draw(session, Quarter(2026, 4), seed="any", rulesets=RULES, now=NOW)
    first, second = random_audit.drawn_attestations(session, held)
    for _ in range(2):
        record_contact(session, second, ContactChannel.PHONE, "Nobody answered.", by=reviewer.actor, now=NOW)
    record_outcome(session, first, AuditOutcome.CONFIRMED, "They showed a record.", by=reviewer.actor, now=NOW)
    record_outcome(session, second, AuditOutcome.NOT_REACHED, "No answer.", by=reviewer.actor, now=NOW)
    refresh_figures(session, RULES, now=NOW)
    session.commit()
    sentence = "Of the answers that we could check (1), 1 was confirmed (95% interval: 21% to 100%)."
    assert sentence in visitor.open("/statistics").text
    published = list(csv.DictReader(io.StringIO(visitor.client.get("/draws/2026-4/outcomes.csv").text)))
    found = visitor.client.get("/statistics.json").get_json()["accuracy"]["all"]
    for outcome in AuditOutcome:
        assert found[outcome.value] == sum(row["outcome"] == outcome for row in published)


@pytest.mark.usefixtures("counted")
def test_the_page_is_for_the_eighth_grade(visitor: Browser) -> None:
    blocks = reading_level.text_blocks(visitor.open("/statistics").html)
    assert reading_level.flesch_kincaid_grade(blocks) <= 8, reading_level.hardest_blocks(blocks)


def test_an_empty_directory_has_a_page(visitor: Browser, session: Session) -> None:
    refresh_figures(session, RULES, now=NOW)
    session.commit()
    assert stored_figures(session)
    assert visitor.open("/statistics").status == 200
