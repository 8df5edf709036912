"""Baking: one credential in the picture, found by others, and the picture as it was."""

from datetime import UTC, datetime
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from directory.badges.art import Size, Theme, art
from directory.badges.baking import NAMESPACE, into_png, into_svg
from directory.badges.face import face
from directory.badges.png import png
from directory.badges.svg import svg
from directory.certification.wording import Standing, standing_words

WORDS = face(standing_words(Standing.BADGE, grades=["right"] * 4, at=datetime(2027, 11, 22, tzinfo=UTC)), "bma-2021.1")
ART = art(WORDS, Size.WIDE, Theme.LIGHT)
TOKEN = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"


def test_an_svg_holds_its_credential_first_and_is_drawn_as_before() -> None:
    plain = svg(ART, WORDS.sentence)
    baked = ElementTree.fromstring(into_svg(plain, TOKEN))  # noqa: S314  what we wrote ourselves
    first, *others = baked
    assert first.tag == f"{{{NAMESPACE}}}credential"
    assert first.get("verify") == TOKEN
    before = list(ElementTree.fromstring(plain))  # noqa: S314  the same
    assert [ElementTree.tostring(part) for part in others] == [ElementTree.tostring(part) for part in before]


def test_a_png_holds_its_credential_once_and_is_drawn_as_before() -> None:
    plain = png(ART)
    baked = into_png(plain, TOKEN)
    with Image.open(BytesIO(plain)) as before, Image.open(BytesIO(baked)) as after:
        after.load()
        assert after.text == {"openbadgecredential": TOKEN}
        assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("picture", ["", "<svg", "<html><svg >", into_svg(svg(ART, ""), TOKEN)])
def test_what_is_no_svg_or_baked_already_is_refused(picture: str) -> None:
    with pytest.raises(ValueError, match="SVG without a credential"):
        into_svg(picture, TOKEN)


@pytest.mark.parametrize("picture", [b"", b"GIF89a", into_png(png(ART), TOKEN)])
def test_what_is_no_png_or_baked_already_is_refused(picture: bytes) -> None:
    with pytest.raises(ValueError, match=r"must be a PNG|holds a credential already"):
        into_png(picture, TOKEN)
