"""Decoded pictures kept on disk: whole and unchanged since, or decoded again."""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.datasets.dataset import Split
from explorer.paths import written_whole

PARTS = ("train", "test")
LAYOUT = "1"  # of the files below; another one makes all of them stale


@dataclass(frozen=True, eq=False)
class Kept:
    """Everything that was read, by part: "train" and "test"."""

    images: dict[str, NDArray[np.uint8]]  # (N, C, H, W)
    labels: dict[str, NDArray[np.int64]]  # (N,)
    classes: tuple[str, ...]
    origin: str
    format: str  # of the files: JPEG, PNG, …

    def splits(self) -> list[Split]:
        return [Split(torch.from_numpy(self.images[part]), torch.from_numpy(self.labels[part])) for part in PARTS]


def cached_arrays(cache: Path | None, path: Path, mark: str, make: Callable[[], Kept]) -> Kept:
    """What was kept in the folder `cache` under the same mark, or else what `make` gives, which is then kept there."""
    found = kept_arrays(cache, path, mark) if cache else None
    if found is None:
        found = make()
        if cache:
            keep_arrays(cache, path, mark, found)
    return found


def place(cache: Path, path: Path) -> Path:
    return cache / f"folder-{hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:16]}.npz"


def keep_arrays(cache: Path, path: Path, mark: str, found: Kept) -> None:
    """Writes it whole or not at all; a full or read-only disk costs the next start its time and nothing else."""
    arrays = {"mark": mark + LAYOUT, "classes": found.classes, "origin": found.origin, "format": found.format}
    parts = {f"{part}_images": images for part, images in found.images.items()}
    parts |= {f"{part}_labels": labels for part, labels in found.labels.items()}
    with suppress(OSError), written_whole(place(cache, path)) as draft:
        np.savez(draft, allow_pickle=False, **{name: np.array(value) for name, value in arrays.items()}, **parts)


def kept_arrays(cache: Path, path: Path, mark: str) -> Kept | None:
    """What was kept under the same mark; None when there is nothing, something else or something damaged."""
    try:
        with np.load(place(cache, path), allow_pickle=False) as file:  # reading checks the checksum of every array
            if str(file["mark"]) != mark + LAYOUT:
                return None
            return Kept(
                images={part: file[f"{part}_images"] for part in PARTS},
                labels={part: file[f"{part}_labels"] for part in PARTS},
                classes=tuple(map(str, file["classes"])),
                origin=str(file["origin"]),
                format=str(file["format"]),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
