"""`explorer.show(model, (3, 224, 224))` opens the explorer on a module of yours; the app is `explorer/app.py`."""

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "show":
        from explorer.notebook import show  # loads torch, which drawing must not

        return show
    raise AttributeError(f"module 'explorer' has no attribute {name!r}")
