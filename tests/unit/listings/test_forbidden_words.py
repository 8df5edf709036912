"""Words that promise too much are found as whole words, in English and Spanish, however they are typed."""

import pytest

from directory.listings.forbidden_words import FORBIDDEN, check_words


def found(text: str) -> list[str]:
    return [fault.detail for fault in check_words("practice", "The practice", text, ())]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("We cure knees", "cure"),
        ("CURED!", "cured"),
        ("a Cure, for all", "cure"),
        ("ｃｕｒｅ clinic", "cure"),
        ("Guaranteed relief", "guaranteed"),
        ("guarantee", "guarantee"),
        ("FDA approved", "fda approved"),
        ("FDA-approved", "fda-approved"),
        ("approved  by the\tFDA", "approved by the fda"),
        ("Regrow cartilage", "regrow cartilage"),
        ("It is safe and effective.", "safe and effective"),
        ("no risk", "no risk"),
        ("Risk-free", "risk-free"),
        ("Stem cells treat arthritis", "stem cells treat"),
        ("Aprobado por la FDA", "aprobado por la fda"),
        ("la curación", "curacion"),
        ("Resultados garantizados", "garantizados"),
        ("sin riesgo", "sin riesgo"),
        ("sin ningún riesgo", "sin ningun riesgo"),
        ("Seguro y eficaz", "seguro y eficaz"),
        ("Células madre tratan la artrosis", "celulas madre tratan"),
        ("regenera el cartílago", "regenera el cartilago"),
    ],
)
def test_a_promise_is_named_with_its_reason(text: str, word: str) -> None:
    (said,) = found(text)
    assert said.startswith(f"The practice must not say “{word}”. ")
    assert said.removeprefix(f"The practice must not say “{word}”. ") in FORBIDDEN.values()


@pytest.mark.parametrize(
    "text",
    [
        "Secure Health",
        "We procure and obscure",
        "Curette and manicure",
        "Curie Institute",
        "Dr. Accurate",
        "Risk Street 9, no. 4",
        "Stem Cell Clinic",
        "Procuraduría",
        "Safe Harbor Orthopedics",
        "Approved by the board",
        "Sin Chan Clinic",
        "",
    ],
)
def test_other_words_that_contain_one_are_fine(text: str) -> None:
    assert found(text) == []


def test_every_wrong_word_is_told_at_once() -> None:
    assert len(found("Guaranteed cure, no risk")) == 3
