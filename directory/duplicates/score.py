"""Scores a pair of listings: the weighted sum of what they have in common, and the reasons in words."""

import functools
import importlib.resources
import math
from dataclasses import dataclass

from directory.duplicates.clinic_names import WordWeights
from directory.duplicates.comparison import ClinicsCompared, PeopleCompared, compare_clinics, compare_people
from directory.duplicates.features import Features, clinic_features, people_features
from directory.duplicates.reasons import clinic_reasons, people_reasons
from directory.duplicates.record import Record

THRESHOLD = 0.0
"""From this score on, a pair is shown to a reviewer. The weights are fitted so that it is the same for all sizes."""

NEVER = -math.inf
"""The score of a father and a son, and of people with two NPIs: a person has one for life."""


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of listings that may be the same provider; `score` is the logarithm of the odds (base e)."""

    one: Record
    other: Record
    score: float
    reasons: tuple[str, ...]
    """What they have in common or not, in words, the most important first."""


def compare(one: Record, other: Record, words: WordWeights) -> Match:
    """Compare two listings of the same kind; `words` are the weights of all names of clinics."""
    if one.person and other.person:
        people = compare_people(one, other)
        have_two_npis = bool(one.npi and other.npi and one.npi != other.npi)
        return Match(one, other, NEVER if have_two_npis else score_people(people), people_reasons(people))
    clinics = compare_clinics(one, other, words)
    return Match(one, other, score_clinics(clinics), clinic_reasons(clinics))


def score_people(found: PeopleCompared) -> float:
    """Return the score of two people."""
    return NEVER if found.suffix == "conflict" else _score(people_features(found), weights("people"))


def score_clinics(found: ClinicsCompared) -> float:
    """Return the score of two clinics."""
    return _score(clinic_features(found), weights("clinics"))


@functools.cache
def weights(kind: str) -> dict[str, float]:
    """Return the weight of each feature, and under the empty name the constant.

    `tests/benchmarks/fit_duplicates.py` fits them to labelled pairs.
    """
    lines = importlib.resources.files("directory.duplicates").joinpath(f"{kind}.tsv").read_text("utf-8").splitlines()
    pairs = (line.rsplit("\t", 1) for line in lines)
    return {name: float(weight) for name, weight in pairs}


def _score(features: Features, of: dict[str, float]) -> float:
    return of[""] + sum(of.get(name, 0.0) * value for name, value in features.items())
