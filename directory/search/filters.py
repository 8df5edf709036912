"""The search filters, from which the form, the API, the facets and the index are derived."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from directory.certification.answers import Choice, Choices, NumberRange
from directory.certification.criteria import Question
from directory.certification.ruleset import bundled_rulesets
from directory.certification.standing import GradedAnswers
from directory.certification.wording import SELF_CERTIFIED
from directory.errors import FieldError, Invalid
from directory.listings.kinds import KIND_LABELS
from directory.listings.languages import LANGUAGES
from directory.listings.specialties import SPECIALTIES
from directory.search.filter_types import MAX_TEXT, Filter, NumberFilter, TextFilter
from directory.search.tokenizer import MAX_WORDS, PREFIX_LENGTH, tokenize

ANY_IMAGING = "any"
"""The value of `imaging` that any method satisfies."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, init=False)
class Filters:
    """The values of a search by filter name, in the order of the form; a listing must satisfy all of them.

    `words` are the normalized words of the text.

    Raises:
        Invalid: a value is not valid; each error names the parameter.
    """

    values: Mapping[str, Any]
    words: tuple[str, ...]

    def __init__(self, **values: Any) -> None:
        faults = [
            FieldError(name, text)
            for name, value in values.items()
            if value is not None and (text := declared(name).check(value))
        ]
        if faults:
            raise Invalid(faults)
        kept = {each.name: values[each.name] for each in FILTERS if values.get(each.name) not in {None, ""}}
        object.__setattr__(self, "values", kept)
        object.__setattr__(self, "words", tokenize(kept.get("q", "")))

    def without(self, name: str) -> "Filters":
        """Return a copy without one of the filters."""
        return Filters(**{other: value for other, value in self.values.items() if other != name})


def _question(key: str) -> Question:
    found = bundled_rulesets().current.question(key)
    if found is None:
        raise LookupError(f"the rules ask no question {key}")
    return found


def _labels(question: Question) -> dict[str, str]:
    return {option.value: option.label for option in question.options}


def _limits(question: Question) -> tuple[float, float]:
    if question.limits is None:
        raise LookupError(f"the rules set no limits for {question.key}")
    return float(question.limits.at_least), float(question.limits.at_most)


_VOLUME, _SITES, _IMAGING, _BONE = map(
    _question, ("volume_per_site_ml", "distinct_sites", "imaging_guidance", "harvest_bone")
)


def _answer(graded: GradedAnswers | None, question: Question, kind: type[T]) -> T | None:
    answer = graded.assessment.answers.get(question.key) if graded else None
    return answer if isinstance(answer, kind) else None


def _imaging(graded: GradedAnswers | None) -> tuple[str, ...]:
    answer = _answer(graded, _IMAGING, Choices)
    return (ANY_IMAGING, *answer.methods) if answer and answer.methods else ()


def _bone(graded: GradedAnswers | None) -> tuple[str, ...]:
    answer = _answer(graded, _BONE, Choice)
    return (answer.value,) if answer else ()


def _most_volume(graded: GradedAnswers | None) -> float:
    answer = _answer(graded, _VOLUME, NumberRange)
    return float(answer.high) if answer else math.inf


def _fewest_sites(graded: GradedAnswers | None) -> float:
    answer = _answer(graded, _SITES, NumberRange)
    return float(answer.low) if answer else -math.inf


def _if_true(value: Any) -> tuple[str, ...]:
    return ("1",) if value else ()


FILTERS: tuple[Filter, ...] = (
    Filter(
        name="badge",
        label=f"Only with the {SELF_CERTIFIED} badge",
        description="1 for those whose self-certified badge shows today.",
        choices={"1": f"With the {SELF_CERTIFIED} badge"},
        field="graded",
        values=lambda graded: _if_true(graded and graded.assessment.badge_earned),
        more=False,
    ),
    Filter(
        name="imaging",
        label="Imaging",
        description="Those who state this kind of imaging, always or sometimes.",
        choices={ANY_IMAGING: "Any imaging (X-ray, ultrasound or CT)", **_labels(_IMAGING)},
        field="graded",
        values=_imaging,
        more=False,
    ),
    TextFilter(
        name="q",
        label="Name or practice",
        description=(
            f"Words of the name, the practice or the city. At most {MAX_TEXT} characters and {MAX_WORDS} words;"
            f" a word of {PREFIX_LENGTH} letters or more also matches as a prefix."
        ),
        field="city",
        other="“{}”",
    ),
    NumberFilter(
        name="volume",
        label="From one spot",
        description="Those who state at most so many mL from one spot, {:g} to {:g}.".format(*_limits(_VOLUME)),
        choices={str(most): f"At most {most} mL" for most in (5, 10, 20)},
        field="graded",
        number=_most_volume,
        limits=_limits(_VOLUME),
        is_whole=False,
        is_maximum=True,
        unit="mL",
        other="At most {} mL",
        chosen="{} from one spot",
    ),
    NumberFilter(
        name="sites",
        label="Spots drawn from",
        description="Those who state at least so many spots, {:g} to {:g}.".format(*_limits(_SITES)),
        choices={str(least): f"At least {least}" for least in (3, 5, 10)},
        field="graded",
        number=_fewest_sites,
        limits=_limits(_SITES),
        is_whole=True,
        is_maximum=False,
        unit="spots",
        other="At least {}",
        chosen="{} spots",
    ),
    Filter(
        name="bone",
        label="Bone",
        description="Those who state this bone.",
        choices=_labels(_BONE),
        field="graded",
        values=_bone,
    ),
    Filter(
        name="specialty",
        label="Specialty",
        description="By the code of the NUCC taxonomy.",
        choices=SPECIALTIES,
        field="specialty",
    ),
    Filter(
        name="language",
        label="Language spoken",
        description="Those who state that it is spoken there, by ISO 639 code.",
        choices=LANGUAGES,
        field="languages",
        values=lambda stored: json.loads(stored or "[]") or (),
        chosen="{} spoken",
    ),
    Filter(
        name="kind",
        label="Person or clinic",
        description="Who is listed.",
        choices=KIND_LABELS,
        field="kind",
    ),
    Filter(
        name="accepting",
        label="Takes new patients",
        description="1 for those who state that they take new patients.",
        choices={"1": "Takes new patients"},
        field="accepting",
        values=_if_true,
    ),
    Filter(
        name="confirmed",
        label="Last confirmed within a year",
        description="1 for listings that their owner confirmed within a year.",
        choices={"1": "Confirmed within a year"},
        field="confirmed_until",
        values=_if_true,
    ),
)
"""All filters, in the order of the form."""


def imaging_phrase(method: str) -> str:
    """Return the name of an imaging method as used within a sentence."""
    return next(option.phrase for option in _IMAGING.options if option.value == method)


def declared(name: str) -> Filter:
    """Return the filter of that name.

    Raises:
        KeyError: there is none.
    """
    return {each.name: each for each in FILTERS}[name]


def facts() -> tuple[tuple[str, str], ...]:
    """Return every pair of a filter and one of its choices; the index has a bitmap and a facet count for each."""
    return tuple((each.name, value) for each in FILTERS for value in each.choices)
