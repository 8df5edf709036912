"""The art: honest words, a plain tag, enough contrast, and nothing in it that a page would not show."""

import itertools
import re
import unicodedata
from datetime import UTC, datetime
from io import BytesIO
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from directory.badges.art import MAX_NAME_WIDTH, Art, Size, Theme, lay_out
from directory.badges.badge_text import BadgeText, badge_text
from directory.badges.font_metrics import shorten, text_width
from directory.badges.plain_letters import plain_letters
from directory.badges.png import PIXEL_RATIO, render_png
from directory.badges.svg import render_svg
from directory.certification.wording import Standing, standing_words

UNTIL = datetime(2027, 11, 22, 12, tzinfo=UTC)
GRADES = {Standing.BADGE: ["right"] * 4}
IN_BETWEEN = ["between", "right", "right", "right"]
NAME = "Willowlathe Sports Medicine"


def face_of(standing: Standing, ruleset_id: str = "bma-2021.1", name: str = NAME) -> BadgeText:
    words = standing_words(standing, grades=GRADES.get(standing, IN_BETWEEN), at=UNTIL)
    return badge_text(words, ruleset_id, name=name, slug="willowlathe-dover-de")


ARTS = [
    pytest.param(face_of(standing), size, theme, id=f"{standing.value}-{size.value}-{theme.value}")
    for standing, size, theme in itertools.product(Standing, Size, Theme)
]
each_art = pytest.mark.parametrize(("words", "size", "theme"), ARTS)
each_standing = pytest.mark.parametrize("standing", Standing)

NEVER = re.compile(r"verified|approved|accredited|\bsafe|unsafe|\bbest|star|percent|%|fail|shield|seal", re.IGNORECASE)
SVG = "{http://www.w3.org/2000/svg}"


def words_in(drawing: Art) -> str:
    return " ".join(line.text for line in drawing.lines)


@each_art
def test_the_word_self_certified_stands_in_every_art_that_speaks_of_answers(
    words: BadgeText, size: Size, theme: Theme
) -> None:
    text = words_in(lay_out(words, size, theme)).lower().replace(NAME.lower(), "")
    if words.standing is Standing.BADGE or size is Size.WIDE:
        assert "self-certified" in text
    assert not NEVER.search(text)
    assert not NEVER.search(words.sentence)


@pytest.mark.parametrize("size", Size)
def test_a_badge_carries_its_rules_and_the_month_in_which_it_ends(size: Size) -> None:
    text = words_in(lay_out(face_of(Standing.BADGE), size, Theme.LIGHT))
    assert "bma-2021.1" in text
    assert "Nov 2027" in text


def test_a_badge_says_that_nobody_watched() -> None:
    assert "We did not watch." in face_of(Standing.BADGE).sentence


@each_standing
def test_only_a_badge_is_solid(standing: Standing) -> None:
    words = face_of(standing)
    assert words.solid == (standing is Standing.BADGE)
    assert lay_out(words, Size.WIDE, Theme.LIGHT).dashed != words.solid


def test_no_two_standings_say_the_same() -> None:
    assert len({face_of(standing).sentence for standing in Standing}) == len(Standing)
    for size in Size:
        assert len({words_in(lay_out(face_of(standing), size, Theme.LIGHT)) for standing in Standing}) == 7


@each_standing
def test_the_art_says_what_the_page_says(standing: Standing) -> None:
    drawn, words = face_of(standing), standing_words(standing, grades=GRADES.get(standing, IN_BETWEEN), at=UNTIL)
    title = "Self-certified technique" if drawn.solid else "No badge"
    assert drawn.title == title
    assert words.reason in drawn.line
    assert words.until in drawn.sentence
    assert words.title in f"{drawn.title} {drawn.brief_title}"


