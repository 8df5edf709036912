"""Renders a badge as PNG with the font that comes with Pillow."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from directory.badges.art import EDGE_WIDTH, Art, TextLine

PIXEL_RATIO = 2
"""Pixels of the file for each pixel of the art, so that it is sharp on high-density screens."""

_SUPERSAMPLING = 4
"""The factor by which the art is drawn larger and then reduced, to smooth slanted edges."""

_SCALE = PIXEL_RATIO * _SUPERSAMPLING
_DASH, _GAP = 5.0, 3.0
PALETTE_SIZE = 64
"""Colors in the file: enough for smooth edges, with a quarter of the file size; arbitrary, chosen by eye."""

_BOLD_STROKE = 0.022
"""The extra stroke of bold text, in ems, because the font has one weight; arbitrary, chosen by eye."""


@lru_cache(maxsize=128)
def render_png(art: Art) -> bytes:
    """Render the art at twice the size of the SVG. The same art gives the same bytes; results are cached."""
    size = (art.width * _SCALE, art.height * _SCALE)
    image = Image.new("RGBA", size, art.ink.edge + "00")
    draw = ImageDraw.Draw(image)
    corners = [(x * _SCALE, y * _SCALE) for x, y in art.outline]
    draw.polygon(corners, fill=art.ink.fill)
    _draw_edge(draw, art, corners)
    x, y, radius = (value * _SCALE for value in art.hole)
    ring = EDGE_WIDTH / 2 * _SCALE
    draw.circle((x, y), radius + ring, fill=art.ink.edge)
    draw.circle((x, y), radius - ring, fill=art.ink.edge + "00")
    for line in art.lines:
        _draw_text(image, line, art.ink.text)
    few = image.reduce(_SUPERSAMPLING).quantize(PALETTE_SIZE, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    file = BytesIO()
    few.save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw_edge(draw: ImageDraw.ImageDraw, art: Art, corners: list[tuple[float, float]]) -> None:
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        for first, last in _edge_segments(start, end, dashed=art.dashed):
            draw.line([first, last], fill=art.ink.edge, width=round(EDGE_WIDTH * _SCALE))


def _edge_segments(
    start: tuple[float, float], end: tuple[float, float], *, dashed: bool
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The segments of one side: the whole side, or its dashes."""
    if not dashed:
        return [(start, end)]
    (x, y), (to_x, to_y) = start, end
    length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
    step = (_DASH + _GAP) * _SCALE
    dashes = []
    for number in range(int(length // step) + 1):
        begin = number * step / length
        stop = min(1.0, (number * step + _DASH * _SCALE) / length)
        dashes.append(
            ((x + (to_x - x) * begin, y + (to_y - y) * begin), (x + (to_x - x) * stop, y + (to_y - y) * stop))
        )
    return dashes


def _draw_text(image: Image.Image, line: TextLine, colour: str) -> None:
    """Draw one line, scaled to the length in the art regardless of the font's own metrics."""
    font = _font(line.size * _SCALE)
    stroke = line.size * _SCALE * _BOLD_STROKE if line.bold else 0
    ascent, descent = font.getmetrics()
    steps = [font.getlength(letter) + 2 * stroke for letter in line.text]
    ink = Image.new("L", (round(sum(steps)), ascent + descent), 0)
    draw, at = ImageDraw.Draw(ink), stroke
    for letter, step in zip(line.text, steps, strict=True):
        draw.text((at, ascent), letter, fill=255, font=font, anchor="ls", stroke_width=stroke)
        at += step
    ink = ink.resize((round(line.length * _SCALE), ink.height), Image.Resampling.BICUBIC)
    image.paste(colour, (round(line.x * _SCALE), round(line.y * _SCALE) - ascent), ink)


@lru_cache(maxsize=16)
def _font(pixels: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(pixels)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType, so it cannot write")
    return font
