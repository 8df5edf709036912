"""Builds questions, criteria, details and cross-checks from the tables of a ruleset file."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from directory.certification import consistency
from directory.certification.criteria import (
    AnswerKind,
    Bounds,
    CheckKind,
    Citation,
    Criterion,
    CrossCheck,
    Detail,
    Limits,
    Option,
    Pick,
    Question,
    Rule,
    RulesSource,
    Sentences,
    Stance,
    Strength,
    format_decimal,
)
from directory.certification.toml_reader import TomlTable, placeholders

MAX_DECIMALS = 3  # arbitrary: more precise than any measurement of bone marrow
KEY_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
RESERVED_KEYS = frozenset({"none", "low", "high", "value", "values", "how_often"})
"""Words that have a meaning in the JSON or in the names of form fields."""

_NO_LIMITS = Limits(Decimal(0), Decimal(0))


def build_source(table: TomlTable) -> RulesSource:
    """Build the source of the rules."""
    built = RulesSource(
        title=table.text("title"),
        publisher=table.text("publisher"),
        url=table.text("url"),
        credit=table.text("credit"),
        note=table.text("note", optional=True),
    )
    table.nothing_else()
    return built


def build_detail(table: TomlTable) -> Detail:
    """Build a detail, a question that is never graded."""
    built = _build_question(table)
    table.nothing_else()
    return Detail(**_question_fields(built))


def build_criterion(table: TomlTable) -> Criterion:
    """Build a criterion, a graded question with its rules, texts and citations."""
    before = len(table.faults)
    question = _build_question(table)
    right = _rule(table, "right", question)
    wrong = _rule(table, "wrong", question)
    if len(table.faults) == before:  # rules that could not be read cannot be compared
        for sentence in consistency.check_rules(question, right, wrong):
            table.note(sentence)
    facts = _thresholds(right, wrong)
    built = Criterion(
        **_question_fields(question),
        right=right,
        wrong=wrong,
        patient_question=table.text("patient_question"),
        right_answer=_fill_template(table, "right_answer", facts),
        wrong_answer=_fill_template(table, "wrong_answer", facts),
        why=table.text("why"),
        note=table.text("note", optional=True),
        strength=table.one_of("strength", Strength) or Strength.WEAK,
        strength_text=table.text("strength_text"),
        citations=tuple(_citation(inner) for inner in table.tables("citations")),
        sentences=_sentences(table.table("sentences"), question, facts),
    )
    table.nothing_else()
    return built


def _question_fields(question: Question) -> dict[str, Any]:
    return {name: getattr(question, name) for name in Question.__slots__}


def _build_question(table: TomlTable) -> Question:
    kind = table.one_of("kind", AnswerKind) or AnswerKind.CHOICE
    is_number, decimals = kind.is_number, 0
    if kind is AnswerKind.QUANTITY:
        decimals = table.whole("decimals", 0, MAX_DECIMALS)
    return Question(
        key=_key(table, "key"),
        kind=kind,
        short=table.text("short"),
        question=table.text("question"),
        hint=table.text("hint", optional=True),
        unit=table.text("unit") if is_number else "",
        unit_one=table.text("unit_one", optional=True) if is_number else "",
        unit_aliases=table.texts("unit_aliases", optional=True) if is_number else (),
        decimals=decimals,
        limits=_limits(table.table("limits"), decimals) if is_number else _NO_LIMITS,
        options=() if is_number else _options(table.tables("options")),
        how_often=_options(table.tables("how_often", optional=True)) if kind is AnswerKind.CHOICES else (),
        none=_none(table.table("none")) if kind is AnswerKind.CHOICES else None,
    )


def _key(table: TomlTable, name: str) -> str:
    key = table.text(name)
    if not set(key) <= KEY_CHARACTERS or not key[:1].isalpha():
        table.fault(name, "must be made of small letters, digits and _, and begin with a letter")
    if key in RESERVED_KEYS:
        table.fault(name, f"cannot be {key!r}: that word stands for something else")
    return key


def _limits(table: TomlTable, decimals: int) -> Limits:
    low, high = table.number("at_least", decimals), table.number("at_most", decimals)
    table.nothing_else()
    if low is None or high is None:
        table.fault("at_least and at_most", "must both be there")
        return _NO_LIMITS
    if low > high:
        table.fault("at_least", "is more than at_most")
    if low < 0:
        table.fault("at_least", "is less than 0, and no answer can be")
    return Limits(low, high)


def _options(tables: Iterable[TomlTable]) -> tuple[Option, ...]:
    built: list[Option] = []
    for table in tables:
        option = Option(_key(table, "value"), table.text("label"), table.text("phrase"))
        table.nothing_else()
        if any(option.value == other.value for other in built):
            table.fault("value", f"{option.value!r} is there twice")
        built.append(option)
    return tuple(built)


def _none(table: TomlTable) -> Option:
    option = Option("none", table.text("label"), table.text("phrase"))
    table.nothing_else()
    return option


def _rule(table: TomlTable, name: str, question: Question) -> Rule:
    if question.kind is AnswerKind.CHOICE:
        return Rule(values=frozenset(table.texts(name)))
    if question.kind is AnswerKind.CHOICES:
        inner = table.table(name)
        values, often = inner.texts("any_of", optional=True), inner.texts("how_often", optional=True)
        none = inner.truth("none")
        inner.nothing_else()
        return Rule(values=frozenset(values), how_often=frozenset(often), none=none)
    several = name == "wrong" and isinstance(table.raw(name), list)
    tables = tuple(table.tables(name)) if several else (table.table(name),)
    return Rule(spans=tuple(_bounds(inner, question.decimals) for inner in tables))


def _bounds(table: TomlTable, decimals: int) -> Bounds:
    bounds = Bounds(table.number("at_least", decimals), table.number("at_most", decimals))
    table.nothing_else()
    if bounds == Bounds():
        table.fault("at_least or at_most", "must be there")
    if bounds.at_least is not None and bounds.at_most is not None and bounds.at_least > bounds.at_most:
        table.fault("at_least", "is more than at_most")
    return bounds


def _thresholds(right: Rule, wrong: Rule) -> dict[str, str]:
    """The numbers of the rules by placeholder name; texts use these so that they cannot contradict their rule."""
    facts: dict[str, str] = {}
    for name, rule in (("right", right), ("wrong", wrong)):
        if len(rule.spans) != 1:
            continue
        for end in ("at_least", "at_most"):
            number = getattr(rule.spans[0], end)
            if number is not None:
                facts[f"{name}_{end}"] = format_decimal(number)
    return facts


def _fill_template(table: TomlTable, key: str, facts: dict[str, str]) -> str:
    return table.template(key, facts).format_map(facts)


def _sentences(table: TomlTable, question: Question, facts: dict[str, str]) -> Sentences:
    allowed = {"answer", "how_often"} if question.how_often else {"answer"}
    built = Sentences(
        says=table.template("says", allowed),
        says_range=table.template("says_range", allowed) if question.kind.is_number else "",
        says_none=table.template("says_none", ()) if question.kind is AnswerKind.CHOICES else "",
        not_stated=table.template("not_stated", ()),
        rule=_fill_template(table, "rule", facts),
    )
    table.nothing_else()
    for name in ("says", "says_range"):
        template = getattr(built, name)
        missing = allowed - (placeholders(template) or set()) if template else set()
        if missing:
            table.fault(name, f"does not say the answer: put {{{min(missing)}}} in it")
    return built


def _citation(table: TomlTable) -> Citation:
    built = Citation(
        authors=table.text("authors", optional=True),
        title=table.text("title", optional=True),
        reference=table.text("reference"),
        finding=table.text("finding"),
        stance=table.one_of("stance", Stance) or Stance.FOR,
        doi=table.text("doi", optional=True),
        url=table.text("url", optional=True),
    )
    table.nothing_else()
    if not (built.authors or built.title):
        table.fault("authors or title", "must be there")
    if built.doi and not built.doi.startswith("10."):
        table.fault("doi", "begins with 10.")
    if built.url and not built.url.startswith("https://"):
        table.fault("url", "begins with https://")
    return built


_CHECK_PLACEHOLDERS = {
    CheckKind.TOTAL: {"total", "each", "times", "least", "most"},
    CheckKind.NEEDS_A_CHOICE: {"how_often"},
    CheckKind.NEVER_TOGETHER: {"first", "second"},
}
"""The placeholders that the sentence of each kind of cross-check may use."""


def build_cross_check(table: TomlTable) -> CrossCheck:
    """Build a cross-check."""
    kind = table.one_of("kind", CheckKind) or CheckKind.NEEDS_A_CHOICE
    key = _key(table, "key")
    allowed = _CHECK_PLACEHOLDERS[kind]
    built = CrossCheck(
        key=key,
        kind=kind,
        sentence=table.template("sentence", allowed),
        sentence_too_small=table.template("sentence_too_small", allowed) if kind is CheckKind.TOTAL else "",
        total=table.text("total") if kind is CheckKind.TOTAL else "",
        each=table.text("each") if kind is CheckKind.TOTAL else "",
        times=table.text("times") if kind is CheckKind.TOTAL else "",
        question=table.text("question") if kind is CheckKind.NEEDS_A_CHOICE else "",
        picks=_picks(table) if kind is CheckKind.NEVER_TOGETHER else (),
    )
    table.nothing_else()
    return built


def _picks(table: TomlTable) -> tuple[Pick, ...]:
    built: list[Pick] = []
    for inner in table.tables("picks"):
        built.append(Pick(inner.text("question"), frozenset(inner.texts("values"))))
        inner.nothing_else()
    if len(built) != 2:
        table.fault("picks", "must name two questions")
    return tuple(built)
