"""Where things lie: this program's own files, and what a user keeps, each file whole."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ROOT / "assets"


def data_folder() -> Path:
    """$EXPLORER_DATA, else where this system keeps a user's data.

    Not by `platformdirs`, which on macOS follows $XDG_DATA_HOME and on Windows asks the registry: who has set either
    would look for earlier runs in vain.
    """
    if named := os.environ.get("EXPLORER_DATA"):
        return Path(named).expanduser()
    home = Path.home()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or home / ".local" / "share"
    return Path(base) / "cnn-explorer"


@contextmanager
def written_whole(file: Path) -> Iterator[Path]:
    """A draft that takes the file's place in one move, so that nobody ever sees half of it.

    Where the writing breaks off, or the draft is taken away, nothing is left of it. Raises `OSError`.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        draft = Path(folder, file.name)
        yield draft
        if draft.exists():
            draft.replace(file)
