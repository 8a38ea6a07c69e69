"""Runs that were changed, damaged or made to do harm: refused whole, or such that every page can show them."""

import gzip
import json
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from explorer.training.runs.recorded_runs import SHIPPED, open_record
from explorer.training.runs.run_log import Record
from explorer.training.runs.store import AT_REST, COLUMNS, UNDER_WAY, Store, check_plan, check_run, values
from explorer.ui.train import library
from testing.waiting import PATIENCE

WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["a\ud800b", "2020-W01-1", "![i](http://example.org/p.png)", "\x00", "x" * 5000, "zzz", "0badc0de"]
    ),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=5,
)


@cache
def shipped() -> Record:
    """The smallest of the shipped runs."""
    file = min(SHIPPED.glob("*.json.gz"), key=lambda each: each.stat().st_size)
    return open_record(file.read_bytes(), file.name)


def plain() -> dict[str, Any]:
    return json.loads(gzip.decompress(shipped().pack()))


def paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """To everything in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(path for key, each in inner for path in paths(each, (*before, key)))]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


def with_plan(change: Any, path: tuple[Any, ...]) -> dict[str, Any]:
    told = plain()
    plan = changed(json.loads(told["run"]["plan"]), path, change)
    return changed(told, ("run", "plan"), json.dumps(plan))


def showable(record: Record) -> None:
    """What the pages need: it can be written, its plan read, its curves drawn, and it goes out as it came in."""
    check_run(record.run, AT_REST)
    check_plan(record.run.plan)
    json.dumps([record.run.title, record.run.message], ensure_ascii=False).encode()
    assert open_record(record.pack(), "again").run == record.run
    record.csv()


def test_every_file_made_to_do_harm_is_refused_or_harmless() -> None:
    assert open_record(gzip.compress(json.dumps(plain()).encode()), "x").run == shipped().run


@settings(max_examples=300)
@given(st.data())
def test_whatever_is_changed_in_a_file_it_is_refused_whole_or_can_be_shown(data: st.DataObject) -> None:
    told = plain()
    path = data.draw(st.sampled_from(paths(told)))
    hostile = changed(told, path, data.draw(VALUES))
    packed = gzip.compress(json.dumps(hostile).encode())
    try:
        found = open_record(packed, "a file")
    except ValueError as refused:
        assert str(refused).startswith("a file ") and len(str(refused)) < 400
        return
    showable(found)


@settings(max_examples=200)
@given(st.data())
def test_whatever_is_changed_in_its_plan_the_same_holds(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(paths(json.loads(plain()["run"]["plan"]))))
    packed = gzip.compress(json.dumps(with_plan(data.draw(VALUES), path)).encode())
    try:
        found = open_record(packed, "a file")
    except ValueError as refused:
        assert str(refused).startswith("a file ")
        return
    showable(found)


@settings(max_examples=100)
@given(st.binary(max_size=200), st.integers(0, 10_000))
def test_bytes_that_are_no_file_of_ours_are_named(noise: bytes, cut: int) -> None:
    for packed in (noise, gzip.compress(noise), shipped().pack()[:cut]):
        try:
            open_record(packed, "a file")
        except ValueError as refused:
            assert str(refused).startswith("a file ")


def put(file: Path, row: dict[str, Any]) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        marks = ", ".join("?" * len(COLUMNS))
        connection.execute(f"INSERT OR REPLACE INTO runs VALUES ({marks})", tuple(row[name] for name in COLUMNS))


CELLS = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=20).filter(lambda t: t.isprintable()),
    st.binary(max_size=20), st.sampled_from(["2020-W01-1", "zzz", "[", "{}", "[[1, 2]]", "[1]", "done", "x" * 5000]),
)  # fmt: skip


@settings(max_examples=200)
@given(st.sampled_from(COLUMNS[1:]), CELLS)
def test_a_row_of_a_data_folder_is_a_run_or_unreadable_and_never_an_error(column: str, cell: Any) -> None:
    store = scratch()
    put(store.file, dict(zip(COLUMNS, values(shipped().run), strict=True)) | {"id": "0badc0de", column: cell})
    shown, hidden = store.sorted_rows()
    assert len(shown) + len(hidden) == 1
    for run in shown:
        check_run(run, (*AT_REST, *UNDER_WAY))
    if hidden:
        with pytest.raises(ValueError, match="delete it in the Library"):
            store.run("0badc0de")
    store.delete(hidden)
    assert store.sorted_rows()[1] == ()


@cache
def scratch() -> Store:
    return Store(Path(mkdtemp()))


def test_the_library_stands_with_a_row_that_cannot_be_read_and_deletes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    put(store.file, dict(zip(COLUMNS, values(shipped().run), strict=True)) | {"id": "0badc0de", "made": "2020-W01-1"})
    monkeypatch.setattr(library, "training_service", lambda: SimpleNamespace(store=store))

    def script() -> None:
        import streamlit as st

        from explorer.training.experiments.presets import ExperimentSelection
        from explorer.ui.train.library import library_tab

        st.session_state.setdefault("lab", ExperimentSelection())
        library_tab()

    app = AppTest.from_function(script, default_timeout=PATIENCE).run()
    assert not app.exception
    assert any("“0badc0de”" in warning.value for warning in app.warning)
    next(button for button in app.button if button.label == "Delete what cannot be read").click().run()
    assert not app.exception and store.sorted_rows()[1] == ()
    assert not any("0badc0de" in warning.value for warning in app.warning)
