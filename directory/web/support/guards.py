"""Access control for whole blueprints, and the URL patterns for ids on their pages."""

from flask import Blueprint, redirect, request, url_for
from flask import session as browser_session
from werkzeug.wrappers import Response

from directory.accounts.policy import Action, require
from directory.accounts.tables import Account
from directory.web.support.kept_form import is_keepable, kept_form_response
from directory.web.support.requests import account, services

ID_CONVERTER = "<int(max=2147483647):{}>"
"""Limited to the integer range of both databases; larger ids cannot exist."""

LISTING_ID, ATTESTATION_ID = ID_CONVERTER.format("listing_id"), ID_CONVERTER.format("attestation_id")
REVISION_ID = ID_CONVERTER.format("revision_id")
"""URL converters for ids of listings, attestations and revisions."""

FORM_KEY = "<string(length=32):form_key>"
"""URL converter for the key of a form for a new listing."""


RETURN_KEY = "after_second_factor"
"""The session key of the page to return to after the second factor was set up."""


def restrict_blueprint(blueprint: Blueprint, action: Action, *, second_factor: bool = False) -> None:
    """Require sign-in and permission for `action` on every view of `blueprint`.

    Anonymous users are redirected to the sign-in page, or get a sent form back; users without permission are refused.
    With `second_factor`, users without one are redirected to set it up.
    """

    def before() -> Response | None:
        who = account()
        # Only a GET can be repeated afterwards.
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        if who is None:
            if request.form and is_keepable():
                return kept_form_response()
            return redirect(url_for("security.login", next=wanted))
        require(who.actor, action)
        if second_factor and not who.has_second_factor and not _is_demo_account(who):
            browser_session[RETURN_KEY] = wanted or url_for("signin.arrived")
            return redirect(url_for("signin.second_factor"))
        return None

    blueprint.before_request(before)
    # Only guarded pages show who is signed in: patients' pages must not depend on a cookie.
    blueprint.context_processor(lambda: {"actor": who.actor if (who := account()) else None})


def _is_demo_account(who: Account) -> bool:
    """Return whether `demo load` created the account in this installation, and printed its password for everybody."""
    settings = services().settings
    return settings.has_demo and who.email in settings.demo_accounts.read_text().split()
