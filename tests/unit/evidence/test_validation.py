"""What is let in as a document, and every kind of file that is refused with a sentence."""

import contextlib
import io
import re

import hypothesis
import pytest
from hypothesis import strategies as st
from PIL import Image
from support import sample_files

from directory.errors import Invalid
from directory.evidence import jpeg
from directory.evidence.reencode import MAX_PIXELS
from directory.evidence.validation import FORMATS, MAX_BYTES, MAX_FILENAME, validate_document

UNTOLD = (b"Secret", b"Jane", b"2026:11", b"Exif", b"GPS", b"Taken", b"ICC_PROFILE", b"tEXt", b"zTXt", b"iTXt", b"eXIf")


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        validate_document(name, content)
    (fault,) = refused.value.faults
    assert fault.field == "document"
    assert re.fullmatch(r"[A-Z].+[.?]", fault.detail)
    return fault.detail


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("Template 2026.pdf", sample_files.pdf(), "application/pdf"),
        ("scan.PNG", sample_files.png(), "image/png"),
        ("photo.jpg", sample_files.jpeg(), "image/jpeg"),
        ("photo.JPEG", sample_files.jpeg(progressive=True), "image/jpeg"),
        ("photo.jpg", sample_files.photo_with_exif(), "image/jpeg"),
    ],
)
def test_the_three_kinds_are_let_in(name: str, content: bytes, media_type: str) -> None:
    document = validate_document(name, content)
    assert document.media_type == media_type
    assert document.content


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_every_mode_keeps_its_pixels(mode: str) -> None:
    picture = (
        sample_files.make_image(mode="L").convert("I;16") if mode == "I;16" else sample_files.make_image(mode=mode)
    )
    again = Image.open(io.BytesIO(validate_document("a.png", sample_files.encode_image(picture, "PNG")).content))
    assert (again.mode, again.size, again.tobytes()) == (picture.mode, picture.size, picture.tobytes())


def test_what_is_see_through_stays_so() -> None:
    picture = sample_files.make_image(mode="P")
    again = Image.open(
        io.BytesIO(validate_document("a.png", sample_files.encode_image(picture, "PNG", transparency=3)).content)
    )
    assert again.info["transparency"] == 3


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_of_every_mode_is_let_in(mode: str) -> None:
    again = Image.open(
        io.BytesIO(
            validate_document("a.jpg", sample_files.encode_image(sample_files.make_image(mode=mode), "JPEG")).content
        )
    )
    assert (again.mode, again.size) == ("L" if mode == "L" else "RGB", (40, 20))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.jpg", sample_files.photo_with_exif()),
        ("photo.jpg", sample_files.jpeg(icc_profile=b"Secret profile" * 9, dpi=(301, 301))),
        ("scan.png", sample_files.png_with_text(Author="Jane Patient", Comment="Secret")),
        ("scan.png", sample_files.png(exif=b"Exif\0\0Secret", icc_profile=b"Secret", dpi=(301, 301))),
    ],
    ids=["photo", "profile", "texts", "png"],
)
def test_nothing_that_a_camera_or_a_program_wrote_goes_on(name: str, content: bytes) -> None:
    assert any(word in content for word in UNTOLD), "the file says nothing that could be left out"
    kept = validate_document(name, content).content
    assert not [word for word in UNTOLD if word in kept]
    again = Image.open(io.BytesIO(kept))
    assert not dict(again.getexif())
    assert not set(again.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_upright_though_it_no_longer_says_how_it_was_held(orientation: int) -> None:
    upright = sample_files.make_image((64, 32))
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    held = upright.transpose(Image.Transpose(back[orientation])) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    kept = validate_document("a.jpg", sample_files.encode_image(held, "JPEG", exif=exif, quality=95)).content
    again = Image.open(io.BytesIO(kept)).convert("RGB")
    assert again.size == upright.size
    far = [abs(a - b) for a, b in zip(again.tobytes(), upright.tobytes(), strict=True)]
    assert max(far) < 40


def test_the_further_pictures_of_a_phone_are_left_out() -> None:
    first, second = sample_files.make_image((40, 20)), sample_files.make_image((30, 30))
    several = sample_files.encode_image(first, "MPO", save_all=True, append_images=[second])
    kept = validate_document("phone.jpg", several).content
    assert Image.open(io.BytesIO(kept)).size == (40, 20)
    assert kept.count(b"\xff\xd8\xff") == 1


def test_the_same_file_twice_is_the_same_document() -> None:
    assert (
        validate_document("a.jpg", sample_files.photo_with_exif()).content
        == validate_document("b.jpeg", sample_files.photo_with_exif()).content
    )


@pytest.mark.parametrize("name", ["a.pdf", "a.png", "a.jpg"])
def test_an_empty_file_is_refused(name: str) -> None:
    assert "empty" in refusal(name, b"")


def test_a_file_of_10_megabytes_is_let_in_and_one_byte_more_is_not() -> None:
    frame = len(sample_files.pdf(b" " * 1_000_000)) - 1_000_000
    content = sample_files.pdf(b" " * (MAX_BYTES - frame - 1))
    spare = MAX_BYTES - len(content)
    assert validate_document("a.pdf", content + b"\n" * spare).content
    assert "10 MB at most; this has 10.0 MB" in refusal("a.pdf", content + b"\n" * (spare + 1))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", sample_files.png(), "is a PNG picture, so its name must end in .png"),
        ("a.png", sample_files.jpeg(), "is a JPEG picture, so its name must end in .jpg or .jpeg"),
        ("a.jpg", sample_files.pdf(), "is a PDF, so its name must end in .pdf"),
        ("a.pdf.exe", sample_files.pdf(), "must end in .pdf"),
        ("a", sample_files.pdf(), "must end in .pdf"),
        ("", sample_files.pdf(), "must end in .pdf"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(name: str, content: bytes, words: str) -> None:
    assert words in refusal(name, content)


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"\0" * 40,
        b"MZ" + b"\0" * 100,
        b"\n%PDF-1.4",
        sample_files.zip_archive(),
    ],
)
def test_anything_else_is_refused_whatever_it_is_called(content: bytes) -> None:
    for ending in ("pdf", "png", "jpg"):
        assert "none of them" in refusal(f"a.{ending}", content)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", sample_files.pdf(sample_files.zip_archive()), "archive"),
        ("a.pdf", sample_files.pdf() + sample_files.zip_archive(), "damaged or incomplete"),
        ("a.pdf", sample_files.pdf(b"<html><body onload=alert(1)>"), "web page"),
        ("a.pdf", sample_files.pdf(b"<!DOCTYPE html>"), "web page"),
        ("a.pdf", sample_files.pdf(b"<ScRiPt>alert(1)</ScRiPt>"), "web page or a script"),
        ("a.pdf", sample_files.pdf(b"<?php system($_GET[0]); ?>"), "script"),
        ("a.png", sample_files.png() + b"<script>alert(1)</script>", "something behind the picture"),
        ("a.png", sample_files.png() + sample_files.zip_archive(), "something behind the picture"),
        ("a.png", sample_files.png() + sample_files.pdf(), "something behind the picture"),
        ("a.png", sample_files.png_with_text(Comment="<script>alert(1)</script>"), "web page or a script"),
        ("a.jpg", sample_files.jpeg() + sample_files.zip_archive(), "archive"),
        ("a.jpg", sample_files.jpeg() + b"<html><script>alert(1)</script>", "web page"),
        ("a.jpg", sample_files.jpeg(comment=b"<?php system($_GET[0]); ?>"), "script"),
    ],
)
def test_a_file_that_is_two_things_at_once_is_refused(name: str, content: bytes, words: str) -> None:
    assert words in refusal(name, content)


