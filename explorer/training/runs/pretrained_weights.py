"""Weights to start from: those of a run in the store, or those that torchvision publishes, checked before use."""

import hashlib
import io
import os
import pickle  # for its exception alone
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from explorer.datasets.download import download_problem, receive
from explorer.formatting import MIB
from explorer.training.runs.store import Store

RUN, PUBLISHED = "run:", "torchvision:"
# Auxiliary classifiers belong to the classes, too; DenseNet's files name its layers as they were once called.
UNFIT = ("googlenet", "inception_v3", "densenet")
Progress = Callable[[int, int], None]  # bytes here so far, bytes in all


@dataclass(frozen=True)
class Published:
    """A file of torchvision's weights."""

    network: str
    address: str
    size: int  # bytes, nearly: torchvision states them with three decimals of a megabyte

    @property
    def file(self) -> Path:
        """Where torchvision itself would put it and look for it."""
        return Path(torch.hub.get_dir(), "checkpoints", self.address.rpartition("/")[2])

    @property
    def hash(self) -> str:
        """The first digits of its SHA-256, which its name ends with."""
        return self.file.stem.rpartition("-")[2]


@cache
def published_weights() -> dict[str, Published]:
    """Everything that classes pictures, by what a plan calls it."""
    import torchvision.models as models

    names = [name for name in models.list_models(module=models) if not name.startswith(UNFIT)]
    return {
        f"{PUBLISHED}{name}/{weights.name}": Published(name, weights.url, round(weights.meta["_file_size"] * MIB))
        for name in names
        for weights in models.get_model_weights(name)
    }


def on_disk() -> tuple[str, ...]:
    """Whether the files are whole is asked when they are read."""
    return tuple(start for start, weights in published_weights().items() if weights.file.is_file())


def fetch_weights(start: str, progress: Progress = lambda done, size: None) -> None:
    """Downloads the file; what `progress` raises stops it, and leaves no half file.

    Raises `ValueError` when there is no connection, no room, or other bytes than were published.
    """
    weights = published_weights()[start]
    file = weights.file
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            draft = Path(folder, file.name)
            receive(weights.address, draft, lambda done: progress(done, weights.size))
            check_weights(draft, weights)
            os.replace(draft, file)
    except (OSError, HTTPException) as error:
        said = f"{file.name} could not be fetched ({download_problem(error)})"
        raise ValueError(f"{said}: try again, or put it into {file.parent}.") from error


def check_weights(file: Path, weights: Published) -> None:
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if not found.startswith(weights.hash):
        raise ValueError(f"{file.name} is damaged or is another file, and nothing of it is used: fetch it again.")


def read_weights(start: str) -> dict[str, Tensor]:
    """Of torchvision. Raises `ValueError` that names the file when it is missing or is not what was published."""
    weights = published_weights().get(start)
    if not weights:
        raise ValueError(f"torchvision has no weights “{start.removeprefix(PUBLISHED)[:60]}”: choose others.")
    if not weights.file.is_file():
        raise ValueError(f"{weights.file.name} is not on this computer: fetch it first.")
    check_weights(weights.file, weights)
    return loaded(weights.file.read_bytes(), weights.file.name)


def of_run(run: str, store: Store) -> dict[str, Tensor]:
    """As of its last checkpoint."""
    title = store.run(run).title
    checkpoint = store.checkpoint(run)
    if not checkpoint:
        raise ValueError(f"{title} has no weights here to start from: choose a run that was trained to its end.")
    return loaded(checkpoint.state, f"The checkpoint of {title}")["model"]


def loaded(content: bytes, name: str) -> dict[str, Any]:
    """Anything that would run code is refused."""
    try:
        return torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
    except (pickle.UnpicklingError, RuntimeError, EOFError):
        raise ValueError(f"{name} cannot be read safely: it was cut short, or holds no weights.") from None


def starting_state(start: str, store: Store) -> bytes:
    """What a run begins with, for `Session.restore`; it travels, as workers elsewhere have neither store nor file."""
    weights = of_run(start.removeprefix(RUN), store) if start.startswith(RUN) else read_weights(start)
    buffer = io.BytesIO()
    torch.save({"model": weights}, buffer)
    return buffer.getvalue()
