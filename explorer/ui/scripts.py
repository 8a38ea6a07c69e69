"""The files of the browser components, by their place in this folder."""

from pathlib import Path

HERE = Path(__file__).parent


def read(*names: str) -> str:
    """One after the other: "scale/stage.js"."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)
