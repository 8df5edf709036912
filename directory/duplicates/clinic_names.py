"""Compares the names of two clinics: legal forms, abbreviations, trade names, and how rare their words are."""

import functools
import math
import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rapidfuzz import fuzz

from directory.duplicates.words import plain_text

_IGNORED = frozenset(
    "inc incorporated llc l c pc p pa pllc ltd limited corp corporation co company lp llp apmc apc psc sc plc plp dba "
    "the of and at in for a an md m d do dpm dds dc od pt".split()
)
"""Legal forms, credentials and small words."""

_ABBREVIATIONS = dict(
    pair.split("=")
    for pair in (
        "ctr=center centre=center cntr=center ctrs=center centers=center assoc=associates assocs=associates "
        "association=associates assn=associates med=medical hosp=hospital svc=services svcs=services service=services "
        "srvcs=services dept=department univ=university ortho=orthopedic orthopaedic=orthopedic "
        "orthopaedics=orthopedic orthopedics=orthopedic surg=surgery surgical=surgery spec=specialists "
        "specs=specialists specialist=specialists phys=physicians physician=physicians grp=group intl=international "
        "natl=national reg=regional comm=community cmnty=community hlth=health healthcare=health clin=clinic "
        "clinics=clinic inst=institute mgmt=management mt=mount st=saint ft=fort pharm=pharmacy lab=laboratory "
        "labs=laboratory laboratories=laboratory rehab=rehabilitation peds=pediatrics pediatric=pediatrics fam=family "
        "gen=general womens=women mens=men childrens=children cardio=cardiology derm=dermatology onc=oncology "
        "hem=hematology neuro=neurology pract=practice prac=practice systems=system sys=system northern=north "
        "radiol=radiology img=imaging diag=diagnostic therapeutic=therapy"
    ).split()
)
_FIELDS = frozenset(
    "cardiology dermatology dental eye pediatrics orthopedic oncology hematology radiology imaging pharmacy spine pain "
    "gastroenterology urology neurology surgery physical therapy podiatry psychiatry nephrology pulmonary obstetrics "
    "gynecology optical vision chiropractic laboratory dialysis urgent hospice rehabilitation mental behavioral sports "
    "allergy ent audiology".split()
)
"""Words for what a clinic does; two clinics in one house whose words differ are rarely the same."""

_TRADE_NAME = re.compile(r"\bd/?b/?a\b")
_WORD = re.compile(r"[a-z0-9]+")
_MAX_WEIGHT = 7.0

Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClinicNames:
    """How the names of two clinics relate; all but the weights are shares from 0 to 1.

    `least` and `most` say how much of either name is in the other, by the weight of the words. `shared` is the weight
    of the equal words, `rest_least` and `rest_most` of the words that only one has.
    """

    is_equal: bool = False
    ratio: float = 0.0
    least: float = 0.0
    most: float = 0.0
    shared: float = 0.0
    rest_least: float = 0.0
    rest_most: float = 0.0
    has_trade_name: bool = False
    is_other_field: bool = False


class WordWeights:
    """Weights of words: the logarithm of how few names have them, at most 7."""

    def __init__(self, names: Iterable[tuple[Name, ...]]) -> None:
        self._counts: Counter[str] = Counter()
        self._total = 0
        for each in names:
            self._total += 1
            self._counts.update({word for name in each for word in name})

    def weight(self, word: str) -> float:
        """Return the weight of one word."""
        return min(math.log((self._total + 5) / (self._counts[word] + 0.5)), _MAX_WEIGHT)

    def total(self, words: Iterable[str]) -> float:
        """Return the sum of the weights of these words."""
        return sum(map(self.weight, words))

    def is_rare(self, word: str) -> bool:
        """Whether fewer than a dozen names have the word."""
        return self._counts[word] < 12


@functools.lru_cache(maxsize=200_000)
def clinic_names(text: str) -> tuple[Name, ...]:
    """Return the words of each name in “Legal Name Inc DBA Trade Name”, without legal forms and abbreviations."""
    plain = _TRADE_NAME.sub("|", plain_text(text).replace(".", "").replace("&", " and "))
    names = []
    for part in plain.split("|"):
        words = [_ABBREVIATIONS.get(word, word) for word in _WORD.findall(part)]
        names.append(tuple(word for word in words if word not in _IGNORED) or tuple(words))
    return tuple(name for name in names if name)


def compare_clinic_names(
    ones: tuple[Name, ...], others: tuple[Name, ...], towns: AbstractSet[str], weights: WordWeights
) -> ClinicNames:
    """Return how the best pair of the names of two clinics relates; the words of their `towns` distinguish less."""
    has_trade_name = len(ones) + len(others) > 2
    pairs = [_compare(one, other, towns, weights, has_trade_name=has_trade_name) for one in ones for other in others]
    if not pairs:
        return ClinicNames()
    return max(pairs, key=lambda pair: (pair.is_equal, pair.ratio, pair.least))


def _compare(
    one: Name, other: Name, towns: AbstractSet[str], weights: WordWeights, *, has_trade_name: bool
) -> ClinicNames:
    words, other_words = set(one), set(other)
    own, other_own = words - towns, other_words - towns
    is_equal = words == other_words or "".join(one) == "".join(other) or bool(own and own == other_own)
    found = sorted((_share_found(words, other_words, weights), _share_found(other_words, words, weights)))
    ratio = max(fuzz.ratio("".join(one), "".join(other)), fuzz.ratio("".join(sorted(one)), "".join(sorted(other))))
    rests = sorted(min(weights.total(rest), 12.0) for rest in (own - other_words, other_own - words))
    fields, other_fields = words & _FIELDS, other_words & _FIELDS
    return ClinicNames(
        is_equal=is_equal,
        ratio=1.0 if is_equal else ratio / 100,
        least=1.0 if is_equal else found[0],
        most=1.0 if is_equal else found[1],
        shared=weights.total((words & other_words) - towns),
        rest_least=rests[0],
        rest_most=rests[1],
        has_trade_name=has_trade_name,
        is_other_field=bool(fields and other_fields and not fields & other_fields),
    )


def _share_found(words: AbstractSet[str], others: AbstractSet[str], weights: WordWeights) -> float:
    found = sum(weights.weight(word) * _likeness(word, others) for word in words)
    return found / max(weights.total(words), 0.01)


def _likeness(word: str, others: AbstractSet[str]) -> float:
    """Return 1 for an equal word, less for a misspelling or a beginning, 0 for none."""
    if word in others:
        return 1.0
    if len(word) > 3 and max((fuzz.ratio(word, each) for each in others), default=0) >= 80:
        return 0.8
    is_start = any(
        min(len(word), len(each)) >= 3 and (word.startswith(each) or each.startswith(word)) for each in others
    )
    return 0.7 if is_start else 0.0
