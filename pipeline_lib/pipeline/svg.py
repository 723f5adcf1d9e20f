"""Draws boxes and arrows as SVG: left to right, a layer after the other, readable without a script.

Only presentation attributes are used, no style element or attribute, so that the strictest content policy shows
it; hovering over a box lists its columns.
"""

from __future__ import annotations

from html import escape

from bighead.pipeline_lib.pipeline.drawing import Arrow, Box, Drawing, count

WIDTH, HEIGHT = 240, 72
GAP_X, GAP_Y, MARGIN = 72, 28, 16
CHARACTERS = 30
LISTED = 60
FONT = "ui-sans-serif, system-ui, sans-serif"
FILL = {"inputs": "#eef6ee", "step": "#eef2fb", "answers": "#fdf3e4"}
STROKE = {"inputs": "#4c8a55", "step": "#4a6fb3", "answers": "#b97a1f"}

Place = tuple[float, float]


def to_svg(drawing: Drawing) -> str:
    """Return the picture as one `<svg>` element that scales to its container."""
    places = _places(drawing)
    width = max(x for x, _ in places.values()) + WIDTH + MARGIN
    height = max(y for _, y in places.values()) + HEIGHT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" font-family="{FONT}" font-size="12">',
        f"<title>Pipeline {escape(drawing.title)}</title>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#667085"/></marker></defs>',
        *(_arrow(arrow, places) for arrow in drawing.arrows),
        *(_box(box, places[box.key]) for box in drawing.boxes),
        "</svg>",
    ]
    return "\n".join(parts)


def _places(drawing: Drawing) -> dict[str, Place]:
    """Return where boxes stand: columns by layer, rows by lane.

    A branch stays in its lane, so that no arrow runs behind a box of another branch; where branches meet, the box
    stands in their middle.
    """
    lanes: dict[str, float] = {}
    taken: set[tuple[int, float]] = set()
    for level, layer in enumerate(drawing.layers()):
        for box in layer:
            before = [lanes[arrow.source] for arrow in drawing.arrows if arrow.target == box.key]
            lane = sum(before) / len(before) if before else 0.0
            if not before or (level, lane) in taken:
                lane = float(int(max((*lanes.values(), -1.0))) + 1)
            taken.add((level, lane))
            lanes[box.key] = lane
    levels = {box.key: level for level, layer in enumerate(drawing.layers()) for box in layer}
    return {
        key: (MARGIN + levels[key] * (WIDTH + GAP_X), MARGIN + lane * (HEIGHT + GAP_Y))
        for key, lane in lanes.items()
    }


def _arrow(arrow: Arrow, places: dict[str, Place]) -> str:
    (from_x, from_y), (to_x, to_y) = places[arrow.source], places[arrow.target]
    x1, y1, x2, y2 = from_x + WIDTH, from_y + HEIGHT / 2, to_x, to_y + HEIGHT / 2
    # Straight along its own lane, then into the box's through the last gap.
    turn, middle = x2 - GAP_X, x2 - GAP_X / 2
    path = f"M{x1:g} {y1:g} H{turn:g} C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"
    line = f'<path d="{path}" fill="none" stroke="#667085" stroke-width="1.5" marker-end="url(#arrow)"/>'
    if arrow.columns is None:
        return line
    label = f'<text x="{x1 + 14:g}" y="{y1 - 6:g}" text-anchor="middle" fill="#475467">{arrow.columns}</text>'
    return f"{line}\n{label}"


def _box(box: Box, place: Place) -> str:
    x, y = place
    left = x + 12
    listed = "\n".join(box.columns[:LISTED]) + ("\n…" if len(box.columns) > LISTED else "")
    full = f"{box.title}({box.note})" if box.kind == "step" else box.title
    made = f"makes {count('column', len(box.columns))}" if box.kind == "step" and box.columns else ""
    notes = list(enumerate(note for note in (_cut(box.note, CHARACTERS), made) if note))
    lines = [
        "<g>",
        f"<title>{escape(full)}\n{escape(listed)}</title>",
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{FILL[box.kind]}" '
        f'stroke="{STROKE[box.kind]}"/>',
        f'<text x="{left:g}" y="{y + 24:g}" font-weight="600" font-size="14" fill="#101828">'
        f"{escape(_cut(box.title, 26))}</text>",
        *(
            f'<text x="{left:g}" y="{y + 43 + 17 * at:g}" fill="#475467">{escape(note)}</text>'
            for at, note in notes
        ),
        "</g>",
    ]
    return "\n".join(lines)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
