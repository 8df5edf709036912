"""What all email shares, as admins set it, or else the environment."""

from dataclasses import replace

from sqlalchemy.orm import Session

from directory.outbox.message import Letterhead
from directory.settings.declarations import MAIL, MAIL_REPLY_TO, MAIL_SENDER, OPERATOR, OPERATOR_NAME
from directory.settings.queries import setting_values


def current_letterhead(session: Session, environment: Letterhead) -> Letterhead:
    """Return the letterhead of email that is sent now; `environment` counts where admins have set nothing."""
    values = setting_values(session)
    return replace(
        environment,
        sender=values.text(MAIL, MAIL_SENDER) or environment.sender,
        reply_to=values.text(MAIL, MAIL_REPLY_TO) or environment.reply_to,
        operator=values.text(OPERATOR, OPERATOR_NAME) or environment.operator,
    )
