"""The inputs of a form: which there are, what they show again, and every sentence that may stand beside one."""

from decimal import Decimal
from pathlib import Path

import pytest

from directory.certification import form_values
from directory.certification.answers import Choice, Choices, NumberRange
from directory.certification.form_values import MAX_INPUT_LENGTH, InputPart
from directory.certification.ruleset import parse_ruleset
from directory.errors import FieldError, Invalid

TEXT = (Path(__file__).parents[3] / "directory/certification/rulesets/bma-2021.1.toml").read_text("utf-8")
RULES = parse_ruleset(TEXT)
VOLUME, SITES, IMAGING, BONE = RULES.criteria
ANTICOAGULANT = next(detail for detail in RULES.details if detail.key == "anticoagulant")


def test_a_form_has_these_inputs_and_no_other():
    assert [form_values.input_parts(question) for question in (VOLUME, SITES, IMAGING, BONE, ANTICOAGULANT)] == [
        (InputPart.LOW, InputPart.HIGH), (InputPart.LOW, InputPart.HIGH), (InputPart.METHODS, InputPart.HOW_OFTEN),
        (InputPart.VALUE,), (InputPart.METHODS,),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "answer", "texts"),
    [
        (VOLUME, NumberRange(Decimal(8), Decimal(8)), {"low": ["8"], "high": []}),
        (VOLUME, NumberRange(Decimal(5), Decimal("10.5")), {"low": ["5"], "high": ["10.5"]}),
        (VOLUME, None, {"low": [], "high": []}),
        (IMAGING, Choices(frozenset({"ultrasound", "ct"}), "always"),
         {"methods": ["ct", "ultrasound"], "how_often": ["always"]}),
        (IMAGING, Choices(frozenset()), {"methods": ["none"], "how_often": []}),
        (ANTICOAGULANT, Choices(frozenset({"heparin"})), {"methods": ["heparin"]}),
        (BONE, Choice("tibia"), {"value": ["tibia"]}),
    ],
)  # fmt: skip
def test_an_input_shows_again_what_was_answered(question, answer, texts):
    assert form_values.form_texts(question, answer) == {
        f"{question.key}-{part}": shown for part, shown in texts.items()
    }


@pytest.mark.parametrize(
    ("question", "sent", "part", "sentence"),
    [
        (VOLUME, {"low": ["abc"]}, "low", "Amount from one place must be a number, such as 0.2."),
        (SITES, {"low": ["abc"]}, "low", "Number of places must be a number, such as 2."),
        (VOLUME, {"high": ["10"]}, "low",
         "Amount from one place: fill in “From” too. If it is one number only, write it in “From”."),
        (BONE, {"value": ["tibia", "femur"]}, "value", "Bone was sent more than once."),
        (IMAGING, {"how_often": ["always"]}, "methods",
         "Pictures to guide the needle: choose what you use, or none. So far you only say how often."),
        (IMAGING, {"methods": ["ct"]}, "how_often",
         "Pictures to guide the needle: say how often, as one of always, sometimes."),
        (IMAGING, {"methods": ["none"], "how_often": ["always"]}, "how_often",
         'Pictures to guide the needle: "how often" does not apply to none. Leave it out, or choose a method.'),
        (VOLUME, {"low": ["9" * MAX_INPUT_LENGTH]}, "low", "Amount from one place must be from 0.1 to 200 mL."),
        (
            VOLUME, {"low": ["9" * (MAX_INPUT_LENGTH + 1)]}, "low",
            "Amount from one place must be a number, such as 0.2.",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_these_words(question, sent, part, sentence):
    with pytest.raises(Invalid) as refused:
        form_values.parse_form([question], {f"{question.key}-{name}": texts for name, texts in sent.items()})
    assert list(refused.value.faults) == [FieldError(f"{question.key}-{part}", sentence)]


def test_a_text_as_long_as_allowed_is_a_range_and_one_character_more_is_none():
    longest = "5-" + "7".rjust(MAX_INPUT_LENGTH - 2, "0")
    assert form_values.parse_form([VOLUME], {"volume_per_site_ml-low": [longest]}) == {
        "volume_per_site_ml": NumberRange(Decimal(5), Decimal(7))
    }
    with pytest.raises(Invalid, match="such as"):
        form_values.parse_form([VOLUME], {"volume_per_site_ml-low": [longest.replace("-", "-0")]})


def test_a_unit_that_ends_like_another_is_taken_off_whole():
    rules = parse_ruleset(TEXT.replace('unit_aliases = ["cc"]', 'unit_aliases = ["cc", "acc"]', 1))
    for text in ("10 acc", "10cc", "10 ML"):
        assert form_values.parse_form(rules.criteria[:1], {"volume_per_site_ml-low": [text]}) == {
            "volume_per_site_ml": NumberRange(Decimal(10), Decimal(10))
        }


def test_how_often_is_not_read_where_it_is_not_asked():
    sent = {"anticoagulant-methods": ["heparin"], "anticoagulant-how_often": ["always", "sometimes"]}
    assert form_values.parse_form([ANTICOAGULANT], sent) == {"anticoagulant": Choices(frozenset({"heparin"}))}
    stray = {"anticoagulant-how_often": ["always"]}
    assert form_values.parse_form([ANTICOAGULANT], stray) == {"anticoagulant": None}
