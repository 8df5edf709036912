"""`robots.txt` and the XML sitemaps for search engines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import compress, groupby
from xml.sax.saxutils import escape

from flask import Response

from directory.errors import NotFound
from directory.site_texts.declarations import SiteText
from directory.web.public.blueprint import blueprint
from directory.web.public.town_directory import TOWN_DIRECTORY_PATH, state_path
from directory.web.support.requests import services, session

MAX_URLS = 50_000
"""Maximum number of URLs in one file; limit of the sitemap protocol."""

MAX_PLACE_URLS = 23_000
"""Upper bound for the pages of towns, states and rules together; they always fit in one file."""

MAX_AGE_SECONDS = 3_600
"""How long a sitemap may be cached, in seconds; arbitrary, search engines fetch it about once a day."""

DISALLOWED_PATHS = ("/providers?", "/for-providers/find", "/suggest", "/compare", "/portal/", "/console/")
"""Paths that search engines must not crawl, such as the endless searches; listings, towns and rules are open."""

_XML_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n<{} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """The path of a page or of a sitemap file, and the date of its last change if known."""

    path: str
    changed: date | None = None


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Return `robots.txt`: the disallowed paths and the URL of the sitemap."""
    closed = "".join(f"Disallow: {path}\n" for path in DISALLOWED_PATHS)
    where = f"Sitemap: {services().settings.base_url}/sitemap.xml\n"
    return Response(f"User-agent: *\n{closed}\n{where}", mimetype="text/plain")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Return the sitemap of all public pages, or a sitemap index if they do not fit in one file."""
    snapshot = services().index.snapshot(session())
    numbers = snapshot.page_files
    lines = [snapshot.pages(number) for number in numbers[:2]]
    if len(numbers) > 1 or sum(text.count("\n") for text in lines) + MAX_PLACE_URLS > MAX_URLS:
        files = [
            SitemapEntry("/sitemap/places.xml"),
            *(SitemapEntry(f"/sitemap/providers-{number}.xml") for number in numbers),
        ]
        return _xml_response("sitemapindex", "sitemap", files)
    providers = [_provider_urls(text) for text in lines]
    return _xml_response("urlset", "url", _place_pages(), _town_urls(), *providers)


@blueprint.get("/sitemap/places.xml")
def places_file() -> Response:
    """Return the sitemap of all pages except the providers' own."""
    return _xml_response("urlset", "url", _place_pages(), _town_urls())


@blueprint.get("/sitemap/providers-<int:number>.xml")
def providers_file(number: int) -> Response:
    """Return one sitemap file of provider pages."""
    lines = services().index.snapshot(session()).pages(number)
    if not lines:
        raise NotFound("There is no such sitemap.")
    return _xml_response("urlset", "url", (), _provider_urls(lines))


def _place_pages() -> Iterator[SitemapEntry]:
    """Yield the static and rules pages, and the page of the states."""
    rulesets = services().rulesets
    yield from (SitemapEntry(path) for path in ("/", "/questions", "/check", "/for-providers", "/statistics"))
    yield from (SitemapEntry(f"/{text.value}") for text in SiteText)
    yield SitemapEntry("/rules", rulesets.current.published)
    yield from (SitemapEntry(f"/rules/{ruleset.id}") for ruleset in rulesets.newest_first)
    yield SitemapEntry(TOWN_DIRECTORY_PATH)


def _town_urls() -> str:
    """Return the pages of the states and towns with listings nearby as XML; their paths need no escaping."""
    gazetteer, near = services().gazetteer, services().index.snapshot(session()).towns
    named = compress(zip(gazetteer.all_towns(), gazetteer.town_slugs(), strict=True), near)
    found = []
    for state, towns in groupby(named, lambda one: one[0].state or ""):
        page = f"<url><loc>{services().settings.base_url}{state_path(state)}"
        found.append(f"{page}</loc></url>\n")
        found += [f"{page}/{slug}</loc></url>\n" for _, slug in towns]
    return "".join(found)


def _provider_urls(lines: str) -> str:
    """Convert the tab-separated lines of a sitemap file to XML; slugs need no escaping."""
    base = services().settings.base_url
    between = f"</lastmod></url>\n<url><loc>{base}/providers/"
    text = lines.rstrip("\n").replace("\t", "</loc><lastmod>").replace("\n", between)
    return f"<url><loc>{base}/providers/{text}</lastmod></url>\n" if text else ""


def _xml_response(kind: str, tag: str, entries: Iterable[SitemapEntry], *elements: str) -> Response:
    body = [_XML_HEADER.format(kind), _url_elements(tag, entries), *elements, f"</{kind}>\n"]
    answer = Response(body, mimetype="text/xml")
    answer.cache_control.public = True
    answer.cache_control.max_age = MAX_AGE_SECONDS
    return answer


def _url_elements(tag: str, entries: Iterable[SitemapEntry]) -> str:
    base, found = services().settings.base_url, []
    for entry in entries:
        changed = f"<lastmod>{entry.changed.isoformat()}</lastmod>" if entry.changed else ""
        found.append(f"<{tag}><loc>{escape(base + entry.path)}</loc>{changed}</{tag}>\n")
    return "".join(found)
