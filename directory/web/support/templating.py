"""Template rendering and its globals and filters: asset URLs, dates, distances and phone numbers."""

import json
from collections.abc import Hashable
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, ClassVar, Protocol

from flask import Flask, current_app, render_template
from jinja2.runtime import Macro

from directory import resources
from directory.certification import wording
from directory.config import Settings
from directory.geocoding.place import Precision
from directory.listings.phone_numbers import format_phone, phone_uri
from directory.site_texts.declarations import SiteText
from directory.web.support.site_settings import Operator

FRAGMENT_CACHE_SIZE = 4_096
"""Rendered fragments cached per worker, about 1 kB each; the same providers are shown often."""


class Page(Protocol):
    """Any frozen dataclass with the data for a template."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def render(template: str, page: Page) -> str:
    """Render a template with `page`; besides it, templates see only the globals set here."""
    return render_template(template, page=page)


def init_app(app: Flask, settings: Settings) -> None:
    """Register template filters and globals."""
    # Not trim_blocks: it would join attributes that stand in separate blocks on separate lines.
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=_asset,
        once=_render_cached,
        operator=Operator(settings),
        demo=settings.demo,
        wording=wording,
        site_texts=tuple(SiteText),
    )
    app.add_template_filter(format_day, "day")
    app.add_template_filter(_month, "month")
    app.add_template_filter(_miles, "miles")
    app.add_template_filter(_whole, "whole")
    app.add_template_filter(format_phone, "phone")
    app.add_template_filter(phone_uri, "tel")


@cache
def _manifest() -> dict[str, str]:
    """Return built asset names by source name; empty without a build, as in tests of single views."""
    path = resources.folder("static") / "dist" / "manifest.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


@lru_cache(maxsize=FRAGMENT_CACHE_SIZE)
def _render_cached(macro: Macro, *values: Hashable) -> str:
    """Render a macro and cache the result; it must depend on nothing but `values`."""
    return macro(*values)


def _asset(name: str) -> str:
    # Not url_for: it searches all URL rules and takes as long as rendering a result card.
    return f"{current_app.static_url_path}/dist/{_manifest().get(name, name)}"


def format_day(value: date | datetime) -> str:
    """Format as “Nov 22, 2026”, where day and month cannot be confused."""
    return f"{value:%b} {value.day}, {value.year}"


def _month(value: date | datetime) -> str:
    return f"{value:%b %Y}"


def _miles(value: float, precision: Precision | None = None) -> str:
    """Format miles with one decimal below ten and none above; adds “about” unless `precision` is `POINT`."""
    text = f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"
    about = "" if precision is Precision.POINT else "about "
    return f"{about}{text} {'mile' if text == '1.0' else 'miles'}"


def _whole(value: float) -> str:
    """Format without decimals, as “1,234”."""
    return f"{value:,.0f}"
