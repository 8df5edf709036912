"""Flask-Security's forms with our labels and hints; the library does the checks."""

from typing import Any

from flask import request, session
from flask_security import ChangeEmailForm, ChangePasswordForm, LoginForm, ResetPasswordForm
from flask_security.forms import (
    EmailValidation,
    EqualToLocalize,
    ForgotPasswordForm,
    IsString,
    RegisterFormV2,
    RequiredLocalize,
    SendConfirmationForm,
    VerifyForm,
    unique_user_email,
    valid_user_email,
)
from flask_security.utils import get_message
from wtforms import EmailField, Field, Form, PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired, ValidationError

from directory.accounts.names import check_name

REGISTERED_KEY = "registered_address"
"""The session key of the address that somebody typed to create an account in this browser."""

MIN_PASSWORD_LENGTH = 15
"""Characters; NIST SP 800-63B-4 requires this for a password that is the only factor."""

PASSWORD_HINT = (
    f"At least {MIN_PASSWORD_LENGTH} characters. Several words that do not belong together are easy to remember."
)


def _strip(typed: Any) -> Any:
    return typed.strip() if isinstance(typed, str) else typed


def _email(label: str, *checks: Any, verify: bool = True) -> EmailField:
    required = RequiredLocalize(message="EMAIL_NOT_PROVIDED")
    return EmailField(label, [IsString(), required, EmailValidation(verify=verify), *checks], filters=[_strip])


def _password(label: str, *, hint: str = "") -> PasswordField:
    required = RequiredLocalize(message="PASSWORD_NOT_PROVIDED")
    return PasswordField(label, [IsString(), required], description=hint)


def _repeated_password(label: str, other: str) -> PasswordField:
    """Return the field for the same password again; left empty, it differs, so it needs no error of its own."""
    return PasswordField(label, [IsString(), EqualToLocalize(other, message="RETYPE_PASSWORD_MISMATCH")])


def validate_name(_form: Form, field: Field) -> None:
    """Check the name of a person, as a WTForms validator."""
    if message := check_name(field.data or ""):
        raise ValidationError(message)


def name_field() -> StringField:
    """Return the field for a person's own name."""
    return StringField("Your name", [InputRequired("Enter your name."), IsString(), validate_name], filters=[_strip])


class SignInForm(LoginForm):
    """Signs in without “remember me”: a sign-in ends with the browser's session."""

    email = _email("Email address", verify=False)
    password = _password("Password")
    submit = SubmitField("Sign in")
    remember = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The library puts a link there; the page has one that leads back.
        self.password.description = ""
        if request.method == "GET" and not self.email.data:
            self.email.data = session.get(REGISTERED_KEY, "")


class ConfirmIdentityForm(VerifyForm):
    """Asks for the password again."""

    password = _password("Password")


class RegistrationForm(RegisterFormV2):
    """Creates an account. The password is asked once: it is typed again at the first sign-in, and can be reset."""

    name = name_field()
    email = _email("Email address", unique_user_email)
    password = _password("Password", hint=PASSWORD_HINT)


class _MalformedEmail(Form):  # type: ignore[misc]  # WTForms has no types
    """Names a malformed address as an error of the form; the views hide all errors of the field itself."""

    form_errors: list[str]

    def validate(self, **kwargs: Any) -> bool:
        valid: bool = super().validate(**kwargs)
        problems = {get_message(key)[0] for key in ("EMAIL_NOT_PROVIDED", "INVALID_EMAIL_ADDRESS")}
        self.form_errors = [*self.form_errors, *problems.intersection(self.email.errors)]
        return valid


class ForgottenPasswordForm(_MalformedEmail, ForgotPasswordForm):
    """Asks for a link to set a new password."""

    email = _email("Email address", valid_user_email)


class ResendForm(_MalformedEmail, SendConfirmationForm):
    """Asks for the link that confirms an address once more."""

    email = _email("Email address", valid_user_email)


class NewPasswordForm(ResetPasswordForm):
    """Sets a new password in place of a forgotten one."""

    password = _password("New password", hint=PASSWORD_HINT)
    password_confirm = _repeated_password("The same password again", "password")


class PasswordChangeForm(ChangePasswordForm):
    """Changes the password of the account that is signed in."""

    password = _password("Current password")
    new_password = _password("New password", hint=PASSWORD_HINT)
    new_password_confirm = _repeated_password("The new password again", "new_password")


class EmailChangeForm(ChangeEmailForm):
    """Changes the email address of the account that is signed in."""

    email = _email("New email address", unique_user_email)
