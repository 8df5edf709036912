"""Flask-Security's email, queued in the outbox with our templates."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import current_app, has_request_context, request
from flask_security import MailUtil
from flask_security.proxies import _security
from flask_security.recoverable import generate_reset_password_token
from flask_security.utils import validate_redirect_url
from sqlalchemy.orm import Session

from directory.accounts.datastore import datastore_session
from directory.accounts.mail_limits import LONGEST, claim_email
from directory.accounts.tables import Account
from directory.outbox.queue import enqueue_email

TEMPLATE_SETTINGS = {
    "SECURITY_EMAIL_PLAINTEXT": False,
    "SECURITY_EMAIL_HTML": False,
    "SECURITY_REGISTER_EMAIL_TEMPLATE": "account_welcome",
    "SECURITY_REGISTER_EMAIL_EXISTING_TEMPLATE": "account_exists",
    "SECURITY_EMAIL_TEMPLATE_CONFIRM": "account_confirm",
    "SECURITY_EMAIL_TEMPLATE_PASSWORD_RESET": "password_reset",
    "SECURITY_EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": "password_was_reset",
    "SECURITY_EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": "password_changed",
    "SECURITY_CHANGE_EMAIL_EMAIL_TEMPLATE": "email_change",
}
"""Flask-Security renders no email itself; the names are those of our templates in `templates/mail`."""

UNSOLICITED = ("unsolicited", LONGEST)
"""Email that anybody can cause with the address of a third person: at most one a day for each address."""

LIMITS = {
    "account_welcome": UNSOLICITED,
    "account_exists": UNSOLICITED,
    "account_confirm": UNSOLICITED,
    "email_change": UNSOLICITED,
    # As long as the link of the last one works.
    "password_reset": ("reset", timedelta(hours=1)),
}
"""The kind of an email, which shares a limit, and the interval. All emails with a link that acts are limited."""

LINK_PATHS = {
    "confirmation_token": "/signin/confirm/",
    "reset_token": "/signin/reset/",
    "token": "/signin/change-email/",
}
"""The page that takes each of Flask-Security's tokens."""

BASE_URL_SETTING = "DIRECTORY_BASE_URL"
"""Links begin with this setting of the application, never with the Host header, which a stranger can choose."""


class OutboxMailUtil(MailUtil):
    """Queues email in the transaction of the change, and stores addresses in lower case."""

    def validate(self, email: str) -> str:
        """Return the address in lower case, if it is well-formed."""
        return super().validate(email).lower()

    def normalize(self, email: str) -> str:
        """Return the address in lower case, if it is well-formed."""
        return super().normalize(email).lower()

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: Any, html: Any, **context: Any
    ) -> None:
        """Queue one email, unless its limit is reached."""
        session, now = datastore_session(), _security.datetime_factory()
        kind, every = LIMITS.get(template, ("", None))
        secret = current_app.config["SECRET_KEY"]
        if every and not claim_email(session, kind, recipient, every=every, secret=secret, now=now):
            return
        facts = {"recipient": context["user"].name, "links": _links(context)}
        mail = enqueue_email(session, template, to=recipient, now=now, **facts)
        mail.forget = template in LIMITS


def enqueue_reset_email(session: Session, account: Account, *, now: datetime) -> None:
    """Queue the email to reset a password, for an operator on the server, who needs no limit."""
    links = _links({"reset_token": generate_reset_password_token(account)})  # type: ignore[no-untyped-call]  # the library has no types here
    mail = enqueue_email(session, "password_reset", to=account.email, now=now, recipient=account.name, links=links)
    mail.forget = True


def return_path() -> str:
    """Return the page of this site to which the current request says to return, or an empty string."""
    wanted = request.values.get("next", "") if has_request_context() else ""
    # Browsers read a backslash as a slash, and leave out control characters.
    is_path = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if is_path and validate_redirect_url(wanted) else ""


def _links(context: dict[str, Any]) -> dict[str, str]:
    """Return the URLs for a template by the name of their token, empty without one; `login` is always there."""
    base, wanted = current_app.config[BASE_URL_SETTING], return_path()
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    links = {name: f"{base}{path}{token}{query}" for name, path in LINK_PATHS.items() if (token := context.get(name))}
    return {**dict.fromkeys(LINK_PATHS, ""), "login": f"{base}/signin/login{query}", **links}
