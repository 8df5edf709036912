"""Answers are graded exactly as the table of the rules says, ranges at their weakest point."""

import dataclasses
import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.certification.answers import Choice, Choices, NumberRange, answers_from_json
from directory.certification.criteria import AnswerKind, Bounds, Rule
from directory.certification.ruleset import bundled_rulesets
from directory.certification.scoring import Grade, assess, grade_answer

RULES = bundled_rulesets().load("bma-2021.1")
VOLUME, SITES, IMAGING, BONE = RULES.criteria


def grade(key, value):
    findings = assess(RULES, answers_from_json(RULES, {key: value})).findings
    return next(finding.grade.word for finding in findings if finding.criterion == key)


@pytest.mark.parametrize(
    ("volume", "expected"),
    [(0.1, "right"), (1, "right"), (5, "right"), (9.9, "right"), (10, "right"), (10.0, "right"),
     (10.1, "between"), (20, "between"), (29.9, "between"),
     (30, "wrong"), (30.1, "wrong"), (60, "wrong"), (199.9, "wrong"), (200, "wrong"),
     ([5, 10], "right"), ([5, 10.1], "between"), ([0.1, 29.9], "between"), ([5, 30], "wrong"), ([0.1, 200], "wrong"),
     ([30, 30], "wrong")],
)  # fmt: skip
def test_volume_has_its_boundaries_to_the_decimal(volume, expected):
    assert grade("volume_per_site_ml", volume) == expected


@pytest.mark.parametrize(
    ("sites", "expected"),
    [(1, "wrong"), (2, "wrong"), (3, "between"), (4, "between"), (5, "right"), (15, "right"), (16, "between"),
     (60, "between"), ([4, 6], "between"), ([5, 15], "right"), ([10, 20], "between"), ([3, 20], "between"),
     ([2, 6], "wrong"), ([1, 60], "wrong")],
)  # fmt: skip
def test_sites_are_graded_at_both_ends(sites, expected):
    assert grade("distinct_sites", sites) == expected


def test_every_count_of_sites():
    expected = {1: "wrong", 2: "wrong", 3: "between", 4: "between"} | dict.fromkeys(range(5, 16), "right")
    for sites in range(1, 61):
        assert grade("distinct_sites", sites) == expected.get(sites, "between")


def test_every_set_of_imaging_methods():
    methods = ["fluoroscopy", "ultrasound", "ct"]
    for size in range(1, 4):
        for chosen in itertools.combinations(methods, size):
            assert grade("imaging_guidance", {"methods": list(chosen), "how_often": "always"}) == "right"
            assert grade("imaging_guidance", {"methods": list(chosen), "how_often": "sometimes"}) == "between"
    assert grade("imaging_guidance", {"methods": []}) == "wrong"
    assert grade("imaging_guidance", {"methods": ["none"]}) == "wrong"


def test_every_bone():
    expected = {
        "posterior_iliac_crest": "right", "anterior_iliac_crest": "right", "vertebra": "between", "tibia": "wrong",
        "femur": "wrong", "calcaneus": "wrong", "humerus": "wrong", "sternum": "wrong", "other": "wrong",
    }  # fmt: skip
    assert {option.value: grade("harvest_bone", option.value) for option in BONE.options} == expected


@pytest.mark.parametrize("criterion", RULES.criteria, ids=lambda criterion: criterion.key)
def test_a_blank_is_unanswered_and_never_wrong(criterion):
    assert grade(criterion.key, None) == "unanswered"
    finding = assess(RULES, {}).findings[RULES.criteria.index(criterion)]
    assert finding.answer_text == "No answer"
    assert finding.sentence.startswith("They do not say")


EVERY = {
    VOLUME: [NumberRange(Decimal(n) / 10, Decimal(n) / 10) for n in (1, 100, 101, 299, 300, 2000)] + [None],
    SITES: [NumberRange(Decimal(n), Decimal(n)) for n in (1, 2, 3, 5, 15, 16, 60)] + [None],
    IMAGING: [None, Choices(frozenset()), *(Choices(frozenset({"ct"}), often) for often in ("always", "sometimes"))],
    BONE: [None, *(Choice(option.value) for option in BONE.options)],
}  # fmt: skip


def test_the_whole_is_its_weakest_part_for_every_mixture_of_grades():
    for mixture in itertools.product(*EVERY.values()):
        answers = {criterion.key: answer for criterion, answer in zip(EVERY, mixture, strict=True)}
        assessment = assess(RULES, answers)
        grades = [grade_answer(criterion, answer) for criterion, answer in zip(EVERY, mixture, strict=True)]
        assert [finding.grade for finding in assessment.findings] == grades
        assert assessment.grade == min(grades)
        assert assessment.badge_earned == all(part is Grade.RIGHT for part in grades)


def test_one_answer_that_is_not_right_costs_the_badge():
    right = {VOLUME: 10, SITES: 5, IMAGING: {"methods": ["ct"], "how_often": "always"}, BONE: "anterior_iliac_crest"}
    values = {criterion.key: value for criterion, value in right.items()}
    assert assess(RULES, answers_from_json(RULES, values)).badge_earned
    weaker = [("volume_per_site_ml", 10.1, "between"), ("distinct_sites", 16, "between"),
              ("harvest_bone", "sternum", "wrong"), ("imaging_guidance", None, "unanswered")]  # fmt: skip
    for key, value, expected in weaker:
        assessment = assess(RULES, answers_from_json(RULES, values | {key: value}))
        assert (assessment.grade.word, assessment.badge_earned) == (expected, False)


