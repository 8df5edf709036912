"""What every page must be, whoever looks at it: nothing for axe to find, in either scheme, and nothing off sideways."""

from typing import Any

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE = Axe()
COLOR_RULES = ("color-contrast", "link-in-text-block")
"""axe's rules about colors, the only ones that can answer otherwise in the dark scheme: it changes nothing else."""
FITS_WIDTH = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def assert_accessible(page: Page) -> None:
    """Fail where the page as it stands now is not."""
    assert page.evaluate(FITS_WIDTH), f"{page.url} runs off sideways"
    page.evaluate(_AXE.axe_script)
    page.emulate_media(color_scheme="light")
    _assert_no_violations(page, "light", {})
    page.emulate_media(color_scheme="dark")
    _assert_no_violations(page, "dark", {"runOnly": list(COLOR_RULES)})


def _assert_no_violations(page: Page, scheme: str, options: dict[str, Any]) -> None:
    answer = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **options})
    found = AxeResults(answer)
    assert not found.violations_count, f"{page.url}, {scheme}:\n{found.generate_report()}"