@pytest.mark.parametrize("standing", [Standing.BADGE, Standing.EXPIRED, Standing.NOT_EVERY_RULE])
def test_a_face_that_speaks_of_an_attestation_needs_one(standing: Standing) -> None:
    with pytest.raises(ValueError, match=f"^the face of {standing} needs the rules"):
        face_of(standing, "")


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@each_art
def test_text_keeps_its_contrast_and_the_tag_its_edge(words: BadgeText, size: Size, theme: Theme) -> None:
    ink = lay_out(words, size, theme).ink
    assert contrast(ink.text, ink.fill) >= 4.5
    # On any page either the tag or the line around it stands out.
    for ground in ("#ffffff", "#000000", "#808080"):
        assert max(contrast(ink.fill, ground), contrast(ink.edge, ground)) >= 3


@each_art
def test_no_letter_leaves_the_tag(words: BadgeText, size: Size, theme: Theme) -> None:
    drawing = lay_out(words, size, theme)
    hole_ends = drawing.hole[0] + drawing.hole[2]
    assert drawing.lines
    for line in drawing.lines:
        assert hole_ends < line.x
        assert line.x + line.length <= drawing.width - 8
        assert 0 < line.y - line.size * 0.75 < line.y + line.size * 0.25 < drawing.height


@each_art
def test_the_svg_is_whole_and_asks_for_nothing(words: BadgeText, size: Size, theme: Theme) -> None:
    text = render_svg(lay_out(words, size, theme), words.sentence)
    root = ElementTree.fromstring(text)  # noqa: S314  what we wrote ourselves
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "path", "g", "text"}
    assert root.get("role") == "img"
    assert root.get("aria-label") == words.sentence == root.findtext(f"{SVG}title")
    names = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in names if name in {"style", "href", "class"} or name.startswith("on")}
    assert text.count("http") == 1


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_no_words_break_out_of_the_svg(text: str) -> None:
    words = BadgeText(Standing.NOT_STATED, text, text, text, text, name="<&" + text)
    root = ElementTree.fromstring(render_svg(lay_out(words, Size.WIDE, Theme.LIGHT), text))  # noqa: S314  what we wrote ourselves
    title, name, *others = [line.text or "" for line in root.iter(f"{SVG}text")]
    assert [title, *others] == [text] * 3
    assert f"<&{text}".startswith(name.removesuffix("…").rstrip())
    assert root.get("aria-label") == text


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789.-", min_size=1, max_size=40), st.integers(1, 99))
def test_the_longest_id_of_a_ruleset_still_fits(ruleset_id: str, rules: int) -> None:
    words = badge_text(
        standing_words(Standing.BADGE, grades=["right"] * rules, at=UNTIL), ruleset_id, name=NAME, slug="willowlathe"
    )
    for size in Size:
        drawing = lay_out(words, size, Theme.LIGHT)
        assert max(line.x + line.length for line in drawing.lines) <= drawing.width - 8


def test_a_text_is_as_long_as_its_letters() -> None:
    assert text_width("Il", 1000, bold=False) == 278 + 222
    assert text_width("Il", 1000, bold=True) == 278 + 278
    assert text_width("a·é", 10, bold=False) == pytest.approx(5.56 + 2.78 + 5.56)
    assert text_width("Ж", 10, bold=False) == 6
    assert text_width("北e\u0301", 1000, bold=False) == 1000 + 556
    assert text_width("", 10, bold=True) == 0


@each_art
def test_the_png_is_the_same_picture_twice_as_large(words: BadgeText, size: Size, theme: Theme) -> None:
    drawing = lay_out(words, size, theme)
    data = render_png(drawing)
    assert data == render_png.__wrapped__(drawing)
    assert len(data) < 20_000
    with Image.open(BytesIO(data)) as picture:
        image = picture.convert("RGBA")
    assert image.size == (drawing.width * PIXEL_RATIO, drawing.height * PIXEL_RATIO)
    x, y, _ = drawing.hole
    assert image.getpixel((round(x * PIXEL_RATIO), round(y * PIXEL_RATIO)))[3] == 0, "the hole is cut out"
    assert image.getpixel((0, 0))[3] == 0, "the corner is cut off"
    shades = {
        f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue, alpha in image.get_flattened_data() if alpha > 250
    }
    assert min(contrast(shade, drawing.ink.text) for shade in shades) < 1.3, "there are letters"
    assert min(contrast(shade, drawing.ink.fill) for shade in shades) < 1.05, "there is a tag"