# Properties. Each is a function of the criterion, so that a planted fault can be shown to break it.

tenths = st.one_of(
    st.integers(1, 2000), st.sampled_from([1, 99, 100, 101, 299, 300, 301, 2000])
).map(lambda tenth: Decimal(tenth) / 10)  # fmt: skip


def single(number):
    return NumberRange(number, number)


def never_raised_by_more(criterion, numbers):
    grades = [grade_answer(criterion, single(number)) for number in sorted(numbers)]
    return all(more <= less for less, more in itertools.pairwise(grades))


def never_above_a_point(criterion, points):
    """Every range of these points, which lie as close as answers can, against every point in it."""
    grades = [grade_answer(criterion, single(point)) for point in points]
    for start, low in enumerate(points):
        weakest = Grade.RIGHT
        for stop in range(start, len(points)):
            weakest = min(weakest, grades[stop])
            if grade_answer(criterion, NumberRange(low, points[stop])) != weakest:
                return False
    return True


VOLUMES_TO_35 = [Decimal(tenth) / 10 for tenth in range(1, 351)]
ALL_SITES = [Decimal(sites) for sites in range(1, 61)]


@given(st.lists(tenths, min_size=2, max_size=6))
def test_a_larger_volume_never_raises_the_grade(numbers):
    assert never_raised_by_more(VOLUME, numbers)


@given(tenths, tenths, tenths)
def test_a_wider_range_never_raises_the_grade(a, b, c):
    low, middle, high = sorted((a, b, c))
    assert grade_answer(VOLUME, NumberRange(low, high)) <= grade_answer(VOLUME, NumberRange(low, middle))
    assert grade_answer(VOLUME, NumberRange(low, high)) <= grade_answer(VOLUME, NumberRange(middle, high))


def test_a_range_has_the_grade_of_its_weakest_point():
    assert never_above_a_point(VOLUME, VOLUMES_TO_35)
    assert never_above_a_point(SITES, ALL_SITES)


def valid_answers(criterion):
    if criterion.kind.is_number:
        step = Decimal(1).scaleb(-criterion.decimals)
        low, high = int(criterion.limits.at_least / step), int(criterion.limits.at_most / step)
        ends = st.tuples(st.integers(low, high), st.integers(low, high))
        value = st.one_of(
            ends.map(lambda pair: [float(n * step) for n in sorted(pair)]), ends.map(lambda p: float(p[0] * step))
        )
    elif criterion.kind is AnswerKind.CHOICE:
        value = st.sampled_from([option.value for option in criterion.options])
    else:
        methods = st.lists(st.sampled_from([option.value for option in criterion.options]), min_size=1)
        often = st.sampled_from([option.value for option in criterion.how_often])
        value = st.one_of(
            st.builds(lambda m, o: {"methods": m, "how_often": o}, methods, often), st.just({"methods": []})
        )
    return st.none() | value


@given(st.fixed_dictionaries({}, optional={c.key: valid_answers(c) for c in RULES.criteria}))
def test_grading_is_total_over_all_valid_input(values):
    assessment = assess(RULES, answers_from_json(RULES, values))
    assert [finding.criterion for finding in assessment.findings] == [c.key for c in RULES.criteria]
    assert all(assessment.grade <= finding.grade for finding in assessment.findings)
    for finding in assessment.findings:
        assert (finding.grade is Grade.UNANSWERED) == (values.get(finding.criterion) is None)
        assert finding.sentence.endswith(".")
        assert "{" not in finding.sentence


def test_planted_fault_rules_that_like_more_volume_are_caught():
    upside_down = dataclasses.replace(VOLUME, right=VOLUME.wrong, wrong=VOLUME.right)
    assert not never_raised_by_more(upside_down, [Decimal(5), Decimal(50)])
    gap = dataclasses.replace(VOLUME, wrong=Rule(spans=(Bounds(Decimal(11), Decimal(29)),)))
    assert not never_raised_by_more(gap, [Decimal(20), Decimal(30)])


@pytest.mark.parametrize(
    ("criterion", "points"), [(VOLUME, VOLUMES_TO_35), (SITES, ALL_SITES)], ids=["volume", "sites"]
)
@pytest.mark.parametrize("end", ["low", "high", "middle"])
def test_planted_fault_a_range_graded_at_one_point_is_caught(criterion, points, end, monkeypatch):
    """Volume is safe at its high end and sites nowhere, so the fault must show everywhere else."""
    honest = grade_answer
    pick = {"low": lambda s: s.low, "high": lambda s: s.high, "middle": lambda s: (s.low + s.high) // 2 or s.low}[end]
    monkeypatch.setitem(globals(), "grade_answer", lambda c, s: honest(c, single(pick(s))))
    harmless = criterion is VOLUME and end == "high"
    assert never_above_a_point(criterion, points) is harmless


def test_planted_fault_an_average_instead_of_the_weakest_is_caught():
    assessment = assess(
        RULES, answers_from_json(RULES, {"volume_per_site_ml": 8, "distinct_sites": 6, "harvest_bone": "tibia"})
    )
    grades = [finding.grade for finding in assessment.findings]
    assert round(sum(grades) / len(grades)) > min(grades) == assessment.grade


def test_grades_are_told_in_these_words():
    assert [(grade.word, grade.label) for grade in Grade] == [
        ("wrong", "Does not match"), ("unanswered", "No answer"), ("between", "In between"),
        ("right", "Matches"),
    ]  # fmt: skip
