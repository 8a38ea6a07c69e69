"""Where things lie: this program's own files, and what a user keeps."""

import os
import sys
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
