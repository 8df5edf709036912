"""Forms of the invitation and of the account pages."""

from flask_wtf import FlaskForm
from wtforms import PasswordField

from directory.accounts.forms import PASSWORD_HINT, name_field
from directory.web.support.form_errors import Required


class InvitationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The name and password of an invited person."""

    name = name_field()
    password = PasswordField("Password", [Required()], description=PASSWORD_HINT)


class NameForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The name of the account."""

    name = name_field()


class CloseForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The password that closes the account."""

    password = PasswordField("Your password", [Required()])
