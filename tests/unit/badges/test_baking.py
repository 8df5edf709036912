"""Baking: one credential in the picture, found by others, and the picture as it was."""

from datetime import UTC, datetime
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from directory.badges.art import Size, Theme, lay_out
from directory.badges.badge_text import badge_text
from directory.badges.baking import NAMESPACE, bake_png, bake_svg
from directory.badges.png import render_png
from directory.badges.svg import render_svg
from directory.certification.wording import Standing, standing_words

WORDS = badge_text(
    standing_words(Standing.BADGE, grades=["right"] * 4, at=datetime(2027, 11, 22, tzinfo=UTC)),
    "bma-2021.1",
    name="Ann Example",
    slug="ann-example",
)
ART = lay_out(WORDS, Size.WIDE, Theme.LIGHT)
TOKEN = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"


def test_an_svg_holds_its_credential_first_and_is_drawn_as_before() -> None:
    plain = render_svg(ART, WORDS.sentence)
    baked = ElementTree.fromstring(bake_svg(plain, TOKEN))  # noqa: S314  what we wrote ourselves
    first, *others = baked
    assert first.tag == f"{{{NAMESPACE}}}credential"
    assert first.get("verify") == TOKEN
    before = list(ElementTree.fromstring(plain))  # noqa: S314  the same
    assert [ElementTree.tostring(part) for part in others] == [ElementTree.tostring(part) for part in before]


def test_a_png_holds_its_credential_once_and_is_drawn_as_before() -> None:
    plain = render_png(ART)
    baked = bake_png(plain, TOKEN)
    with Image.open(BytesIO(plain)) as before, Image.open(BytesIO(baked)) as after:
        after.load()
        assert after.text == {"openbadgecredential": TOKEN}
        assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("picture", ["", "<svg", "<html><svg >", bake_svg(render_svg(ART, ""), TOKEN)])
def test_what_is_no_svg_or_baked_already_is_refused(picture: str) -> None:
    with pytest.raises(ValueError, match="SVG without a credential"):
        bake_svg(picture, TOKEN)


@pytest.mark.parametrize("picture", [b"", b"GIF89a", bake_png(render_png(ART), TOKEN)])
def test_what_is_no_png_or_baked_already_is_refused(picture: bytes) -> None:
    with pytest.raises(ValueError, match=r"must be a PNG|holds a credential already"):
        bake_png(picture, TOKEN)
