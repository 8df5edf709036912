"""Reads the texts of the site."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from directory import resources
from directory.site_texts.declarations import SiteText
from directory.site_texts.tables import StoredText


@dataclass(frozen=True, slots=True)
class CurrentText:
    """One text in Markdown; `version` is 0 and `updated_at` None while the operator has not changed it."""

    name: SiteText
    body: str
    version: int = 0
    updated_at: datetime | None = None


def current_text(session: Session, name: SiteText) -> CurrentText:
    """Return the operator's version of a text, or else the default."""
    stored = session.get(StoredText, name)
    if stored is None:
        return CurrentText(name, default_body(name))
    return CurrentText(name, stored.body, stored.version, stored.updated_at)


@cache
def default_body(name: SiteText) -> str:
    """Return the text that ships with the software."""
    return (resources.folder("templates") / "site_texts" / f"{name.value}.md").read_text(encoding="utf-8")
