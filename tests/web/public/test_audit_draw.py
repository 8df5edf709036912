"""What everybody is promised of the draw: with the published page alone, it can be done again."""

import hashlib
import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from support import reading_level
from support.factories import MATCHING_ANSWERS, NOW
from support.http_client import Browser

from directory.accounts.tables import Account
from directory.certification.ruleset import bundled_rulesets
from directory.review import random_audit
from directory.review.audit_findings import record_outcome
from directory.review.audit_outcome import AuditOutcome
from directory.review.sample import Quarter

SEEDS = ["marrow", 'it\'s $HOME; `echo` \\ "quoted" %s', "-n", "Ünïcode ✓"]


@pytest.fixture(params=SEEDS)
def draw_seed(request: pytest.FixtureRequest, session: Session, add_listing) -> str:
    for number in range(11):
        add_listing(f"Clinic {number}", answers=MATCHING_ANSWERS, signed_at=NOW, now=NOW)
    random_audit.run_draw(session, Quarter(2026, 4), seed=request.param, rulesets=bundled_rulesets(), now=NOW)
    session.commit()
    return request.param


def _shown_ids(page: str) -> list[str]:
    return re.findall(r'href="/verify/([0-9a-f]{32})"', page)


def test_the_page_and_the_list_are_all_it_takes(visitor: Browser, draw_seed: str) -> None:
    page = visitor.open("/draws/2026-4")
    candidates = visitor.client.get("/draws/2026-4/candidates.txt")
    assert draw_seed in html.unescape(page.html)
    assert hashlib.sha256(candidates.data).hexdigest() in page.html
    ids = candidates.text.split()
    assert len(ids) == 11
    ranked = sorted(ids, key=lambda text: hashlib.sha256((draw_seed + text).encode()).hexdigest())
    assert _shown_ids(page.html) == ranked[:2]
    assert "Clinic" not in page.text.partition("What was drawn")[2], "nobody is put on show by name"


@pytest.mark.usefixtures("draw_seed")
def test_outcomes_are_public_and_findings_are_not(visitor: Browser, session: Session, reviewer: Account) -> None:
    first, second = random_audit.drawn_attestations(session, random_audit.draw_of_quarter(session, "2026-4"))
    record_outcome(session, first, AuditOutcome.NOT_CONFIRMED, "A secret of theirs.", by=reviewer.actor, now=NOW)
    session.commit()
    page, file = visitor.open("/draws/2026-4"), visitor.client.get("/draws/2026-4/outcomes.csv")
    assert "Not confirmed" in page.text
    assert file.text.splitlines() == [
        "id,state,outcome,looked_at",
        f"{first.attestation.public_id},CO,not_confirmed,2026-11-22",
        f"{second.attestation.public_id},CO,,",
    ]
    assert "secret" not in page.html + file.text


@pytest.mark.usefixtures("draw_seed")
def test_the_commands_on_the_page_print_who_was_drawn(visitor: Browser, tmp_path: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum")
    page = visitor.open("/draws/2026-4").html
    commands = re.search(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    assert commands
    (tmp_path / "candidates.txt").write_bytes(visitor.client.get("/draws/2026-4/candidates.txt").data)
    run = subprocess.run(
        ["sh", "-c", html.unescape(commands[1])], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert [line.split()[1] for line in run.stdout.splitlines()] == _shown_ids(page)


@pytest.mark.usefixtures("draw_seed")
def test_draws_are_listed_and_kept_by_caches_like_other_public_pages(visitor: Browser) -> None:
    assert '<a href="/draws/2026-4">2026-4</a>' in visitor.open("/draws").html
    for path in ("/draws", "/draws/2026-4", "/draws/2026-4/candidates.txt", "/draws/2026-4/outcomes.csv"):
        answer = visitor.client.get(path)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize("name", ["2026-3", "2026-04", "x", "%00", "é", "9" * 500])
def test_there_is_no_draw_of_another_quarter(visitor: Browser, name: str) -> None:
    for path in (f"/draws/{name}", f"/draws/{name}/candidates.txt", f"/draws/{name}/outcomes.csv"):
        assert visitor.open(path).status == 404


@pytest.mark.usefixtures("draw_seed")
def test_the_pages_are_for_the_eighth_grade(visitor: Browser) -> None:
    for path in ("/draws", "/draws/2026-4"):
        blocks = reading_level.text_blocks(visitor.open(path).html)
        assert reading_level.flesch_kincaid_grade(blocks) <= 8, reading_level.hardest_blocks(blocks)


def test_before_the_first_draw_the_page_says_so(visitor: Browser) -> None:
    assert "Nothing was drawn yet" in visitor.open("/draws").text
