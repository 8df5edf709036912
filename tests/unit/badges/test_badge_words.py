"""The words of a standing, whole, and what is refused where a part of the attestation is missing."""

import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from directory.badges.badge import Standing, Words, day, month, words
from directory.certification.answers import from_json
from directory.certification.ruleset import shipped
from directory.certification.scoring import Assessment, assess

RULES = shipped().load("bma-2021.1")
SIGNED, UNTIL = datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2027, 11, 22, 12, tzinfo=UTC)
TOLD = "This provider told us how they take bone marrow. We did not watch the procedure."


def assessed() -> Assessment:
    said = {"volume_per_site_ml": 8, "distinct_sites": 4, "harvest_bone": "tibia"}
    return assess(RULES, from_json(RULES, said))


@pytest.fixture
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_what_is_out_of_date_says_when_it_was_signed_and_nothing_of_its_rules() -> None:
    assert words(Standing.EXPIRED, RULES, assessed(), signed_at=SIGNED, valid_until=UNTIL) == Words(
        "Answers are out of date", "Self-certified answers, no longer valid since Nov 2027", TOLD,
        "Signed November 22, 2026.", (),
    )  # fmt: skip


def test_answers_that_do_not_match_every_rule_say_which_and_why_and_since_when() -> None:
    assessment = assessed()
    assert words(Standing.NOT_EVERY_RULE, RULES, assessment, signed_at=SIGNED, valid_until=UNTIL) == Words(
        "Answers do not match every rule",
        "Self-certified · answers do not match every rule: Number of places; Pictures to guide the needle (not stated);"
        " Bone",
        TOLD,
        "Signed November 22, 2026. Valid to November 22, 2027.",
        tuple(finding.sentence for finding in assessment.findings[1:]),
    )


def test_where_nothing_is_stated_no_date_is_said() -> None:
    assert words(Standing.NOT_STATED) == Words(
        "Not stated", "Not stated: this provider has not told us how they take bone marrow",
        "This provider has not told us how they take bone marrow. You can ask them.", "", (),
    )  # fmt: skip


@pytest.mark.parametrize("standing", [Standing.BADGE, Standing.NOT_EVERY_RULE, Standing.EXPIRED])
@pytest.mark.parametrize("there", [there for there in itertools.product([True, False], repeat=4) if not all(there)])
def test_words_need_every_part_of_an_attestation(standing: Standing, there: tuple[bool, ...]) -> None:
    parts = [part if given else None for part, given in zip((RULES, assessed(), SIGNED, UNTIL), there, strict=True)]
    ruleset, assessment, signed_at, valid_until = parts
    with pytest.raises(ValueError, match=rf"^the words for {standing} need the whole attestation$"):
        words(standing, ruleset, assessment, signed_at=signed_at, valid_until=valid_until)


@pytest.mark.usefixtures("far_from_greenwich")
def test_a_day_is_the_same_wherever_the_server_stands() -> None:
    late = datetime(2027, 11, 30, 23, 59, tzinfo=UTC)
    assert (month(late), day(late)) == ("Nov 2027", "November 30, 2027")
