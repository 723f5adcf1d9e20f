"""Draws boxes and arrows as SVG: left to right, a layer after the other, readable without a script.

Only presentation attributes are used, no style element or attribute, so that the strictest content policy shows
it; hovering over a box lists its columns.
"""

from __future__ import annotations

from html import escape

from bighead.pipeline_lib.pipeline.drawing import Arrow, Box, Drawing, count

WIDTH, HEIGHT = 232, 72
GAP_X, GAP_Y, MARGIN = 72, 28, 16
CHARACTERS = 34
LISTED = 60
FONT = "ui-sans-serif, system-ui, sans-serif"
FILL = {"inputs": "#eef6ee", "step": "#eef2fb", "answers": "#fdf3e4"}
STROKE = {"inputs": "#4c8a55", "step": "#4a6fb3", "answers": "#b97a1f"}

Place = tuple[float, float]


def to_svg(drawing: Drawing) -> str:
    """Return the picture as one `<svg>` element that scales to its container."""
    layers = drawing.layers()
    tallest = max(len(layer) for layer in layers)
    width = 2 * MARGIN + len(layers) * WIDTH + (len(layers) - 1) * GAP_X
    height = 2 * MARGIN + tallest * HEIGHT + (tallest - 1) * GAP_Y
    places: dict[str, Place] = {}
    for column, layer in enumerate(layers):
        used = len(layer) * HEIGHT + (len(layer) - 1) * GAP_Y
        for row, box in enumerate(layer):
            x = MARGIN + column * (WIDTH + GAP_X)
            places[box.key] = (x, (height - used) / 2 + row * (HEIGHT + GAP_Y))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="{FONT}" font-size="12">',
        f"<title>Pipeline {escape(drawing.title)}</title>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#667085"/></marker></defs>',
        *(_arrow(arrow, places) for arrow in drawing.arrows),
        *(_box(box, places[box.key]) for box in drawing.boxes),
        "</svg>",
    ]
    return "\n".join(parts)


def _arrow(arrow: Arrow, places: dict[str, Place]) -> str:
    (from_x, from_y), (to_x, to_y) = places[arrow.source], places[arrow.target]
    x1, y1, x2, y2 = from_x + WIDTH, from_y + HEIGHT / 2, to_x, to_y + HEIGHT / 2
    bend = max((x2 - x1) / 2, 24)
    path = f"M{x1:g} {y1:g} C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
    line = f'<path d="{path}" fill="none" stroke="#667085" stroke-width="1.5" marker-end="url(#arrow)"/>'
    if arrow.columns is None:
        return line
    x, y = x1 + GAP_X / 2, (y1 + y2) / 2 - 6 if x2 - x1 <= GAP_X else y1 - 6
    return f'{line}\n<text x="{x:g}" y="{y:g}" text-anchor="middle" fill="#475467">{arrow.columns}</text>'


def _box(box: Box, place: Place) -> str:
    x, y = place
    left = x + 12
    listed = "\n".join(box.columns[:LISTED]) + ("\n…" if len(box.columns) > LISTED else "")
    full = f"{box.title}({box.note})" if box.kind == "step" else box.title
    made = f"makes {count('column', len(box.columns))}" if box.kind == "step" and box.columns else ""
    lines = [
        "<g>",
        f"<title>{escape(full)}\n{escape(listed)}</title>",
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{FILL[box.kind]}" '
        f'stroke="{STROKE[box.kind]}"/>',
        f'<text x="{left:g}" y="{y + 24:g}" font-weight="600" font-size="14" fill="#101828">'
        f"{escape(_cut(box.title, 26))}</text>",
        f'<text x="{left:g}" y="{y + 43:g}" fill="#475467">{escape(_cut(box.note, CHARACTERS))}</text>',
        f'<text x="{left:g}" y="{y + 60:g}" fill="#475467">{escape(made)}</text>',
        "</g>",
    ]
    return "\n".join(lines)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
