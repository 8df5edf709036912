"""Error handlers: an HTML error page for people and problem+json for API clients."""

import logging
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from directory.errors import Conflict, FieldError, Invalid, NotAllowed, NotFound, Refusal
from directory.web.support.kept_form import is_keepable, kept_form_response

log = logging.getLogger(__name__)

STATUS: dict[type[Refusal], int] = {NotFound: 404, NotAllowed: 403, Conflict: 409, Invalid: 422}
TITLES = {
    400: "This request cannot be understood",
    401: "Please sign in",
    403: "This is not open to you",
    404: "There is no such page",
    405: "This cannot be done here",
    409: "Something changed in the meantime",
    413: "That is too large",
    422: "Something needs to be corrected",
    429: "Too many requests",
    500: "Something went wrong on our side",
}
MESSAGES = {
    404: "The address may be mistyped, or the listing is gone.",
    429: "Please wait at least 15 minutes and try again.",
    500: "It is our fault, not yours. It was written down, and you can try again.",
}
SECRET_FIELDS = frozenset({"csrf_token", "password", "new_password", "new_password_confirm"})


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Data for `errors/error.html`; `typed` holds the submitted form fields, so that users do not lose their input."""

    status: int
    title: str
    sentence: str
    faults: tuple[FieldError, ...] = ()
    typed: tuple[tuple[str, str], ...] = ()


def init_app(app: Flask) -> None:
    """Register error handlers for refusals, HTTP errors and unexpected exceptions."""
    app.register_error_handler(Refusal, _handle_refusal)
    app.register_error_handler(CSRFError, _handle_csrf_error)
    app.register_error_handler(HTTPException, _handle_http_error)
    app.register_error_handler(Exception, _handle_exception)


def wants_json() -> bool:
    """Return whether the request is for the API or the statistics in JSON, which never answer in HTML."""
    return request.path.startswith("/api/") or request.path == "/statistics.json"


def _handle_refusal(refusal: Refusal) -> Response:
    faults = refusal.faults if isinstance(refusal, Invalid) else ()
    return _error_response(STATUS[type(refusal)], refusal.sentence, faults)


def _handle_http_error(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response())
    code = error.code or 500
    answer = _error_response(code, MESSAGES.get(code) or error.description or "")
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def _handle_csrf_error(_error: CSRFError) -> Response:
    if is_keepable():
        return kept_form_response()
    return _error_response(400, "This was sent from another site. Please open the form here and send it again.")


def _handle_exception(error: Exception) -> Response:
    log.error("unhandled %s at %s", type(error).__name__, request.path, exc_info=error)
    return _error_response(500, MESSAGES[500])


def _error_response(status: int, sentence: str, faults: tuple[FieldError, ...] = ()) -> Response:
    title = TITLES.get(status, "This did not work")
    if wants_json():
        return problem_response(status, title, sentence, faults)
    # 413 means that the form was too large to parse, so it must not be read here.
    page = ErrorPage(status, title, sentence, faults, () if status == 413 else _submitted_fields())
    return make_response(render_template("errors/error.html", page=page), status)


def _submitted_fields() -> tuple[tuple[str, str], ...]:
    if request.method != "POST":
        return ()
    return tuple((name, value) for name, value in request.form.items(multi=True) if name not in SECRET_FIELDS and value)


def problem_response(
    status: int, title: str, detail: str, faults: tuple[FieldError, ...] = (), **more: Any
) -> Response:
    """Return an RFC 9457 response; a fault whose field begins with a slash is a JSON pointer into the body."""
    errors = [
        {"pointer" if fault.field.startswith("/") else "parameter": fault.field, "detail": fault.detail}
        for fault in faults
    ]
    answer = jsonify(type="about:blank", title=title, status=status, detail=detail, errors=errors, **more)
    answer.status_code = status
    answer.mimetype = "application/problem+json"
    return answer
