"""The source code of a module's class."""

import ast
import inspect
import sys
from functools import lru_cache

TRIES = 3
GIVEN: dict[str, str] = {}  # of classes that live in another program, by qualified name; filled when the app starts


@lru_cache(maxsize=256)
def source_of(qualname: str) -> str:
    """The class as written; empty where Python has no source of it. Looks only at what is already imported."""
    if qualname in GIVEN:
        return GIVEN[qualname]
    thing: object = None
    parts = qualname.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        if thing := sys.modules.get(".".join(parts[:cut])):
            for part in parts[cut:]:
                thing = getattr(thing, part, None)
            break
    return code_of(thing) if inspect.isclass(thing) else ""


def code_of(kind: type) -> str:
    """Empty where Python has no source of it."""
    for _ in range(TRIES):
        try:
            return inspect.getsource(kind)
        except SystemError:  # Python 3.11 may miscount its depth where two threads parse code at once
            continue
        except (OSError, TypeError):
            return from_cell(kind)
    return ""


def from_cell(kind: type) -> str:
    """Of a class written in a notebook: only its functions know the cell they stand in."""
    functions = (thing for thing in vars(kind).values() if inspect.isfunction(thing))
    try:
        cell = "".join(inspect.findsource(next(functions))[0])
        found = (node for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.ClassDef))
        own = next(node for node in found if node.name == kind.__name__)
        return f"{ast.get_source_segment(cell, own, padded=True)}\n"
    except (StopIteration, OSError, TypeError, SyntaxError):
        return ""