# ---- the name of the one who signed ----

NAMES = [
    "Oz",
    "Dr. Seán O’Brien-Núñez",
    'd\'Arcy & Sons <Pain> "Clinic"',
    "The Very Long Institute of Orthopedic and Regenerative Sports Medicine of the Greater Metropolitan Area, P.L.L.C.",
    "Wwwwwwwwww" * 20,
    "北京协和骨髓诊所" * 15,
    "Клиника спортивной медицины",
    "מרפאת השלום לרפואת ספורט",
    "عيادة الطب الرياضي",
    "e\u0301" * 100,
]
each_name = pytest.mark.parametrize("name", NAMES)


@each_name
@pytest.mark.parametrize("size", Size)
def test_a_badge_carries_the_name_of_who_signed(name: str, size: Size) -> None:
    words = face_of(Standing.BADGE, name=name)
    for face in (words, words.in_plain_letters()):
        drawing = lay_out(face, size, Theme.LIGHT)
        line = next(line for line in drawing.lines if face.name.startswith(line.text.removesuffix("…")))
        assert line.length <= MAX_NAME_WIDTH[size] + 1
        assert line.size >= 12, "it can be read"
        assert line.text == face.name or len(line.text) > 10, "enough of it is left"
        assert max(other.x + other.length for other in drawing.lines) <= drawing.width - 8
        assert drawing.height == {Size.WIDE: 108, Size.SMALL: 24}[size], "old snippets state the height"


@each_name
def test_the_whole_name_stands_in_the_title_and_is_escaped(name: str) -> None:
    words = face_of(Standing.BADGE, name=name)
    root = ElementTree.fromstring(render_svg(lay_out(words, Size.SMALL, Theme.LIGHT), words.sentence))  # noqa: S314  what we wrote ourselves
    assert name in (root.findtext(f"{SVG}title") or "")
    assert name in (root.get("aria-label") or "")


@each_name
def test_the_png_is_drawn_with_the_letters_that_its_font_has(name: str) -> None:
    words = face_of(Standing.BADGE, name=name).in_plain_letters()
    assert words.name.isascii()
    assert words.name == plain_letters(name) or words.name == "Listing willowlathe-dover-de"
    assert render_png(lay_out(words, Size.WIDE, Theme.LIGHT)).startswith(b"\x89PNG")


def test_accents_are_left_out_and_another_script_is_not_guessed() -> None:
    assert plain_letters("Seán O’Brien-Núñez, Łódź Straße") == "Sean O'Brien-Nunez, Lodz Strasse"
    assert plain_letters("Klinik 北京") == ""


@pytest.mark.parametrize(("name", "expected"), [(NAMES[7], True), (NAMES[8], True), (NAMES[1], False), ("123", False)])
def test_a_name_is_written_in_its_own_direction(name: str, expected: bool) -> None:
    words = face_of(Standing.BADGE, name=name)
    text = render_svg(lay_out(words, Size.WIDE, Theme.LIGHT), words.sentence)
    assert (text.count('direction="rtl"') == 1) == expected
    assert f"\u2068{name}\u2069" in words.sentence


def test_a_name_in_disguise_is_undone() -> None:
    assert face_of(Standing.BADGE, name="Ann\u202e\x00\uffff  B").name == "Ann B"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), st.floats(40, 200))
def test_a_shortened_text_fits_and_keeps_its_accents(text: str, most: float) -> None:
    short = shorten(text, 13, most, bold=True)
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
    assert text_width(short, 13, bold=True) <= most
    rest = text[len(short) - 1 :].lstrip() if short != text else ""
    assert not rest or unicodedata.category(rest[0]) not in {"Mn", "Me"} or short == "…"


def test_without_a_name_the_art_has_three_lines() -> None:
    assert len(lay_out(face_of(Standing.RETIRED, name=""), Size.WIDE, Theme.LIGHT).lines) == 3
