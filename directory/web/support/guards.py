"""Access control for whole blueprints, and the URL patterns for ids on their pages."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from directory.accounts.policy import Action, require
from directory.web.support.requests import account

_ID_CONVERTER = "<int(max=2147483647):{}>"
"""Limited to the integer range of both databases; larger ids cannot exist."""

LISTING_ID, ATTESTATION_ID = _ID_CONVERTER.format("listing_id"), _ID_CONVERTER.format("attestation_id")
REVISION_ID = _ID_CONVERTER.format("revision_id")
"""URL converters for ids of listings, attestations and revisions."""


def restrict_blueprint(blueprint: Blueprint, action: Action) -> None:
    """Require sign-in and permission for `action` on every view of `blueprint`.

    Anonymous users are redirected to the sign-in page; users without permission are refused.
    """

    def before() -> Response | None:
        who = account()
        if who is None:
            # Only a GET can be repeated after sign-in; posted data is lost in any case.
            wanted = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("security.login", next=wanted))
        require(who.actor, action)
        return None

    blueprint.before_request(before)
    # Only guarded pages show who is signed in: patients' pages must not depend on a cookie.
    blueprint.context_processor(lambda: {"actor": who.actor if (who := account()) else None})
