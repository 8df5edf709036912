"""Template rendering and its globals and filters: asset URLs, dates, distances and phone numbers."""

import json
import re
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, ClassVar, Protocol

from flask import Flask, current_app, render_template
from jinja2.runtime import Macro

from directory import resources
from directory.certification import wording
from directory.config import Settings
from directory.geocoding.place import Precision

_NO_DIGITS = re.compile(r"\D+")

FRAGMENT_CACHE_SIZE = 4_096
"""Parts of pages a worker keeps, of about a kilobyte each; people look for the same providers again and again."""


class Page(Protocol):
    """The frozen dataclass that says what a template is given."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs this directory, and what interest they have, for the foot of every page."""

    name: str
    disclosure: str


def render(template: str, page: Page) -> str:
    """The template filled with its page; it sees nothing else but the globals set here."""
    return render_template(template, page=page)


def init_app(app: Flask, settings: Settings) -> None:
    """Give the templates of `app` their filters and globals."""
    # Not trim_blocks: it would glue attributes together that stand in blocks of their own, one a line.
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=_asset,
        once=_render_cached,
        operator=Operator(settings.operator_name, settings.operator_disclosure),
        demo=settings.demo,
        wording=wording,
    )
    app.add_template_filter(_day, "day")
    app.add_template_filter(_month, "month")
    app.add_template_filter(_miles, "miles")
    app.add_template_filter(_whole, "whole")
    app.add_template_filter(_phone, "phone")
    app.add_template_filter(_tel, "tel")


@cache
def _manifest() -> dict[str, str]:
    """Built names by source names; empty where nothing was built, as in tests of single views."""
    path = resources.folder("static") / "dist" / "manifest.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


@lru_cache(maxsize=FRAGMENT_CACHE_SIZE)
def _render_cached(macro: Macro, *values: Hashable) -> str:
    """What a macro makes of some values, which must be all that it looks at."""
    return macro(*values)


def _asset(name: str) -> str:
    # Not url_for, which asks all rules for it and takes as long as a card.
    return f"{current_app.static_url_path}/dist/{_manifest().get(name, name)}"


def _day(value: date | datetime) -> str:
    """“Nov 22, 2026”: short, and not to be read the wrong way round."""
    return f"{value:%b} {value.day}, {value.year}"


def _month(value: date | datetime) -> str:
    return f"{value:%b %Y}"


def _miles(value: float, precision: Precision | None = None) -> str:
    """Miles as a person says them: one decimal under ten, whole ones above."""
    text = f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"
    about = "" if precision is Precision.POINT else "about "
    return f"{about}{text} {'mile' if text == '1.0' else 'miles'}"


def _whole(value: float) -> str:
    """“1,234”, with no decimals."""
    return f"{value:,.0f}"


@lru_cache(maxsize=64)  # a number is written twice in a row, for people and for their phones
def _digits(value: str) -> tuple[str, str]:
    """The digits of a number without the country's code, and those of an extension such as “x12”."""
    number, _, extension = value.lower().partition("x")
    digits = _NO_DIGITS.sub("", number)
    local = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    return local, _NO_DIGITS.sub("", extension)


def _phone(value: str) -> str:
    """A US number as “(303) 555-0100”; anything else as it was given."""
    digits, extension = _digits(value)
    if len(digits) != 10:
        return value
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}{f' x{extension}' if extension else ''}"


def _tel(value: str) -> str:
    """The address of a `tel:` link (RFC 3966)."""
    digits, extension = _digits(value)
    country = "+1" if len(digits) == 10 else ""
    return f"tel:{country}{digits}{f';ext={extension}' if extension else ''}"
