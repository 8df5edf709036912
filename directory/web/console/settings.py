"""Admin pages for the settings: an overview of all, and a form for each section, derived from its declaration."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Field, Form, HiddenField, StringField, TextAreaField

from directory import transaction
from directory.accounts.policy import Action, require
from directory.errors import NotFound
from directory.geocoding.us_states import STATES
from directory.review.settings import change_settings
from directory.settings.declarations import DISCLOSURE, OPERATOR, SECTIONS, notice_section
from directory.settings.queries import ChangedSetting, CurrentSection, current_section, section_history, setting_values
from directory.settings.setting import Kind, Section
from directory.site_texts.declarations import SiteText
from directory.site_texts.queries import CurrentText, current_text
from directory.web.console.blueprint import blueprint
from directory.web.support.form_errors import FormErrorHandler, Required, submitted_version
from directory.web.support.requests import actor, now, services, session
from directory.web.support.site_settings import forget_settings
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response

AREAS = frozenset({Kind.TEXT, Kind.LINES})
"""Kinds of settings that are typed into a box of several lines."""

CHANGES_ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class SectionSummary:
    """One section on the overview: pairs of label and value."""

    current: CurrentSection
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """`console/settings.html`: all sections, and the texts with when each was last changed.

    `notices` has the abbreviation, the name and the notice of each state.
    """

    sections: tuple[SectionSummary, ...]
    texts: tuple[CurrentText, ...]
    notices: tuple[tuple[str, str, str], ...]
    lacks_disclosure: bool


@dataclass(frozen=True, slots=True)
class SectionPage:
    """`console/settings_section.html`: the form of one section, and after a conflict the values as they are now."""

    section: Section
    form: Form
    areas: frozenset[str]
    history: tuple[ChangedSetting, ...]
    stored: tuple[tuple[str, str], ...] = ()


@blueprint.get("/settings")
def settings() -> ViewResponse:
    """Show all settings."""
    require(actor(), Action.CHANGE_SETTINGS)
    sections = tuple(_summary(section) for section in SECTIONS.values())
    texts = tuple(current_text(session(), name) for name in SiteText)
    return render("console/settings.html", SettingsPage(sections, texts, _notices(), _lacks_disclosure()))


@blueprint.get("/settings/sections/<name>")
def section(name: str) -> ViewResponse:
    """Show the form of a section."""
    require(actor(), Action.CHANGE_SETTINGS)
    found = current_section(session(), _require_section(name))
    typed = {setting.name: setting.text(found.values[setting.name]) for setting in found.section.settings}
    form = section_form(found.section)(data={**typed, "version": found.version})
    return render("console/settings_section.html", _section_page(found.section, form))


@blueprint.post("/settings/sections/<name>")
def change_section(name: str) -> ViewResponse:
    """Save a section, or show the form with errors or an edit conflict."""
    which = _require_section(name)
    form = section_form(which)(request.form)
    version, typed = submitted_version(form.version), {field.name: field.data or "" for field in form}
    with FormErrorHandler(form) as refused:
        with transaction.atomic() as writing:
            change_settings(writing, which, typed, version=version, by=actor(), now=now())
        forget_settings()
        flash(f"{which.title}: saved.", "success")
        return redirect(url_for(".settings"), 303)
    page = _section_page(which, form, is_conflict=refused.status == 409)
    return render("console/settings_section.html", page), refused.status


def section_form(section: Section) -> type[Form]:
    """Create the form class of a section."""
    fields: dict[str, Field] = {"version": HiddenField()}
    for setting in section.settings:
        kind = TextAreaField if setting.kind in AREAS else StringField
        fields[setting.name] = kind(setting.label, [Required()] * setting.required, description=setting.hint)
    return type("SectionForm", (Form,), fields)


def _section_page(section: Section, form: Form, *, is_conflict: bool = False) -> SectionPage:
    stored: tuple[tuple[str, str], ...] = ()
    if is_conflict:
        found = current_section(session(), section)
        form["version"].data = str(found.version)  # the next save replaces the values that are shown beside it
        stored = _rows(found)
    areas = frozenset(setting.name for setting in section.settings if setting.kind in AREAS)
    history = section_history(session(), section, limit=CHANGES_ON_A_PAGE)
    return SectionPage(section, form, areas, history, stored)


def _summary(section: Section) -> SectionSummary:
    current = current_section(session(), section)
    return SectionSummary(current, _rows(current))


def _rows(current: CurrentSection) -> tuple[tuple[str, str], ...]:
    return tuple((each.label, each.text(current.values[each.name]) or "Not set") for each in current.section.settings)


def _lacks_disclosure() -> bool:
    own = current_section(session(), OPERATOR).values[DISCLOSURE.name]
    return not own and not services().settings.has_disclosure


def _notices() -> tuple[tuple[str, str, str], ...]:
    values = setting_values(session())
    found = ((state, name, values.notice(state)) for state, name in STATES.items())
    return tuple((state, name, notice.text if notice else "") for state, name, notice in found)


def _require_section(name: str) -> Section:
    if (state := name.removeprefix("notice-")) in STATES:
        return notice_section(state, STATES[state])
    if name not in SECTIONS:
        raise NotFound("There are no such settings.")
    return SECTIONS[name]
