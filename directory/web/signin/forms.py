"""Forms of the invitation and of the account pages."""

from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from directory.accounts.forms import PASSWORD_HINT, name_field
from directory.outbox.unsubscribe import TOPICS
from directory.web.support.form_errors import Required


class InvitationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The name and password of an invited person."""

    name = name_field()
    password = PasswordField("Password", [Required()], description=PASSWORD_HINT)


class NameForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The name of the account."""

    name = name_field()


class MailForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The topics of email that the account gets besides what is a duty."""

    topics = SelectMultipleField(
        "You also get",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )

    def offer(self, topics: Iterable[str]) -> None:
        """Set the topics to choose from."""
        self.topics.choices = [SelectChoice(topic, TOPICS[topic].capitalize()) for topic in topics]


class CloseForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The password that closes the account."""

    password = PasswordField("Your password", [Required()])
