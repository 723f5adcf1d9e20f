"""Pictures for Dagster's pages, drawn as SVG from stored curves and shown inside Markdown metadata."""

import base64
from collections.abc import Mapping, Sequence
from html import escape

import dagster as dg

Points = Sequence[Sequence[float]]

SIDE, MARGIN = 320, 36
COLOURS = ("#4f43dd", "#d97706")


def curve(title: str, points: Points, across: str, up: str, diagonal: bool = True) -> dg.MetadataValue:
    """Return a curve in the unit square with its axes named, as an image in Markdown."""
    inner = SIDE - 2 * MARGIN
    path = " ".join(f"{MARGIN + x * inner:.1f},{SIDE - MARGIN - y * inner:.1f}" for x, y in points)
    box = f'<rect x="{MARGIN}" y="{MARGIN}" width="{inner}" height="{inner}" fill="white" stroke="#999"/>'
    chance = (
        f'<line x1="{MARGIN}" y1="{SIDE - MARGIN}" x2="{SIDE - MARGIN}" y2="{MARGIN}" stroke="#bbb"'
        ' stroke-dasharray="4 4"/>'
    )
    line = f'<polyline points="{path}" fill="none" stroke="{COLOURS[0]}" stroke-width="2"/>'
    return image(title, SIDE, SIDE, [box, chance if diagonal else "", line, *_axes(title, across, up)])


def bars(
    title: str, values: Mapping[str, float], marks: Mapping[str, float] | None = None, most: int = 15
) -> dg.MetadataValue:
    """Return the largest values as horizontal bars, as an image in Markdown; `marks` are lines to compare with."""
    marks = marks or {}
    kept = sorted(values.items(), key=lambda item: -abs(item[1]))[:most]
    longest = max((abs(each) for name, value in kept for each in (value, marks.get(name, 0.0))), default=0.0)
    height, parts = 30 + 20 * len(kept), [_text(10, 18, title, "start", 13)]
    for number, (name, value) in enumerate(kept):
        y = 30 + 20 * number
        parts.append(_text(210, y + 12, name, "end"))
        width, mark = (250 * abs(each) / (longest or 1.0) for each in (value, marks.get(name, 0.0)))
        parts.append(f'<rect x="216" y="{y}" width="{width:.1f}" height="14" fill="{COLOURS[0]}"/>')
        told = f"{value:.3g}"
        if name in marks:
            parts.append(
                f'<rect x="{215 + mark:.1f}" y="{y - 2}" width="2" height="18" fill="{COLOURS[1]}"/>'
            )
            told = f"{value:.3g} ({marks[name]:.3g})"
        parts.append(_text(222 + max(width, mark), y + 12, told, "start"))
    return image(title, 570 if marks else 540, height, parts)


def image(title: str, width: int, height: int, parts: Sequence[str]) -> dg.MetadataValue:
    """Return SVG parts as Markdown with the picture inside it: no file, no address to fetch."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif">'
    )
    svg = f'{head}<rect width="{width}" height="{height}" fill="white"/>{"".join(parts)}</svg>'
    return dg.MetadataValue.md(
        f"![{title}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"
    )


def _axes(title: str, across: str, up: str) -> list[str]:
    middle = SIDE / 2
    turned = f'<g transform="rotate(-90 14 {middle})">{_text(14, middle, up, "middle")}</g>'
    ends = [_text(MARGIN, SIDE - 22, "0", "middle"), _text(SIDE - MARGIN, SIDE - 22, "1", "middle")]
    return [_text(middle, 20, title, "middle", 13), _text(middle, SIDE - 8, across, "middle"), turned, *ends]


def _text(x: float, y: float, text: str, anchor: str, size: int = 11) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="#333"'
    return f"<text {place}>{escape(text)}</text>"
