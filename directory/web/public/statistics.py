"""The public statistics as a page, as JSON and as CSV, from the figures that a job counted last."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, jsonify, make_response

from directory.certification.ruleset import Ruleset
from directory.certification.scale import zone_texts
from directory.certification.wording import GRADES, SELF_CERTIFIED
from directory.errors import NotFound
from directory.geocoding.us_states import STATES
from directory.review.audit_outcome import AuditOutcome
from directory.statistics.figures import flat_rows
from directory.statistics.months import month_words
from directory.statistics.queries import stored_figures
from directory.statistics.tables import StoredFigures
from directory.web.public.blueprint import blueprint
from directory.web.public.town_directory import state_path
from directory.web.support.charts import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Column,
    Figure,
    Segment,
    Tile,
    column_chart,
    line_chart,
    share_chart,
    tile_map,
)
from directory.web.support.headers import cache_publicly
from directory.web.support.requests import services, session
from directory.web.support.state_labels import OUTCOME_LABELS
from directory.web.support.templating import render

ELSEWHERE = "No address"
"""The name of the group of listings without an address."""

NOT_COUNTED = "The numbers are not counted yet. They are counted once an hour."


@dataclass(frozen=True, slots=True)
class StateRow:
    """One state in the table; `path` is its page of towns, or empty."""

    name: str
    path: str
    listings: int
    badges: int


@dataclass(frozen=True, slots=True)
class AccuracyRow:
    """How many answers of a state, or of all, have each outcome; `share` is in words."""

    name: str
    drawn: int
    outcomes: tuple[int, ...]
    to_do: int
    earlier: int
    share: str


@dataclass(frozen=True, slots=True)
class StatisticsPage:
    """`public/statistics.html`.

    `accuracy` is for all states together, None if nothing was drawn; `accuracy_by_state` is empty as long as nothing
    was looked at.
    """

    counted_at: datetime
    listings: Mapping[str, int]
    sentence: str
    accuracy: AccuracyRow | None
    accuracy_by_state: tuple[AccuracyRow, ...]
    outcomes: tuple[str, ...]
    figures: tuple[Figure, ...]
    tiles: tuple[Tile, ...]
    tile_width: float
    tile_height: int
    states: tuple[StateRow, ...]


@blueprint.get("/statistics")
def statistics() -> Response:
    """Show the numbers of the directory with charts, or say that they are not counted yet."""
    stored = stored_figures(session())
    if stored is None:
        return make_response(render("public/statistics_missing.html", NotCountedPage(NOT_COUNTED)))
    return cache_publicly(make_response(render("public/statistics.html", _page(stored, services().rulesets.current))))


@dataclass(frozen=True, slots=True)
class NotCountedPage:
    """`public/statistics_missing.html`: the figures are not counted yet."""

    sentence: str


@blueprint.get("/statistics.json")
def statistics_json() -> Response:
    """Return the figures as JSON, which scripts on other sites may read."""
    response = jsonify(_require_figures().document)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return cache_publicly(response)


@blueprint.get("/statistics.csv")
def statistics_csv() -> Response:
    """Return the figures as CSV, a row for each number."""
    text = io.StringIO()
    csv.writer(text).writerows([("figure", "of", "group", "number"), *flat_rows(_require_figures().document)])
    return cache_publicly(Response(text.getvalue(), mimetype="text/csv"))


def _require_figures() -> StoredFigures:
    stored = stored_figures(session())
    if stored is None:
        raise NotFound(NOT_COUNTED)
    return stored


def _page(stored: StoredFigures, ruleset: Ruleset) -> StatisticsPage:
    document = stored.document
    found = document["accuracy"]
    drawn, to_do = found["all"]["drawn"], found["all"]["to_do"]
    return StatisticsPage(
        counted_at=stored.counted_at,
        listings=document["listings"],
        sentence=_accuracy_sentence(found["all"]),
        accuracy=_accuracy_row("All states", found["all"]) if drawn else None,
        accuracy_by_state=tuple(
            _accuracy_row(_state_name(each["state"]), each) for each in found["states"] if to_do < drawn
        ),
        outcomes=tuple(OUTCOME_LABELS[outcome] for outcome in AuditOutcome),
        figures=(
            *([_grades(document)] if document["listings"]["with_answers"] else []),
            *(_histogram(each, ruleset) for each in document["histograms"] if ruleset.question(each["criterion"])),
            _badges(document),
        ),
        tiles=tile_map({each["state"]: each["badges"] for each in document["states"]}),
        tile_width=TILE_WIDTH,
        tile_height=TILE_HEIGHT,
        states=tuple(
            StateRow(
                _state_name(each["state"]),
                state_path(each["state"]) if each["state"] in STATES else "",
                each["listings"],
                each["badges"],
            )
            for each in document["states"]
        ),
    )


def _state_name(code: str) -> str:
    return STATES.get(code, code) if code else ELSEWHERE


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _accuracy_sentence(counts: Mapping[str, Any]) -> str:
    """Say how many were confirmed, or that nothing can be said yet."""
    if not counts["drawn"]:
        return "No answers were drawn for a closer look yet. So we cannot say how many of them hold."
    if not counts["checked"]:
        return "No drawn answers are confirmed or not confirmed yet. So we cannot say how many of them hold."
    confirmed, checked = counts["confirmed"], counts["checked"]
    interval = f"95% interval: {_percent(counts['low'])} to {_percent(counts['high'])}"
    were = "was" if confirmed == 1 else "were"
    return f"Of the answers that we could check ({checked:,}), {confirmed:,} {were} confirmed ({interval})."


def _accuracy_row(name: str, counts: Mapping[str, Any]) -> AccuracyRow:
    share = "–"
    if counts["checked"]:
        share = f"{_percent(counts['share'])} ({_percent(counts['low'])} to {_percent(counts['high'])})"
    outcomes = tuple(counts[outcome.value] for outcome in AuditOutcome)
    return AccuracyRow(name, counts["drawn"], outcomes, counts["to_do"], counts["earlier"], share)


def _grades(document: Mapping[str, Any]) -> Figure:
    found = document["grades"]
    rows = [Column(each["label"], tuple(Segment(each[grade], f"is-{grade}") for grade in GRADES)) for each in found]
    said = "; ".join(f"{each['label']}: {each['right']:,} match" for each in found)
    return Figure(
        share_chart("grades", "How the answers fit each rule", said, rows),
        ("Rule", *GRADES.values()),
        tuple((each["label"], *(each[grade] for grade in GRADES)) for each in found),
        note="Each answer is compared with the rules that it was signed for. Only answers that count today are here.",
        legend=tuple((f"is-{grade}", label) for grade, label in GRADES.items()),
    )


def _histogram(found: Mapping[str, Any], ruleset: Ruleset) -> Figure:
    """A histogram with the zones of the rule below it; the limits are those of the current ruleset."""
    criterion = next(each for each in ruleset.criteria if each.key == found["criterion"])
    zones = tuple((f"is-{grade.word}", f"{grade.label}: {text}") for grade, text in zone_texts(criterion))
    columns = [
        Column(_short(each["numbers"]), (Segment(each["count"], f"is-{each['grade']}"),), band=f"is-{each['grade']}")
        for each in found["bins"]
    ]
    said = f"How many providers gave each number of {criterion.unit}. {'; '.join(text for _, text in zones)}."
    return Figure(
        column_chart(found["criterion"].replace("_", "-"), f"{found['label']}, in {found['unit']}", said, columns),
        (criterion.unit, "Providers", "The rule"),
        tuple((each["numbers"], each["count"], GRADES[each["grade"]]) for each in found["bins"]),
        note="The colors show the rule. A range such as 5 to 10 counts at its weaker end.",
        legend=zones,
    )


def _badges(document: Mapping[str, Any]) -> Figure:
    found = document["badges"]
    names = [month_words(each["month"]) for each in found]
    labels = [name.partition(" ")[0] for name in names]
    shown = [each["shown"] for each in found]
    said = f"From {shown[0]:,} at the end of {names[0]} to {shown[-1]:,} now."
    return Figure(
        line_chart("badges", f"{SELF_CERTIFIED} badges over time", said, labels, [("", shown)]),
        ("Month", "Shown at its end", "New", "Ran out", "Taken down", "Ended otherwise"),
        tuple(
            (name, each["shown"], each["gained"], each["ran_out"], each["revoked"], each["other"])
            for name, each in zip(names, found, strict=True)
        ),
        note="How many listings showed a badge at the end of each month.",
    )


def _short(numbers: str) -> str:
    """Return the label of a bin: its last number, or “42+” if it is open."""
    first, *others = numbers.split()
    return f"{first}+" if others[-1:] == ["more"] else (others or [first])[-1]
