"""Shapes-10 as it is kept: read back as it was drawn, and drawn again when the file is not to be trusted."""

from pathlib import Path

import pytest
import torch

from explorer.datasets import shapes10
from explorer.datasets.dataset import Dataset


def same(one: Dataset, other: Dataset) -> bool:
    pairs = ((one.train, other.train), (one.test, other.test))
    alike = all(torch.equal(a.images, b.images) and torch.equal(a.labels, b.labels) for a, b in pairs)
    return alike and (one.key, one.name, one.origin, one.classes) == (
        other.key,
        other.name,
        other.origin,
        other.classes,
    )


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """What is drawn here."""
    found = shapes10.draw_shapes10(100, 20)
    monkeypatch.setattr(shapes10, "draw_shapes10", lambda: found)
    return found


def test_what_was_drawn_once_is_read_as_it_was(few: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert same(shapes10.load_shapes10(tmp_path), few)
    monkeypatch.setattr(shapes10, "draw_shapes10", None)  # not drawn again
    assert same(shapes10.load_shapes10(tmp_path), few)


def test_a_damaged_file_is_drawn_again(few: Dataset, tmp_path: Path) -> None:
    shapes10.load_shapes10(tmp_path)
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    file.write_bytes(content[:5000] + b"????" + content[5004:])
    assert same(shapes10.load_shapes10(tmp_path), few)


def test_what_another_version_drew_is_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = shapes10.draw_shapes10(20, 10), shapes10.draw_shapes10(30, 10)
    monkeypatch.setattr(shapes10, "draw_shapes10", lambda: old)
    shapes10.load_shapes10(tmp_path)
    monkeypatch.setattr(shapes10, "draw_shapes10", lambda: new)
    assert same(shapes10.load_shapes10(tmp_path), old)
    monkeypatch.setattr(shapes10, "code_fingerprint", lambda: "another")
    assert same(shapes10.load_shapes10(tmp_path), new)


def test_where_nothing_can_be_kept_it_is_drawn(few: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert same(shapes10.load_shapes10(tmp_path / "file" / "cache"), few)
