"""What every page must be, whoever looks at it: nothing for axe to find, in either scheme, and nothing off sideways."""

from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FITS_WIDTH = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def assert_accessible(page: Page) -> None:
    """Fail where the page as it stands now is not."""
    assert page.evaluate(FITS_WIDTH), f"{page.url} runs off sideways"
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert not found.violations_count, f"{page.url}, {scheme}:\n{found.generate_report()}"
