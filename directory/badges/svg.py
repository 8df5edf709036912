"""Renders a badge as SVG from shapes and text, without style sheets, scripts or external resources."""

from collections.abc import Iterator
from html import escape

from directory.badges.art import EDGE_WIDTH, Art, TextLine

FONTS = "Helvetica Neue, Helvetica, Arial, Liberation Sans, Nimbus Sans, sans-serif"
"""Metric-compatible fonts; with another font, `textLength` keeps the length of each line."""


def render_svg(art: Art, sentence: str) -> str:
    """Render the art; `sentence` is its accessible name."""
    return "\n".join(_lines(art, sentence))


def _lines(art: Art, sentence: str) -> Iterator[str]:
    label = escape(sentence)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{art.width}" height="{art.height}" '
        f'viewBox="0 0 {art.width} {art.height}" role="img" aria-label="{label}">'
    )
    yield f"<title>{label}</title>"
    dashes = ' stroke-dasharray="5 3"' if art.dashed else ""
    corners, hole = _corners(art), _hole(art)
    yield f'<path fill="{art.ink.fill}" fill-rule="evenodd" d="{corners} {hole}"/>'
    yield f'<g fill="none" stroke="{art.ink.edge}" stroke-width="{EDGE_WIDTH:g}" stroke-linejoin="round">'
    yield f'<path{dashes} d="{corners}"/>'
    yield f'<path d="{hole}"/>'
    yield "</g>"
    yield f'<g fill="{art.ink.text}" font-family="{FONTS}">'
    for line in art.lines:
        yield _text(line)
    yield "</g>"
    yield "</svg>\n"


def _corners(art: Art) -> str:
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in art.outline) + " Z"


def _hole(art: Art) -> str:
    x, y, radius = art.hole
    half = f"a{radius:g} {radius:g} 0 1 0"
    return f"M{x - radius:g} {y:g} {half} {2 * radius:g} 0 {half} {-2 * radius:g} 0 Z"


def _text(line: TextLine) -> str:
    weight = ' font-weight="700"' if line.bold else ""
    place = f'x="{line.x:g}" y="{line.y:g}"'
    # The end of a text that is written from right to left is its left edge.
    direction = ' direction="rtl" text-anchor="end"' if line.is_right_to_left else ""
    return (
        f'<text {place} font-size="{line.size:g}"{weight}{direction} textLength="{line.length:g}" '
        f'lengthAdjust="spacingAndGlyphs">{escape(line.text)}</text>'
    )
