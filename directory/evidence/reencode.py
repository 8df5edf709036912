"""Re-encodes an image from its pixels alone, which strips all metadata and hidden content."""

import io
import struct

from PIL import Image

from directory.evidence.errors import InvalidDocument

MAX_PIXELS = 40_000_000
"""Maximum number of pixels: a sheet of paper at 600 dpi has 35 million. Below Pillow's limit, so it never warns."""

MAX_SIDE = 20_000
"""Maximum width or height in pixels; arbitrary, three times a sheet of paper."""

JPEG_QUALITY = 90
"""JPEG quality at which small print stays readable."""

BROKEN = "This picture is damaged or incomplete. Save it again, or take a new one."

_TRANSPOSE_BY_ORIENTATION = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""The transposition that makes an image upright, by Exif orientation."""

_PILLOW_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
)
"""What Pillow's decoders raise for invalid files; none of these indicates a bug in this code."""


def require_safe_size(width: int, height: int) -> None:
    """Check the size that an image's header states, before any pixel is decoded.

    Args:
        width: in pixels.
        height: in pixels.

    Raises:
        InvalidDocument: a side is zero, or the decoded image would need too much memory.
    """
    if not width or not height:
        raise InvalidDocument(BROKEN)
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise InvalidDocument(
            f"A picture can have {MAX_PIXELS // 1_000_000} million pixels at most, and {MAX_SIDE:,} along a side; "
            f"this has {width:,} × {height:,}."
        )


def reencode_image(content: bytes, kind: str, *, turned: int = 1) -> bytes:
    """Re-encode an image file of the format `kind` (`PNG` or `JPEG`) without its metadata.

    `turned` is the Exif orientation of the camera; the new image is upright.

    Raises:
        InvalidDocument: the image cannot be decoded completely.
    """
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as opened:
            require_safe_size(*opened.size)
            opened.load()
            picture = (
                opened.transpose(_TRANSPOSE_BY_ORIENTATION[turned]) if turned in _TRANSPOSE_BY_ORIENTATION else opened
            )
    except _PILLOW_ERRORS as fault:
        raise InvalidDocument(BROKEN) from fault
    made = io.BytesIO()
    if kind == "JPEG":
        _strip_metadata(picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")).save(
            made, kind, quality=JPEG_QUALITY
        )
    else:
        _strip_metadata(picture, "transparency").save(made, kind)
    return made.getvalue()


def _strip_metadata(picture: Image.Image, *said: str) -> Image.Image:
    """Drop all metadata except the keys in `said`; Pillow would write everything that it read."""
    picture.info = {key: picture.info[key] for key in said if key in picture.info}
    return picture
