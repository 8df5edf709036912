"""What anybody sees of a badge from outside: its pictures, its data, and their names in caches."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class BadgeFiles:
    """A badge in its three forms at one moment, each with its ETag."""

    svg: str
    png: bytes
    document: dict[str, Any]
    etags: tuple[str, ...]

    def differs_from(self, other: "BadgeFiles") -> bool:
        """Whether no form is what it was, so that no cache can take one for the other."""
        pairs = ((self.svg, other.svg), (self.png, other.png), *zip(self.etags, other.etags, strict=True))
        return all(own != its for own, its in pairs)


def fetch_badge(page: Page, slug: str) -> BadgeFiles:
    """The badge of a listing, asked of the server and of no cache; each form must be kept but briefly."""
    answers = [page.request.get(f"/badges/{slug}.{ending}") for ending in ("svg", "png", "json")]
    for answer in answers:
        assert answer.ok, f"{answer.status} for {answer.url}"
        assert "must-revalidate" in answer.headers["cache-control"], answer.url
    svg, png, document = answers
    assert png.body().startswith(PNG_SIGNATURE)
    return BadgeFiles(svg.text(), png.body(), document.json(), tuple(answer.headers["etag"] for answer in answers))


def open_uncached(page: Page, address: str) -> None:
    """Open a page as who reloads it: what proves something may be kept for a minute, and other pages for five."""
    page.goto(address)
    page.reload()
