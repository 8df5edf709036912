"""Form field for the date in `?on=2026-05-01`, which selects a past day."""

import re
from datetime import date

from wtforms import DateField, Form

from directory.errors import FieldError
from directory.web.support.form_errors import add_errors

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class AsOfDateForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A form with one optional date, `on`, which must not be in the future."""

    on = DateField("A day")

    def day(self, last: date) -> date | None:
        """Return the date, at most `last`; None if it is missing, or invalid (then the form has an error)."""
        sent = [str(text).strip() for text in self.on.raw_data or ()]
        self.on.process_errors = []
        if not any(sent):
            return None
        found = _parse_date(sent[0]) if len(sent) == 1 else None
        if found is None:
            add_errors(self, [FieldError("on", "The day must be a date like 2026-05-01.")])
        elif found > last:
            add_errors(self, [FieldError("on", f"The day must not be after today, {last.isoformat()}.")])
        return found if found and found <= last else None


def _parse_date(text: str) -> date | None:
    if not ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
