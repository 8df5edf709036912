"""Gives a form back with everything that was typed, if it was sent without a session or with an older one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from wtforms import Field

from directory.web.support.form_errors import display_value, field_label
from directory.web.support.requests import account
from directory.web.support.same_origin import is_cross_site

FieldSource = Callable[["MultiDict[str, str]"], Iterable[Field]]
"""Returns the fields of all forms of a blueprint, filled with what was sent."""

EXTENSION = "directory-form-fields"

SIGN_IN_BLUEPRINTS = frozenset({"security", "signin"})
"""The blueprints whose forms need no sign-in."""

STATUS = 400


@dataclass(frozen=True, slots=True)
class KeptFormPage:
    """`errors/kept_form.html`: `hidden` are all fields that were sent, `typed` those with a label.

    `sign_in` is the address of the sign-in page, or empty if the form can be sent again at once. `has_files` is set if
    documents were sent, which a page cannot keep.
    """

    action: str
    hidden: tuple[tuple[str, str], ...]
    typed: tuple[tuple[str, str], ...]
    sign_in: str
    has_files: bool


def use_fields(blueprint: Blueprint, source: FieldSource) -> None:
    """Label the fields of a blueprint's forms by `source`."""
    blueprint.record_once(lambda state: state.app.extensions.setdefault(EXTENSION, {}).update({blueprint.name: source}))


def is_keepable() -> bool:
    """Return whether the request is a form of ours; one from another site is not offered to be sent again."""
    is_ours = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin" and not is_cross_site()
    return request.method == "POST" and is_ours


def kept_form_response() -> Response:
    """Return the page with the sent form, to be sent again after signing in."""
    needs_sign_in = account() is None and request.blueprint not in SIGN_IN_BLUEPRINTS
    page = KeptFormPage(
        action=request.full_path.rstrip("?"),
        hidden=tuple((name, text) for name, text in request.form.items(multi=True) if not _is_secret(name)),
        typed=tuple(_typed()),
        sign_in=url_for("security.login", next=url_for("signin.return_to_form")) if needs_sign_in else "",
        has_files=any(file.filename for file in request.files.values()),
    )
    return make_response(render_template("errors/kept_form.html", page=page), STATUS)


def _is_secret(name: str) -> bool:
    return name == "csrf_token" or "password" in name


def _typed() -> Iterator[tuple[str, str]]:
    """Yield label and value of each field that somebody filled in."""
    source: FieldSource = current_app.extensions.get(EXTENSION, {}).get(request.blueprint, lambda _sent: ())
    seen: set[str] = set()
    for field in source(request.form):
        if field.name in request.form and field.name not in seen and (text := display_value(field)):
            seen.add(field.name)
            yield field_label(field), text
