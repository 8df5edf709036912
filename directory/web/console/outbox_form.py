"""The search form of the outbox."""

from typing import Any

from flask import request
from wtforms import Form, SelectField, StringField, validators

from directory.outbox.queries import EmailFilter, EmailState
from directory.outbox.queue import letter_names
from directory.web.support.listing_numbers import parse_listing_number

MAX_TEXT = 255
"""Characters of the text to search for, the width of an email address."""


def letter_label(letter: str) -> str:
    """Return the kind of an email in words, such as “Password reset”."""
    return letter.replace("_", " ").capitalize() or "Other"


class OutboxForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A part of the address or the subject, the kind of email, and the listing; all are parameters of the URL."""

    q = StringField(
        "Address or subject", [validators.Length(max=MAX_TEXT, message="Please use at most 255 characters.")]
    )
    letter = SelectField("Kind", validate_choice=False)
    listing = StringField("Listing number")

    def __init__(self) -> None:
        super().__init__(request.args)
        self.letter.choices = [("", "Every kind"), *((name, letter_label(name)) for name in letter_names())]

    def validate_listing(self, field: StringField) -> None:
        """Refuse what is no number of a listing."""
        if (field.data or "").strip() and parse_listing_number(field.data) is None:
            raise validators.ValidationError("Please type the number of a listing, such as 4698.")

    def parameters(self) -> dict[str, Any]:
        """Return what was typed, as parameters of a URL."""
        return {name: text for name, text in self.data.items() if text}

    def wanted(self) -> EmailFilter:
        """Return the filter that the request asks for; a state that there is not means all states."""
        state = request.args.get("state", "")
        return EmailFilter(
            state=EmailState(state) if state in set(EmailState) else None,
            # PostgreSQL rejects a parameter with a NUL character.
            text=(self.q.data or "").replace("\0", "").strip(),
            letter=(self.letter.data or "").replace("\0", ""),
            listing_id=parse_listing_number(self.listing.data),
        )
