"""The picture that stands on the opening page until PyTorch is imported: `python -m testing.first_picture` draws it.

A test holds what ships (`assets/first_picture.html`) against what the program draws.
"""

from pathlib import Path

from explorer.analysis.model_summary import study
from explorer.colors import COLOURS
from explorer.diagram.render import draw_diagram
from explorer.models.selection import ModelSelection
from explorer.paths import ASSETS

FILE: Path = ASSETS / "first_picture.html"


def first_picture() -> str:
    """What the explorer opens on, with the colours of the kinds in it; the rest of its look is the page's."""
    known = study(ModelSelection().spec)
    svg = draw_diagram(known.outline, known.view, known.fields).svg.replace('class="diagram"', 'class="still"')
    kinds = (f".still .kind-{kind} {{ --kind: {colour} }}" for kind, colour in COLOURS.items() if f"kind-{kind}" in svg)
    # Markdown ends a block at an empty line.
    return "\n".join((f"<style>{' '.join(kinds)}</style>", *filter(None, svg.splitlines()), ""))


if __name__ == "__main__":
    FILE.write_text(first_picture(), encoding="utf-8")
