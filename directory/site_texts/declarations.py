"""Declares each text that the operator can edit."""

import enum

MAX_LENGTH = 40_000
"""The most characters of a text; arbitrary, about fifteen printed pages."""


class SiteText(enum.StrEnum):
    """A page of the site whose text the operator edits; the value is its URL path."""

    ABOUT = "about"
    PRIVACY = "privacy"
    TERMS = "terms"
    ACCESSIBILITY = "accessibility"

    @property
    def heading(self) -> str:
        """The heading of the page, and the text of links to it."""
        return HEADINGS[self]


HEADINGS = {
    SiteText.ABOUT: "About this directory",
    SiteText.PRIVACY: "Privacy",
    SiteText.TERMS: "Terms of use",
    SiteText.ACCESSIBILITY: "Accessibility",
}
