"""Pictures as parts of a page.

An SVG becomes an element of the page, smaller and with names of its own: two drawings may well use
the same id for different things, and in one page the first would serve both. A drawing with so many
parts that it would slow the page down is shown as the PNG that was drawn with it, at print
resolution.
"""

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup, escape

from superposition.files import explained

LARGE = 300_000
"""Bytes of SVG above which the PNG is shown, if that has less than half as many."""

_HEAD = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
_USELESS = re.compile(r"<(metadata|title|style)\b.*?</\1>|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_GROUND = re.compile(r'<g id="patch_1">\s*<path [^>]*style="fill: (#[0-9a-f]{6})', re.DOTALL)
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'((?:href="|url\()#)([^")]+)')
_PLACES = re.compile(r' (?:d|x|y|width|height|points)="[^"]*"')
_DECIMALS = re.compile(r"-?\d*\.\d+")
_POINT = 4 / 3
"""CSS pixels."""


@dataclass(frozen=True)
class Drawing:
    """A figure as a part of the page.

    Attributes:
        element: The drawing, an <svg> or an <img>.
        width: In CSS pixels.
        height: In CSS pixels.
        ground: Its background colour.
        raster: Whether it is the PNG.
    """

    element: Markup
    width: int
    height: int
    ground: str
    raster: bool


def drawing(name: str, label: str, folder: Path) -> Drawing:
    """Return a figure as a part of the page.

    Args:
        name: The figure's name.
        label: Its title, for those who cannot see it. An SVG has none of its own: what is not laid
            out yet is not there for a screen reader, so the box around it says what it is.
        folder: Holds `NAME.svg` and `NAME.png`.

    Raises:
        UserError: If these cannot be read.
    """
    source, picture = folder / f"{name}.svg", folder / f"{name}.png"
    with explained(source, "read"):
        text = source.read_text(encoding="utf-8")
    width, height = (round(side * _POINT) for side in _size(text))
    ground = found[1] if (found := _GROUND.search(text)) else "#ffffff"
    element = _inline(text, f"{name}-")
    if len(element) > LARGE:
        with explained(picture, "read"):
            content = base64.b64encode(picture.read_bytes()).decode()
        if 2 * len(content) < len(element):
            image = Markup(
                f'<img src="data:image/png;base64,{content}" width="{width}" height="{height}" '
                f'alt="{escape(label)}">'
            )
            return Drawing(image, width, height, ground, raster=True)
    return Drawing(element, width, height, ground, raster=False)


def _inline(text: str, prefix: str) -> Markup:
    """Return an SVG without what a page has no use for, its ids with a prefix."""
    width, height = _size(text)
    text = _USELESS.sub("", _HEAD.sub("", text, count=1))
    used = {match[2] for match in _REFERENCE.finditer(text)}
    text = _ID.sub(lambda match: f' id="{prefix}{match[1]}"' if match[1] in used else "", text)
    text = _REFERENCE.sub(rf"\g<1>{prefix}\g<2>", text).replace("xlink:href=", "href=")
    text = _PLACES.sub(lambda match: _DECIMALS.sub(_shorter, match[0]), text)
    text = re.sub(r">\s+<", "><", re.sub(r"\s+", " ", text)).replace("<defs></defs>", "")
    text = re.sub(r"<g></g>|<g/>", "", text)
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width * _POINT:.0f}"'
    head = f'<svg {size} height="{height * _POINT:.0f}" aria-hidden="true">'
    return Markup(_TAG.sub(lambda _: head, text, count=1).strip())


def _size(svg: str) -> tuple[float, float]:
    """Return width and height in points."""
    found = _SIZE.search(svg)
    return (float(found[1]), float(found[2])) if found else (489.6, 300.0)


def _shorter(match: re.Match[str]) -> str:
    """Return a coordinate to a hundredth of a point, which is finer than anything on paper."""
    text = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
