"""The card of questions goes on one sheet, with room to write; a patient's check is printed without its form."""

import re
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect

PAPERS = {"Letter": (8.5, 11.0), "A4": (8.27, 11.69)}
"""Inches."""

DOTS_AN_INCH = 96
LEAST_LINE = 0.25
"""Inches between the words above a line and the line, enough to write in by hand."""


def sheets(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b", BytesIO(pdf).read()))


@pytest.mark.parametrize("paper", PAPERS)
def test_the_card_is_one_sheet(page: Page, paper: str) -> None:
    page.goto("/questions")
    assert sheets(page.pdf(format=paper)) == 1


def test_each_answer_has_a_line_to_write_on(page: Page) -> None:
    page.goto("/questions")
    page.emulate_media(media="print")
    width = round(PAPERS["Letter"][0] * DOTS_AN_INCH)
    page.set_viewport_size({"width": width, "height": 1000})
    lines = page.get_by_text("Their answer:")
    expect(lines).to_have_count(4)
    for line in lines.all():
        box = line.bounding_box()
        assert box
        assert box["height"] >= 2 * LEAST_LINE * DOTS_AN_INCH
        assert box["width"] >= width / 2
    for gone in ("Find a doctor or clinic", "Print this page"):
        expect(page.get_by_text(gone).first).to_be_hidden()


def test_a_patients_check_is_printed_as_the_result_alone(page: Page) -> None:
    page.goto("/check")
    page.get_by_label("Shin bone (tibia)").check()
    page.get_by_role("button", name="Check these answers").click()
    page.emulate_media(media="print")
    expect(page.get_by_text("They take marrow from the shin bone.")).to_be_visible()
    expect(page.get_by_role("button", name="Check these answers")).to_be_hidden()
    assert page.url.endswith("/check"), "nothing of it stands in the address"
