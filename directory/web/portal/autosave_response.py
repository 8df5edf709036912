"""The answers to a form that saves itself, as JSON for `static/js/autosave.js`."""

from collections.abc import Iterator
from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response
from wtforms import Form

from directory.web.support.form_errors import iter_fields
from directory.web.support.merge import snapshot
from directory.web.support.requests import now

AUTOSAVE = "auto"
"""The value of the `then` field if no button was pressed."""


def is_autosave() -> bool:
    """Return whether the form was sent by itself."""
    return request.form.get("then") == AUTOSAVE


def saved(version: str, say: str = "", *, form: Form | None = None) -> Response:
    """Return that the form is saved, with the version to send next; `form` is what the next save is compared with."""
    answer: dict[str, Any] = {"version": version, "at": now().isoformat(), "say": say}
    if form is not None:
        answer["base"] = snapshot(form)
    return jsonify(answer)


def not_saved(say: str, status: int) -> Response:
    """Return why nothing is saved. The program stops then, until a button is pressed."""
    answer = jsonify(say=say)
    answer.status_code = status
    return answer


def not_saved_form(form: Form, status: int) -> Response:
    """Return the first error of a form. After invalid input the program goes on: half a form is no failure."""
    say = next(_errors(form), "")
    return jsonify(say=say) if status == 422 else not_saved(say, status)


def _errors(form: Form) -> Iterator[str]:
    yield from form.form_errors
    for field in iter_fields(form):
        yield from field.errors
