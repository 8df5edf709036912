"""Files that somebody might send as evidence: whole ones, and what each kind of bad one looks like."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image, PngImagePlugin

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def make_image(size: tuple[int, int] = (40, 20), mode: str = "RGB") -> Image.Image:
    """A picture with no two rows or columns alike."""
    picture = Image.new("RGB", size)
    picture.putdata([(x * 255 // size[0], y * 255 // size[1], 90) for y in range(size[1]) for x in range(size[0])])
    return picture.convert(mode)


def encode_image(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file."""
    made = io.BytesIO()
    picture.save(made, kind, **options)
    return made.getvalue()


def png(**options: Any) -> bytes:
    return encode_image(make_image(), "PNG", **options)


def jpeg(**options: Any) -> bytes:
    return encode_image(make_image(), "JPEG", **options)


def png_with_text(**texts: str) -> bytes:
    """A PNG with texts in it, one of them packed."""
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
        info.add_text(f"{key} again", text, zip=True)
    return png(pnginfo=info)


def photo_with_exif(orientation: int = 1) -> bytes:
    """A JPEG as a telephone takes it: who, when, where, and how it was held."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Secretphone"
    exif[0x9003] = "2026:11:22 08:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (39.0, 55.0, 13.0)
    return jpeg(exif=exif, comment=b"Taken by Jane Patient", quality=95)


def pdf(inside: bytes = b"") -> bytes:
    """The smallest whole PDF, with `inside` in a stream."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(inside), inside),
    )
    made, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    index = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        made
        + b"xref\n0 5\n0000000000 65535 f \n"
        + index
        + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(made)
    )


def zip_archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return made.getvalue()


def png_chunk(name: bytes, data: bytes) -> bytes:
    """One part of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_bomb(width: int, height: int) -> bytes:
    """A small file that would become a picture of that size, all of it there."""
    row = b"\0" + b"\0" * (width // 8 + 1)
    packed = zlib.compress(row * min(height, 4000), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return PNG_SIGNATURE + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def jpeg_with_declared_size(width: int, height: int) -> bytes:
    """A JPEG whose head states another size than its pixels have."""
    made = bytearray(jpeg())
    at = made.index(b"\xff\xc0") + 5
    made[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(made)
