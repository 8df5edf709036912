"""The watch over all journeys sees what it is there to see: each fault is planted once."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from support.browser_monitor import BrowserMonitor

PLANTED = {
    "asked another host": "open('http://127.0.0.2:9/')",
    "Content Security Policy": "document.body.setAttribute('style', 'margin: 0')",
    "script error": "setTimeout(() => { throw new Error('planted') })",
    "left in a patient's browser": "localStorage.setItem('planted', '1')",
    "a part of a page": "fetch('/nothing-here')",
}

AWHILE = 200
"""Times 50 milliseconds."""


@pytest.mark.parametrize(("fault", "script"), PLANTED.items(), ids=PLANTED.keys())
def test_a_planted_fault_is_seen(page: Page, browser_monitor: BrowserMonitor, fault: str, script: str) -> None:
    page.goto("/questions")
    page.evaluate(f"() => {{ {script} }}")
    for _ in range(AWHILE):
        page.wait_for_timeout(50)  # what happens on its own happens later, and nothing on the page tells when
        browser_monitor.finally_over(page.context)
        if any(fault in seen for seen in browser_monitor.faults):
            break
    found = "\n".join(browser_monitor.faults)
    page.evaluate("() => localStorage.clear()")
    browser_monitor.await_words("")  # whatever the console has still to say
    browser_monitor.faults.clear()
    assert fault in found


def test_a_page_that_runs_off_sideways_is_seen(page: Page, browser_monitor: BrowserMonitor) -> None:
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.body.style.setProperty('width', '9000px'))"
    )
    page.goto("/questions")
    browser_monitor.finally_over(page.context)
    found, browser_monitor.faults[:] = "\n".join(browser_monitor.faults), []
    assert "/questions is 9000 px wide in 1280 px" in found


def test_axe_sees_a_planted_fault(page: Page) -> None:
    page.goto("/questions")
    page.evaluate("() => document.querySelector('main').append(document.createElement('button'))")
    found = Axe().run(page)
    assert "button-name" in found.generate_snapshot()


def test_who_opens_an_empty_directory_is_told_what_to_do(page: Page) -> None:
    page.goto("/providers?near=80021")
    page.get_by_role("main").get_by_role("link", name="Questions to ask").click()
    expect(page).to_have_url(re.compile("/questions$"))
