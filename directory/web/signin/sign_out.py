"""Sign-out when the database does not answer: the cookie goes at once, and the page says what is left."""

from flask import Response, current_app, render_template, request

SIGN_OUT_ENDPOINT = "security.logout"


def drop_cookie_after_failure(response: Response) -> Response:
    """Turn a failed sign-out into a page that says so, and delete the cookie of this browser all the same."""
    if request.endpoint == SIGN_OUT_ENDPOINT and response.status_code >= 500:
        response.status_code = 503
        response.set_data(render_template("signin/not_ended.html"))
        response.delete_cookie(
            current_app.config["SESSION_COOKIE_NAME"],
            path="/",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return response
