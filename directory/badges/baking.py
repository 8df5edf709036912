"""Embeds a credential in the badge image, as Open Badges 3.0 defines for SVG and PNG."""

import struct
import zlib
from collections.abc import Iterator
from html import escape

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
KEYWORD = b"openbadgecredential"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def bake_svg(picture: str, token: str) -> str:
    """Insert the credential in an SVG, right after its first tag.

    Raises:
        ValueError: it is not an SVG, or it already has a credential.
    """
    end = picture.find(">")
    if not picture.startswith("<svg ") or end < 0 or NAMESPACE in picture:
        raise ValueError("the picture must be an SVG without a credential")
    credential = f'<openbadges:credential verify="{escape(token)}"></openbadges:credential>'
    return f'{picture[:end]} xmlns:openbadges="{NAMESPACE}">{credential}{picture[end + 1 :]}'


def bake_png(picture: bytes, token: str) -> bytes:
    """Insert the credential in a PNG as an iTXt chunk, right after the header.

    Raises:
        ValueError: it is not a PNG, or it already has a credential.
    """
    if not picture.startswith(_SIGNATURE):
        raise ValueError("the picture must be a PNG")
    chunks = list(_chunks(picture))
    if any(kind == b"iTXt" and body.startswith(KEYWORD + b"\0") for kind, body in chunks):
        raise ValueError("the picture holds a credential already")
    text = KEYWORD + b"\0\0\0\0\0" + token.encode("ascii")
    header, *others = chunks
    return _SIGNATURE + b"".join(_chunk(kind, body) for kind, body in (header, (b"iTXt", text), *others))


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
