"""A browser without JavaScript: opens pages, fills the forms that are on them and presses their buttons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

FormValues = Mapping[str, str | Sequence[str] | None]
"""What somebody fills in: several values for checkboxes, None to leave a field out."""


@dataclass
class Form:
    """A form as it stands on a page: what its fields hold, and its buttons by their words."""

    action: str
    method: str
    fields: "MultiDict[str, str]" = field(default_factory=MultiDict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._button: dict[str, str | None] | None = None
        self._select = self._textarea = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "form":
            self._form = Form(facts.get("action") or "", (facts.get("method") or "get").lower())
            self.forms.append(self._form)
        elif tag == "input":
            self._input(facts)
        elif tag == "button":
            self._button, self._text = facts, ""
        elif tag == "select":
            self._select = facts.get("name") or ""
        elif tag == "textarea":
            self._textarea, self._text = facts.get("name") or "", ""
        elif tag == "option" and self._form and self._select and "selected" in facts:
            self._form.fields[self._select] = facts.get("value") or ""

    def _input(self, facts: dict[str, str | None]) -> None:
        name = facts.get("name")
        if self._form is None or not name:
            return
        if facts.get("type") in {"checkbox", "radio"} and "checked" not in facts:
            return
        self._form.fields.add(name, facts.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "button" and self._form and self._button is not None:
            words = " ".join(self._text.split())
            self._form.buttons[words] = (self._button.get("name") or "", self._button.get("value") or "")
            self._button = None
        elif tag == "textarea" and self._form and self._textarea:
            self._form.fields[self._textarea] = self._text.removeprefix("\n").removeprefix("\r\n")
            self._textarea = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        self._text += data
        self.words.append(data)


class Page:
    """What the server answered."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.location = response.headers.get("Location", "")
        self.html = response.get_data(as_text=True)
        self.path = response.request.path
        reader = _FormParser()
        reader.feed(self.html)
        self.forms = reader.forms
        self.text = " ".join(" ".join(reader.words).split())

    def form(self, button: str) -> Form:
        """The form that has that button."""
        for form in self.forms:
            if button in form.buttons:
                return form
        raise AssertionError(f"no button {button!r} on {self.path}; there are {[list(f.buttons) for f in self.forms]}")


class Browser:
    """Somebody who reads pages and presses buttons."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def open(self, path: str, *, follow: bool = True) -> Page:
        """The page at an address."""
        return Page(self.client.get(path, follow_redirects=follow))

    def press(self, page: Page, button: str, values: FormValues | None = None, *, follow: bool = True) -> Page:
        """Fill the form around a button of `page`, and press it."""
        form = page.form(button)
        sent = MultiDict(form.fields)
        for name, value in (values or {}).items():
            sent.setlist(name, [] if value is None else [value] if isinstance(value, str) else list(value))
        name, value = form.buttons[button]
        if name:
            sent[name] = value
        assert form.method == "post", "links and searches are opened, not pressed"
        return Page(self.client.post(form.action or page.path, data=sent, follow_redirects=follow))
