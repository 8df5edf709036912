"""The day that somebody asks about: `?on=2026-05-01`."""

import re
from datetime import date

from wtforms import DateField, Form

from directory.errors import Fault
from directory.web.support.refusals import add_errors

ON_PAPER = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class DayForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A day that is not in the future."""

    on = DateField("A day")

    def day(self, last: date) -> date | None:
        """The day; None where none was asked for, or where the form says what to mend."""
        sent = [str(text).strip() for text in self.on.raw_data or ()]
        self.on.process_errors = []
        if not any(sent):
            return None
        found = _day(sent[0]) if len(sent) == 1 else None
        if found is None:
            add_errors(self, [Fault("on", "The day must be a date like 2026-05-01.")])
        elif found > last:
            add_errors(self, [Fault("on", f"The day must not be after today, {last.isoformat()}.")])
        return found if found and found <= last else None


def _day(text: str) -> date | None:
    if not ON_PAPER.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
