"""All that a ruleset's file says reaches the ruleset, what may be left out can be, and nothing is made up."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from directory.certification.criteria import (
    Bounds,
    CheckKind,
    Citation,
    Criterion,
    CrossCheck,
    Limits,
    Option,
    Pick,
    Question,
    Rule,
    RulesSource,
    Sentences,
)
from directory.certification.ruleset import parse_ruleset

TEXT = (Path(__file__).parents[3] / "directory/certification/rulesets/bma-2021.1.toml").read_text("utf-8")


def options(tables: list[dict[str, str]]) -> tuple[Option, ...]:
    return tuple(Option(table["value"], table["label"], table["phrase"]) for table in tables)


def asked(question: Question, table: dict[str, Any]) -> None:
    """The parts that criteria and details have in common."""
    texts = ("key", "short", "question", "hint", "unit", "unit_one")
    assert {name: getattr(question, name) for name in texts} == {name: table.get(name, "") for name in texts}
    assert (question.kind.value, question.decimals) == (table["kind"], table.get("decimals", 0))
    assert question.unit_aliases == tuple(table.get("unit_aliases", ()))
    limits = table.get("limits", {"at_least": 0, "at_most": 0})
    assert question.limits == Limits(Decimal(limits["at_least"]), Decimal(limits["at_most"]))
    assert question.options == options(table.get("options", []))
    assert question.how_often == options(table.get("how_often", []))
    none = table.get("none")
    assert question.none == (Option("none", none["label"], none["phrase"]) if none else None)


def judged(rule: Rule, said: Any) -> None:
    match said:
        case {"at_least": _} | {"at_most": _}:
            assert rule == Rule(spans=(Bounds(said.get("at_least"), said.get("at_most")),))
        case [str(), *_]:
            assert rule == Rule(values=frozenset(said))
        case _:
            often, values = frozenset(said.get("how_often", ())), frozenset(said.get("any_of", ()))
            assert rule == Rule(values=values, how_often=often, none=said.get("none", False))


def filled(text: str, table: dict[str, Any]) -> str:
    facts = {
        f"{{{name}_{end}}}": f"{number}"
        for name in ("right", "wrong")
        if isinstance(table[name], dict)
        for end, number in table[name].items()
    }
    for name, number in facts.items():
        text = text.replace(name, number)
    return text


def graded(criterion: Criterion, table: dict[str, Any]) -> None:
    asked(criterion, table)
    judged(criterion.right, table["right"])
    judged(criterion.wrong, table["wrong"])
    texts = ("patient_question", "why", "note", "strength", "strength_text")
    assert {name: getattr(criterion, name) for name in texts} == {name: table[name] for name in texts}
    assert criterion.right_answer == filled(table["right_answer"], table)
    assert criterion.wrong_answer == filled(table["wrong_answer"], table)
    said = {"says_range": "", "says_none": ""} | table["sentences"]
    assert criterion.sentences == Sentences(**(said | {"rule": filled(said["rule"], table)}))
    blank = {"authors": "", "title": "", "doi": "", "url": ""}
    assert criterion.citations == tuple(Citation(**(blank | citation)) for citation in table["citations"])


def test_all_that_the_file_says_is_in_the_ruleset():
    document, ruleset = tomllib.loads(TEXT, parse_float=Decimal), parse_ruleset(TEXT)
    whole = ("id", "title", "published", "valid_months", "weakest_link", "statement")
    assert {name: getattr(ruleset, name) for name in whole} == {name: document[name] for name in whole}
    assert ruleset.source == RulesSource(**document["source"])
    assert ruleset.supersedes_after is None
    for criterion, table in zip(ruleset.criteria, document["criteria"], strict=True):
        graded(criterion, table)
    for detail, table in zip(ruleset.details, document["details"], strict=True):
        asked(detail, table)


def test_every_cross_check_is_read_whole():
    total, imaging, crest = tomllib.loads(TEXT)["checks"]
    bones = ("vertebra", "tibia", "femur", "calcaneus", "humerus", "sternum", "other")
    assert parse_ruleset(TEXT).checks == (
        CrossCheck(
            "total_volume", CheckKind.TOTAL, total["sentence"], sentence_too_small=total["sentence_too_small"],
            total="total_volume_ml", each="volume_per_site_ml", times="distinct_sites",
        ),
        CrossCheck("imaging_method", CheckKind.NEEDS_A_CHOICE, imaging["sentence"], question="imaging_guidance"),
        CrossCheck(
            "crest_and_another_bone", CheckKind.NEVER_TOGETHER, crest["sentence"],
            picks=(Pick("harvest_bone", frozenset(bones)), Pick("crest_part", frozenset({"posterior", "anterior"}))),
        ),
    )  # fmt: skip


def test_machines_get_what_the_file_says_and_every_number_in_words():
    def plain(value: Any) -> Any:
        match value:
            case dict():
                return {key: plain(inner) for key, inner in value.items()}
            case list():
                return [plain(inner) for inner in value]
            case _:
                return value.isoformat() if hasattr(value, "isoformat") else value

    expected = plain(tomllib.loads(TEXT))
    for table in expected["criteria"]:
        table["right_answer"], table["wrong_answer"] = (
            filled(table[name], table) for name in ("right_answer", "wrong_answer")
        )
        table["sentences"]["rule"] = filled(table["sentences"]["rule"], table)
    assert parse_ruleset(TEXT).as_json() == expected


@pytest.mark.parametrize(
    ("start", "of"),
    [
        ('note = "The article cites', lambda r: r.source.note),
        ('hint = "In mL, the same as cc. Give', lambda r: r.criteria[0].hint),
        ('note = "The article does not judge amounts', lambda r: r.criteria[0].note),
        ('unit_one = "place"', lambda r: r.criteria[1].unit_one),
        ('authors = "Hernigou P, Homma', lambda r: r.criteria[0].citations[0].authors),
        ('title = "Benefits of small', lambda r: r.criteria[0].citations[0].title),
        ('doi = "10.1007/s00264-013', lambda r: r.criteria[0].citations[0].doi),
        ('url = "https://pubmed', lambda r: r.criteria[1].citations[0].url),
        ('unit_aliases = ["sites"', lambda r: "".join(r.criteria[1].unit_aliases)),
    ],
)  # fmt: skip
def test_what_may_be_left_out_is_empty_where_it_is(start, of):
    assert of(parse_ruleset(TEXT)) != ""
    lines = [line for line in TEXT.splitlines() if not line.startswith(start)]
    assert len(lines) == len(TEXT.splitlines()) - 1
    assert of(parse_ruleset("\n".join(lines))) == ""


def test_rules_can_do_without_details_checks_and_how_often():
    bare = parse_ruleset(TEXT[: TEXT.index("# Asked and shown")])
    assert (bare.details, bare.checks, len(bare.criteria)) == ((), (), 4)
    often = TEXT.index("how_often = [\n")
    text = TEXT[:often] + TEXT[TEXT.index("none = {", often) :]
    text = text.replace(', how_often = ["always"]', "", 1).replace(" {how_often}.", ".", 1)
    found = parse_ruleset(text[: text.index("# Asked and shown")]).criteria[2]
    assert (found.how_often, found.right.how_often, found.sentences.says) == (
        (), frozenset(), "They guide the needle with {answer}.",
    )  # fmt: skip


def test_a_whole_number_with_a_point_is_published_without_it():
    text = TEXT.replace("at_least = 0.1, at_most = 200 ", "at_least = 0.1, at_most = 200.0 ", 1)
    assert text != TEXT
    limits = parse_ruleset(text).as_json()["criteria"][0]["limits"]
    assert repr(limits) == "{'at_least': 0.1, 'at_most': 200}"
