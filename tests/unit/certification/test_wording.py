"""The words of every standing, whole, and what is refused where a part of the answers is missing."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from directory.certification import wording
from directory.certification.scoring import Grade
from directory.certification.wording import (
    Standing,
    StandingWords,
    format_day,
    format_month,
    standing_words,
    summarize_grades,
)

UNTIL = datetime(2027, 11, 22, 12, tzinfo=UTC)
TOLD = "This provider told us how they take bone marrow. We did not watch the procedure."
ASK = "You can ask them how they take bone marrow."
RIGHT, BETWEEN = ["right"] * 4, ["right", "between", "right", "right"]

NEVER = ("verified", "approved", "accredited", "safe", "best", "star", "percent", "%", "failed", "not stated", "tag")


@pytest.fixture
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_badge_says_that_it_is_self_certified_that_all_match_and_how_long() -> None:
    words = standing_words(Standing.BADGE, grades=RIGHT, at=UNTIL)
    assert words.line == "Self-certified · All 4 answers match · until Nov 2027"
    assert words.beside == (
        "This provider told us how they take bone marrow. Their answers match our published rules. "
        "We did not watch the procedure. It is not a promise that treatment will work, and not a medical license."
    )
    seen = standing_words(Standing.BADGE, grades=RIGHT, at=UNTIL, documents_seen=True)
    assert seen.line == "Self-certified · All 4 answers match · until Nov 2027 · documents seen"


@pytest.mark.parametrize(
    ("standing", "line", "beside"),
    [
        (Standing.NOT_EVERY_RULE, "No badge. 1 of 4 answers is in between.", TOLD),
        (Standing.EXPIRED, "No badge. Their answers ran out in Nov 2027.", TOLD),
        (Standing.REVOKED, "No badge. We took their answers down in Nov 2027.", ASK),
        (Standing.NOT_STATED, "No badge. No answers to show yet.", ASK),
        (Standing.SUSPENDED, "No badge. This listing is off the map for now.", ASK),
        (Standing.RETIRED, "No badge. This listing has left the directory.", ASK),
    ],
)
def test_without_a_badge_the_reason_is_one_sentence(standing: Standing, line: str, beside: str) -> None:
    words = standing_words(standing, grades=BETWEEN, at=UNTIL)
    assert (words.standing, words.title, words.line, words.beside) == (standing, "No badge", line, beside)
    assert words.documents == ""


@pytest.mark.parametrize(
    ("grades", "reason"),
    [
        ("right right right right", "All 4 answers match"),
        ("right right right", "All 3 answers match"),
        ("right between right right", "1 of 4 answers is in between"),
        ("between between right right", "2 of 4 answers are in between"),
        ("wrong right right right", "1 of 4 answers does not match"),
        ("wrong wrong wrong right", "3 of 4 answers do not match"),
        ("unanswered right right right", "1 of 4 answers is missing"),
        ("unanswered unanswered right right", "2 of 4 answers are missing"),
        ("between wrong right right", "Of 4 answers, 1 does not match and 1 is in between"),
        ("between wrong between unanswered", "Of 4 answers, 1 does not match, 2 are in between and 1 is missing"),
    ],
)
def test_the_reason_counts_what_keeps_the_badge_away_the_weakest_first(grades: str, reason: str) -> None:
    assert summarize_grades(grades.split()) == reason


@pytest.mark.parametrize("standing", Standing)
def test_no_words_promise_more_than_is_known(standing: Standing) -> None:
    words = standing_words(standing, grades=BETWEEN, at=UNTIL)
    text = f"{words.line} {words.beside}".lower()
    assert not [forbidden for forbidden in NEVER if forbidden in text]


def test_each_grade_has_one_label() -> None:
    assert {grade.word: grade.label for grade in Grade} == {
        "right": "Matches", "between": "In between", "wrong": "Does not match", "unanswered": "No answer",
    }  # fmt: skip


def test_the_dates_say_until_when_answers_count_or_counted() -> None:
    signed = datetime(2026, 11, 22, 12, tzinfo=UTC)
    dates = wording.format_signed_dates(signed, UNTIL, UNTIL)
    assert dates == "Signed November 22, 2026. Counts until November 22, 2027."
    later = wording.format_signed_dates(signed, UNTIL, UNTIL + timedelta(microseconds=1))
    assert later == "Signed November 22, 2026. Counted until November 22, 2027."


@pytest.mark.parametrize("standing", [Standing.BADGE, Standing.NOT_EVERY_RULE, Standing.EXPIRED, Standing.REVOKED])
def test_words_about_answers_need_their_date(standing: Standing) -> None:
    with pytest.raises(ValueError, match=f"^the words for {standing} need the answers' grades and date$"):
        standing_words(standing, grades=RIGHT)


@pytest.mark.parametrize("standing", [Standing.BADGE, Standing.NOT_EVERY_RULE])
def test_words_about_answers_that_count_need_their_grades(standing: Standing) -> None:
    with pytest.raises(ValueError, match="need the answers' grades and date"):
        standing_words(standing, at=UNTIL)


def test_only_a_badge_has_parts_in_its_line() -> None:
    assert StandingWords(Standing.BADGE, "Self-certified", "All 4 answers match").line == (
        "Self-certified · All 4 answers match"
    )


def test_every_month_is_named_in_universal_time() -> None:
    assert [format_month(datetime(2027, number, 1, tzinfo=UTC))[:3] for number in range(1, 13)] == (
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    )
    late = datetime(2027, 11, 30, 20, tzinfo=timezone(timedelta(hours=-7)))
    assert (format_month(late), format_day(late)) == ("Dec 2027", "December 1, 2027")


@pytest.mark.usefixtures("far_from_greenwich")
def test_a_day_is_the_same_wherever_the_server_stands() -> None:
    late = datetime(2027, 11, 30, 23, 59, tzinfo=UTC)
    assert (format_month(late), format_day(late)) == ("Nov 2027", "November 30, 2027")
