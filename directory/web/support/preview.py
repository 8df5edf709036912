"""A preview of a listing as patients would see it, which providers ask for and the patients' pages render."""

from collections.abc import Callable
from typing import cast

from flask import Flask, current_app

from directory.listings.tables import Listing

Preview = Callable[[Listing], str]

_EXTENSION = "listing_preview"


def init_app(app: Flask, preview: Preview) -> None:
    """Register the function that renders the patients' page; the pages of the audiences do not import each other."""
    app.extensions[_EXTENSION] = preview


def render_preview(listing: Listing) -> str:
    """Return the patients' page of a listing that may be unpublished or hold proposed values."""
    return cast(Preview, current_app.extensions[_EXTENSION])(listing)
