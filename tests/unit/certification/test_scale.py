"""The scale of a number: its zones are those of the rules, and an answer lies in the zone of its grade."""

from dataclasses import replace
from decimal import Decimal

import pytest

from directory.certification.answers import NumberRange
from directory.certification.criteria import Bounds
from directory.certification.ruleset import bundled_rulesets
from directory.certification.scale import answer_scale
from directory.certification.scoring import Grade, grade_answer

RULES = bundled_rulesets().load("bma-2021.1")
VOLUME, SITES = RULES.criteria[:2]


def number(value, high=None):
    return NumberRange(Decimal(str(value)), Decimal(str(high or value)))


def zone_at(scale, place):
    return [zone for zone in scale.zones if zone.start <= place <= zone.start + zone.width][-1]


def test_the_zones_say_the_numbers_of_the_rules():
    assert [(zone.grade, zone.text) for zone in answer_scale(VOLUME, number(8)).zones] == [
        (Grade.RIGHT, "up to 10 mL"), (Grade.BETWEEN, "10.1 to 29.9 mL"), (Grade.WRONG, "30 mL or more"),
    ]  # fmt: skip
    assert [(zone.grade, zone.text) for zone in answer_scale(SITES, number(6)).zones] == [
        (Grade.WRONG, "up to 2 places"), (Grade.BETWEEN, "3 to 4 places"), (Grade.RIGHT, "5 to 15 places"),
        (Grade.BETWEEN, "16 places or more"),
    ]  # fmt: skip


@pytest.mark.parametrize("criterion", [VOLUME, SITES], ids=["amount", "places"])
def test_the_zones_fill_the_scale_without_gaps(criterion):
    zones = answer_scale(criterion, number(5)).zones
    assert zones[0].start == 0
    for zone, following in zip(zones, [*zones[1:], None], strict=True):
        assert zone.width > 0
        end = following.start if following else 100
        assert zone.start + zone.width == pytest.approx(end)


@pytest.mark.parametrize("criterion", [VOLUME, SITES], ids=["amount", "places"])
def test_every_number_lies_in_the_zone_of_its_grade(criterion):
    limits, step = criterion.limits, Decimal(1).scaleb(-criterion.decimals)
    value = limits.at_least
    while value <= limits.at_most:
        answer = NumberRange(value, value)
        scale = answer_scale(criterion, answer)
        assert zone_at(scale, scale.start).grade is grade_answer(criterion, answer), value
        assert 0 <= scale.start == scale.middle == scale.end <= 100
        value += step


def test_a_range_spans_its_numbers_and_what_is_past_the_drawing_is_at_its_end():
    scale = answer_scale(VOLUME, number(5, 200))
    assert scale.start < zone_at(scale, scale.end).start
    assert scale.end == 100
    assert scale.middle == (scale.start + scale.end) / 2


@pytest.mark.parametrize(("value", "anchor"), [(1, "start"), (20, "middle"), (200, "end")])
def test_a_label_stays_inside_the_drawing(value, anchor):
    assert answer_scale(VOLUME, number(value)).label_anchor == anchor


def test_the_numbers_come_from_the_rules():
    right = replace(VOLUME.right, spans=(Bounds(at_least=Decimal(2), at_most=Decimal(4)),))
    zones = answer_scale(replace(VOLUME, right=right), number(8)).zones
    assert [zone.text for zone in zones] == ["up to 1.9 mL", "2 to 4 mL", "4.1 to 29.9 mL", "30 mL or more"]