def test_what_is_behind_a_jpeg_and_is_nothing_to_run_is_left_out() -> None:
    assert b"trailer of a phone" not in validate_document("a.jpg", sample_files.jpeg() + b"trailer of a phone").content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", sample_files.png_bomb(30_000, 30_000)),
        ("a.png", sample_files.png_bomb(20_000, 2_001)),
        ("a.png", sample_files.png_bomb(2**31 - 1, 1)),
        ("a.png", sample_files.png_bomb(20_001, 1)),
        ("a.jpg", sample_files.jpeg_with_declared_size(65_000, 65_000)),
        ("a.jpg", sample_files.jpeg_with_declared_size(10_000, 4_001)),
    ],
)
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(
    name: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("it was handed to who unpacks it"))
    assert "million pixels" in refusal(name, content)


def test_our_limit_is_below_that_of_pillow() -> None:
    assert Image.MAX_IMAGE_PIXELS is not None
    assert MAX_PIXELS < Image.MAX_IMAGE_PIXELS


def test_a_bomb_in_a_text_beside_the_picture_is_never_unpacked() -> None:
    bomb = sample_files.png_chunk(b"zTXt", b"Comment\0\0" + sample_files.zlib.compress(b"\0" * 50_000_000, 9))
    plain = sample_files.png()
    kept = validate_document("a.png", plain[:33] + bomb + plain[33:])
    assert kept.content == validate_document("a.png", plain).content


def test_a_jpeg_with_a_thousand_scans_is_refused() -> None:
    content = sample_files.jpeg(progressive=True)
    at = content.rindex(b"\xff\xda")
    scan = content[at:-2]
    assert "damaged" in refusal("a.jpg", content[:at] + scan * (jpeg.MAX_SCANS + 1) + content[-2:])


@pytest.mark.parametrize("name", ["a.pdf", "a.png", "a.jpg"])
def test_a_file_that_breaks_off_is_refused_wherever_it_does(name: str) -> None:
    content = {"a.pdf": sample_files.pdf(), "a.png": sample_files.png(), "a.jpg": sample_files.photo_with_exif()}[name]
    begins = next(len(known.begins) for known in FORMATS if content.startswith(known.begins))
    for length in range(begins, len(content) - 1):
        refusal(name, content[:length])


@hypothesis.given(st.data())
@hypothesis.settings(max_examples=300)
def test_whatever_is_changed_in_a_file_is_let_in_clean_or_refused_with_a_sentence(data: st.DataObject) -> None:
    name, content = data.draw(
        st.sampled_from(
            [("a.pdf", sample_files.pdf()), ("a.png", sample_files.png()), ("a.jpg", sample_files.photo_with_exif())]
        )
    )
    broken = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Invalid):
        kept = validate_document(name, bytes(broken))
        assert kept.media_type == "application/pdf" or Image.open(io.BytesIO(kept.content)).size


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\Users\\jane\\Template 2026.pdf", "Template 2026.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a\ufffd\ufffdSet-Cookie: x.pdf"),
        ("\u202efdp.pdf", "\ufffdfdp.pdf"),
        ("Vorlage für 8 mL.PDF", "Vorlage für 8 mL.pdf"),
        ("x" * 500 + ".pdf", "x" * (MAX_FILENAME - 4) + ".pdf"),
    ],
)
def test_a_name_is_kept_only_in_letters_that_can_be_seen(name: str, shown: str) -> None:
    assert validate_document(name, sample_files.pdf()).name == shown
