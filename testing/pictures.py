"""Pictures to test with: a data folder of its own, and a folder of noise in two classes."""

import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own."""
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two classes of noise: three pictures each to train on, two to test."""
    noise = np.random.default_rng(0)
    for part, count in (("train", 3), ("test", 2)):
        for label in ("cat", "dog"):
            (tmp_path / "pets" / part / label).mkdir(parents=True)
            for number in range(count):
                pixels = noise.integers(0, 256, (8, 8, 3), np.uint8)
                Image.fromarray(pixels).save(tmp_path / "pets" / part / label / f"{number}.png")
    return tmp_path / "pets"


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)


def overwrite(file: Path) -> None:
    file.write_text("not a picture at all")


def empty(file: Path) -> None:
    file.write_bytes(b"")


# An archive of such a folder


def packed_zip(tree: Path, within: str) -> Path:
    with zipfile.ZipFile(tree.with_suffix(".zip"), "w") as archive:
        for file in sorted(tree.rglob("*.png")):
            archive.write(file, within + file.relative_to(tree).as_posix())
    return tree.with_suffix(".zip")


def packed_tar(tree: Path, within: str) -> Path:
    with tarfile.open(tree.with_suffix(".tar.gz"), "w:gz") as archive:
        for part in ("train", "test"):
            archive.add(tree / part, within + part)
    return tree.with_suffix(".tar.gz")
