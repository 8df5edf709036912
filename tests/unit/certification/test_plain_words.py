"""What a patient reads can be read at about the sixth grade, and promises nothing."""

import itertools
import re

import pytest

from directory.certification.answers import answers_from_json
from directory.certification.ruleset import bundled_rulesets
from directory.certification.scoring import assess
from directory.certification.wording import BADGE_EXPLANATION

RULES = bundled_rulesets().load("bma-2021.1")
SIXTH = 6.5  # the syllables are counted roughly, by groups of vowels


def grade_level(text):
    """The Flesch–Kincaid grade: 0.39 words a sentence and 11.8 syllables a word."""
    sentences = [part for part in re.split(r"[.!?:]+(?:\s|$)", text) if part.strip()]
    words = re.findall(r"[A-Za-z]+|[0-9.]*[0-9]", text)
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _syllables(word):
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith("le") and groups > 1
    return max(1, groups - silent)


SAMPLES = [
    {"volume_per_site_ml": volume, "distinct_sites": sites, "imaging_guidance": imaging, "harvest_bone": bone}
    for volume, sites, imaging, bone in itertools.zip_longest(
        [8, [5, 10], 30], [6, 1, [4, 6]],
        [{"methods": []}, {"methods": ["ct", "ultrasound", "fluoroscopy"], "how_often": "sometimes"}],
        [option.value for option in RULES.question("harvest_bone").options],
    )
]  # fmt: skip
SENTENCES = sorted(
    {finding.sentence for values in SAMPLES for finding in assess(RULES, answers_from_json(RULES, values)).findings}
)


def test_each_finding_and_reason_is_plain():
    assert len(SENTENCES) > 15
    for text in (*SENTENCES, *(criterion.why for criterion in RULES.criteria), BADGE_EXPLANATION, RULES.weakest_link):
        assert grade_level(text) <= SIXTH, (grade_level(text), text)


def test_planted_fault_a_lawyers_sentence_is_caught():
    lawyer = "The undersigned practitioner hereby represents that the aforementioned technique conforms to regulations."
    assert grade_level(lawyer) > SIXTH + 6


@pytest.mark.parametrize(
    "word", ["verified", "approved", "accredited", "safe", "best", "failed", "unsafe", "percent", "%"]
)
def test_no_finding_promises_or_condemns(word):
    texts = [*SENTENCES, BADGE_EXPLANATION, *(c.why + c.note + c.strength_text for c in RULES.criteria), RULES.title]
    assert not [text for text in texts if re.search(rf"\b{word}\b" if word != "%" else "%", text.lower())]


def test_a_finding_reads_as_promised():
    findings = assess(RULES, answers_from_json(RULES, SAMPLES[0])).findings
    assert findings[0].sentence == "They take up to 8 mL from each place. The rule is 10 mL or less."
    assert [finding.answer_text for finding in findings[:2]] == ["8 mL", "6 places"]
