"""A dataset: two tensors and the names of its classes, what is asked of them before training, and how they are kept."""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from explorer.paths import written_whole

CHUNK = 4096  # pictures turned to floats at once: 60,000 at a time would need gigabytes


def base_name(name: str) -> str:
    """What the pictures are, however they are packed: "CIFAR-10 (JPEG)" is CIFAR-10."""
    return name.partition(" (")[0]


@dataclass(frozen=True, eq=False)
class Split:
    """Pictures in a fixed order, each with the number of its class."""

    images: Tensor  # (N, C, H, W), uint8
    labels: Tensor  # (N,), int64

    def __post_init__(self) -> None:
        if self.images.dtype != torch.uint8 or self.images.dim() != 4:
            raise ValueError("The pictures of a dataset are one uint8 tensor of shape (N, C, H, W).")
        if self.labels.dtype != torch.int64 or self.labels.shape != self.images.shape[:1]:
            raise ValueError(f"{len(self.images)} pictures need as many int64 labels.")

    def __len__(self) -> int:
        return len(self.labels)

    def balance(self, classes: int) -> tuple[int, ...]:
        """How many pictures each class has."""
        return tuple(torch.bincount(self.labels, minlength=classes).tolist())

    def balanced(self, count: int) -> "Split":
        """The first pictures of every class, in the order they have here, as evenly as the classes allow."""
        if count >= len(self):
            return self
        turns = torch.empty_like(self.labels)  # a picture's place within its own class
        for label in self.labels.unique():
            own = (self.labels == label).nonzero().flatten()
            turns[own] = torch.arange(len(own))
        chosen = turns.argsort(stable=True)[:count].sort().values
        return Split(self.images[chosen], self.labels[chosen])

    def resized(self, size: int) -> "Split":
        return self if self.images.shape[-2:] == (size, size) else Split(resize(self.images, size), self.labels)

    def mean_and_std(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Of each channel, over all pictures, with white as 1; exact, because it is counted in integers."""
        levels = torch.arange(256, dtype=torch.float64) / 255
        means, stds = [], []
        for channel in self.images.unbind(1):
            share = torch.bincount(channel.flatten(), minlength=256).double() / channel.numel()
            mean = (share * levels).sum()
            means.append(float(mean))
            stds.append(float((share * (levels - mean).square()).sum().sqrt()))
        return tuple(means), tuple(stds)


@dataclass(frozen=True, eq=False)
class Dataset:
    """What is trained on and what is tested on; both have the same classes and the same shape of picture."""

    key: str  # "shapes10", "cifar10", "mnist", "fashion" or "folder:/path"
    name: str
    origin: str  # where the pictures come from, for the page to print
    classes: tuple[str, ...]
    train: Split
    test: Split

    @property
    def shape(self) -> tuple[int, int, int]:
        channels, height, width = self.train.images.shape[1:]
        return channels, height, width


def resize(images: Tensor, size: int) -> Tensor:
    """Square pictures of `size` pixels: whole areas averaged where the sizes divide, else antialiased."""
    whole = all(gcd(side, size) == size for side in images.shape[-2:])
    return torch.cat([_resize(part, size, whole) for part in images.split(CHUNK)])


def _resize(images: Tensor, size: int, whole: bool) -> Tensor:
    pictures = images.float()
    if whole:
        pictures = F.adaptive_avg_pool2d(pictures, size)
    else:
        pictures = F.interpolate(pictures, (size, size), mode="bilinear", antialias=True, align_corners=False)
    return pictures.round_().clamp_(0, 255).to(torch.uint8)


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
