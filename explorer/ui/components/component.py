"""What all our browser components have in common: their files, their modules linked into one, and their events.

The JavaScript here is written as ES modules: `export function …`, `import { a, b as c } from "../shared.js";`.
Streamlit takes one script a component, and loads it from where no other can be found, so the modules are linked here:
each becomes a function of its own, with its own scope, that returns what it exports. The same files run under
`node --test` as they are. A module exports functions, classes and constants where it declares them, imports by name
only, each import on one line, and an entry has a default export.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.ui.session import unbroken

HERE = Path(__file__).parent
IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:(?:async )?function\*?|class|const) (\w+))", re.MULTILINE)
DEFAULT = re.compile(r"^export default ", re.MULTILINE)


@dataclass(frozen=True)
class Event:
    """What somebody did in a component."""

    # select, toggle, fold_all, open_level, open_everything, direction, repeats, colour, address, settled (it is drawn)
    type: str
    id: str = ""  # the box or frame of `select` and `toggle`; empty when nothing is selected any more
    value: str = ""  # the new direction, colour or address; "on" or "off" for repeats


def receiver(key: str, on_event: Callable[[Event], None]) -> Callable[[], None]:
    """What a component of that key calls when something was done in it."""

    @unbroken
    def receive() -> None:
        told = st.session_state.get(key) or {}  # none where the visitor has left the page meanwhile
        for event in unseen(told.get("event") or [], key):
            on_event(event)

    return receive


def unseen(recent: list[dict[str, Any]], key: str) -> list[Event]:
    """The events not handed out before.

    Of several triggers that wait for a busy script Streamlit keeps only the newest, so the browser numbers its events
    and repeats the last few: what was lost arrives with the next one.
    """
    seen: int = st.session_state.get(f"{key}:seen", 0)
    fresh = [event for event in recent if event["number"] > seen]
    if fresh:
        st.session_state[f"{key}:seen"] = fresh[-1]["number"]
    return [Event(event["type"], event.get("id", ""), event.get("value", "")) for event in fresh]


def heard(key: str) -> dict[str, int]:
    """For the data of a component that is drawn anew for each of its events: the number of the last that was received.

    The browser tells it what it has not heard of, until it has.
    """
    return {"heard": st.session_state.get(f"{key}:seen", 0)}


def read_files(*names: str) -> str:
    """Files of this folder, one after the other: "network_viewer/viewer.css"."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


def link_modules(entry: str) -> str:
    """The module `entry` of this folder ("replay/replay.js") and all it imports, as one that needs no other.

    Raises `ValueError` where modules import in a circle or a name is not exported by the module it is imported from.
    """
    return "\n".join(link_module((HERE / entry).resolve(), {}, ()))


def link_module(file: Path, linked: dict[Path, tuple[str, list[str]]], importers: tuple[Path, ...]) -> list[str]:
    """The code of a module behind that of all it needs; `linked` has the name and the exports of each."""
    if file in importers:
        raise ValueError(f"{file.name} imports itself, by way of {importers[-1].name}.")
    text = file.read_text(encoding="utf-8")
    needed = [(file.parent / path).resolve() for _, path in IMPORT.findall(text)]
    parts = [part for each in needed if each not in linked for part in link_module(each, linked, (*importers, file))]

    def bind(found: re.Match[str]) -> str:
        module, exported = linked[(file.parent / found[2]).resolve()]
        for name in re.findall(r"(\w+)(?: as \w+)?(?:,|$)", found[1].strip()):
            if name not in exported:
                raise ValueError(f"{file.name} imports {name}, which {found[2]} does not export.")
        return f"const {{{found[1].replace(' as ', ': ')}}} = {module};"

    body = EXPORT.sub("", IMPORT.sub(bind, text))
    linked[file] = f"module{len(linked)}", EXPORT.findall(text)
    if importers:
        name, exported = linked[file]
        body = DEFAULT.sub("", body, count=1)  # here it is only what it exports by name
        return [*parts, f"const {name} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();"]
    body = DEFAULT.sub("const mount = ", body, count=1)  # what is declared after it must have been by the time it runs
    return [*parts, f"export default (() => {{\n{body}\nreturn mount;\n}})();\n"]
