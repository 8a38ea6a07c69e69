"""Weights to start from: those of a run in the store, or those that torchvision publishes, checked before use."""

import io
import pickle  # for its exception alone
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from explorer.datasets.download import File, Progress, download
from explorer.formatting import MIB
from explorer.training.runs.store import Store

RUN, PUBLISHED = "run:", "torchvision:"
# Auxiliary classifiers belong to the classes, too; DenseNet's files name its layers as they were once called.
UNFIT = ("googlenet", "inception_v3", "densenet")


@dataclass(frozen=True)
class Published:
    """A file of torchvision's weights."""

    network: str
    address: str
    size: int  # bytes, nearly: torchvision states them with three decimals of a megabyte

    @property
    def file(self) -> File:
        """Where torchvision itself would put it and look for it; its name ends with the first digits of its SHA-256."""
        path = Path(torch.hub.get_dir(), "checkpoints", self.address.rpartition("/")[2])
        return File(path, path.stem.rpartition("-")[2], (self.address,), "sha256")


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
    return tuple(start for start, weights in published_weights().items() if weights.file.path.is_file())


def fetch_weights(start: str, progress: Progress = lambda done, size: None) -> None:
    """As `download` does."""
    weights = published_weights()[start]
    download(weights.file, lambda done: progress(done, weights.size))


def read_weights(start: str) -> dict[str, Tensor]:
    """Of torchvision. Raises `ValueError` that names the file when it is missing or is not what was published."""
    weights = published_weights().get(start)
    if not weights:
        raise ValueError(f"torchvision has no weights “{start.removeprefix(PUBLISHED)[:60]}”: choose others.")
    path = weights.file.path
    if not path.is_file():
        raise ValueError(f"{path.name} is not on this computer: fetch it first.")
    if not weights.file.is_whole():
        raise ValueError(f"{path.name} is damaged or is another file, and nothing of it is used: fetch it again.")
    return loaded(path.read_bytes(), path.name)


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
