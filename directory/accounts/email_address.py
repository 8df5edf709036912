"""How an email address that somebody typed is checked and stored."""

from email_validator import EmailNotValidError, validate_email

from directory.errors import FieldError, Invalid

MAX_EMAIL_LENGTH = 254
"""Characters; the limit of SMTP."""


def check_email(email: str) -> str:
    """Return what is wrong with an email address, or an empty string."""
    if len(email) > MAX_EMAIL_LENGTH:
        return f"An email address may have at most {MAX_EMAIL_LENGTH} characters."
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        return "This is not an email address, such as name@example.org."
    return ""


def normalize_email(email: str) -> str:
    """Return an email address as it is stored.

    Raises:
        Invalid: it is not an email address.
    """
    email = email.strip()
    if message := check_email(email):
        raise Invalid([FieldError("email", message)])
    return validate_email(email, check_deliverability=False).normalized.lower()
