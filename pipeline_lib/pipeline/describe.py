"""A pipeline for people: as text, as a Mermaid flowchart, as an SVG picture."""

from __future__ import annotations

from bighead.pipeline_lib.errors import UnknownNameError
from bighead.pipeline_lib.pipeline.builder import Pipeline
from bighead.pipeline_lib.pipeline.drawing import Box, Drawing, count, drawing_of
from bighead.pipeline_lib.pipeline.svg import to_svg

FORMS = ("text", "mermaid", "svg")


def describe(pipeline: Pipeline, form: str) -> str:
    """Return a pipeline in one of the forms.

    Raises:
        UnknownNameError: another form.
    """
    if form not in FORMS:
        raise UnknownNameError("form of description", form, FORMS)
    if not len(pipeline):
        return f"Pipeline {pipeline.name}: no steps yet"
    drawing = drawing_of(pipeline)
    if form == "text":
        return to_text(drawing)
    return to_mermaid(drawing) if form == "mermaid" else to_svg(drawing)


def to_text(drawing: Drawing) -> str:
    """Return a line for each step: what it reads, what it is, how many columns it makes."""
    title = {box.key: box.title for box in drawing.boxes}
    lines = [f"Pipeline {drawing.title}"]
    steps = [box for box in drawing.boxes if box.kind == "step"]
    for place, box in enumerate(steps):
        froms = [arrow for arrow in drawing.arrows if arrow.target == box.key]
        read = ", ".join(_from(arrow.source, arrow.columns, title) for arrow in froms)
        made = f" → {count('column', len(box.columns))}" if box.columns else ""
        lines.append(f"  {place}. {box.title}({box.note}) ← {read}{made}")
    answers = drawing.boxes[-1]
    lines += [f"  answers {', '.join(answers.columns)}"] if answers.columns else []
    return "\n".join(lines)


def _from(source: str, columns: int | None, title: dict[str, str]) -> str:
    if source.startswith("inputs"):
        return title[source]
    step = f"{source.removeprefix('step')}"
    return f"{count('column', columns)} of {step}" if columns else f"step {step}"


def to_mermaid(drawing: Drawing) -> str:
    """Return a Mermaid flowchart, left to right."""
    lines = ["flowchart LR"]
    lines += [f"  {box.key}{_shape(box)}" for box in drawing.boxes]
    for arrow in drawing.arrows:
        label = f"|{arrow.columns}|" if arrow.columns else ""
        lines.append(f"  {arrow.source} -->{label} {arrow.target}")
    return "\n".join(lines)


def _shape(box: Box) -> str:
    text = f"{box.title}<br/>{box.note}" if box.note else box.title
    # Mermaid reads entities between quotes, so that no name can end the label.
    safe = text.replace("&", "#amp;").replace('"', "#quot;").replace("<br/>", "\0").replace("<", "#lt;")
    safe = safe.replace(">", "#gt;").replace("\0", "<br/>")
    return f'["{safe}"]' if box.kind == "step" else f'(["{safe}"])'
