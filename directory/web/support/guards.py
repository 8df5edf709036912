"""Access control for whole blueprints, and the URL patterns for ids on their pages."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from directory.accounts.policy import Action, require
from directory.web.support.requests import account

_ID_CONVERTER = "<int(max=2147483647):{}>"
"""A number as both databases keep it: behind a longer one there is nothing."""

LISTING_ID, ATTESTATION_ID = _ID_CONVERTER.format("listing_id"), _ID_CONVERTER.format("attestation_id")
"""What stands for a listing or an attestation in the addresses of guarded pages."""


def restrict_blueprint(blueprint: Blueprint, action: Action) -> None:
    """Let into `blueprint` only whoever may do `action`; everybody else is asked to sign in or refused."""

    def before() -> Response | None:
        who = account()
        if who is None:
            # Only the address of a page can be come back to; what was posted is gone either way.
            wanted = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("security.login", next=wanted))
        require(who.actor, action)
        return None

    blueprint.before_request(before)
    # Only these pages name who is signed in: a page for patients must not depend on a cookie.
    blueprint.context_processor(lambda: {"actor": who.actor if (who := account()) else None})
