"""Records which member of staff opened or sent which page of the console, before the answer leaves."""

import logging

from flask import Response, current_app, make_response, request

from directory import transaction
from directory.audit.access import record_access
from directory.errors import Conflict
from directory.web.console.blueprint import blueprint
from directory.web.support.requests import account, now

log = logging.getLogger(__name__)

IMPERSONAL = frozenset({"texts", "text"})
"""The views that show no personal data, whoever opens them. All others are recorded."""

RECORDED = frozenset({200, 303, 409, 422})
"""The answers that show or change data; others are refusals, and links to a page that is recorded itself."""

SUBJECTS = {"email": "mail"}
"""What the log calls a subject whose parameter in a URL has another name."""

MAX_SUBJECT, MAX_ADDRESS = 120, 45
"""Characters, the widths of the columns."""


@blueprint.after_request
def record_request(response: Response) -> Response:
    """Record a request, with the IP address of the member of staff; patients' pages and the API record none.

    A page that cannot be recorded is not shown. What was changed already is in the audit log.
    """
    view, who = (request.endpoint or "").rpartition(".")[2], account()
    if who is None or view in IMPERSONAL or response.status_code not in RECORDED:
        return response
    try:
        with transaction.independent() as connection:
            record_access(
                connection,
                account_id=who.id,
                page=view,
                method=request.method,
                subject=_subject()[:MAX_SUBJECT],
                query=request.query_string.decode(errors="replace"),
                address=(request.remote_addr or "")[:MAX_ADDRESS],
                now=now(),
            )
    except Conflict as busy:
        if request.method == "POST":
            log.warning("a request to %s was not recorded: %s", request.path, busy.sentence)
            return response
        return make_response(current_app.handle_user_exception(busy))
    return response


def _subject() -> str:
    """Return what the page is about, by the first parameter of its path, such as `listing:7`."""
    for name, value in (request.view_args or {}).items():
        kind = name.removesuffix("_id")
        return f"{SUBJECTS.get(kind, kind)}:{value}"
    return ""
