"""Weights: of a run in the store or of a recorded one that they ship with, or torchvision's; checked before use."""

import gzip
import hashlib
import io
import json
import pickle  # for its exception alone
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor

from explorer.datasets.download import File, Progress, download
from explorer.formatting import MIB
from explorer.paths import ASSETS
from explorer.training.runs.recorded_runs import collection, run_summary
from explorer.training.runs.store import Checkpoint, Run, Store

SHIPPED, SEAL = ASSETS / "weights", "weights"  # a run's file there is named after it; its SHA-256 is in the run
RUN, PUBLISHED = "run:", "torchvision:"
BITS = "bits"  # in a file's head: of a number in its kernels and matrices
SCALES = "/scales"  # after a tensor's name: what the whole numbers of each of its rows are to be multiplied by
WHOLE_NUMBERS = {8: torch.int8, 16: torch.int16}
FEW = 1024  # numbers: so many are kept as they are. First and last layers are few, and answers depend on them most.
# Auxiliary classifiers belong to the classes, too; DenseNet's files name its layers as they were once called.
UNFIT = ("googlenet", "inception_v3", "densenet")


@dataclass(frozen=True)
class Published:
    """A file of torchvision's weights."""

    network: str
    address: str
    size: int  # bytes, nearly: torchvision states them with three decimals of a megabyte
    accuracy: float = (
        0.0  # percent of ImageNet's validation pictures whose first answer is right, as torchvision has it
    )
    license: str = ""  # address of one that the weights have of their own, where torchvision names one

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
    offered = [(name, weights) for name in names for weights in models.get_model_weights(name)]
    # Some are of layers without the classifier after them.
    return {
        f"{PUBLISHED}{name}/{each.name}": as_stated(name, each) for name, each in offered if each.meta["categories"]
    }


def as_stated(network: str, weights: Any) -> Published:
    told = weights.meta
    accuracy = told["_metrics"]["ImageNet-1K"]["acc@1"]
    return Published(network, weights.url, round(told["_file_size"] * MIB), accuracy, told.get("license", ""))


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
        foreign = f"{path.name} is damaged or is another file, and nothing of it is used"
        raise ValueError(f"{foreign}: take it out of {path.parent}, and fetch it again.")
    return loaded(path.read_bytes(), path.name)


def of_run(id: str, store: Store) -> dict[str, Tensor]:
    """As of its last checkpoint."""
    recorded = collection()
    run = recorded[id].run if id in recorded else store.run(id)
    checkpoint = weights_of(run, store)
    if not checkpoint:
        raise ValueError(f"{run.title} has no weights here to start from: choose a run that was trained to its end.")
    return loaded(checkpoint.state, f"The checkpoint of {run.title}")["model"]


def weights_of(run: Run, store: Store) -> Checkpoint | None:
    """Its last checkpoint or, of a recorded run, the weights that ship with it: these without an optimiser's state.

    Raises `ValueError` with a sentence where they were to ship and are not what was recorded.
    """
    if not run.recorded:
        return store.checkpoint(run.id)
    if not ships(run):
        return None
    buffer = io.BytesIO()
    torch.save({"model": unpack_weights(shipped_bytes(run))}, buffer)
    return Checkpoint(run.step, buffer.getvalue())


def ships(run: Run) -> bool:
    """Whether it is a recorded run whose weights come with the program; what a visitor brought has none."""
    return bool(run_summary(run, SEAL)) and run.id in collection().shipped


def shipped_file(run: Run) -> Path:
    return SHIPPED / f"{run.id}.safetensors.gz"


def shipped_bytes(run: Run) -> bytes:
    """Raises `ValueError` with a sentence where it is not what was recorded."""
    file = shipped_file(run)
    packed = file.read_bytes() if file.is_file() else b""
    if hashlib.sha256(packed).hexdigest() != run_summary(run, SEAL):
        raise ValueError(f"{file.name} is missing or damaged, and nothing of it is used: install the program again.")
    return packed


def shipped_head(run: Run) -> dict[str, str]:
    """What its file says of the weights."""
    return read_head(shipped_bytes(run))


def read_head(packed: bytes) -> dict[str, str]:
    """Of what `pack_weights` packed: its length, then JSON, as the format of safetensors has it."""
    with gzip.open(io.BytesIO(packed)) as file:
        return json.loads(file.read(int.from_bytes(file.read(8), "little")))["__metadata__"]


def pack_weights(model: Mapping[str, Tensor], about: Mapping[str, str], bits: int) -> bytes:
    """As they ship: safetensors, compressed. Kernels and matrices are whole numbers of 8 or 16 bits, and a scale a row.

    So 16 bits are ten times as close as a floating-point number of 16. What is few stays as it is.
    """
    tensors: dict[str, Tensor] = {}
    for name, tensor in model.items():
        if tensor.is_floating_point() and tensor.ndim > 1 and tensor.numel() > FEW:
            tensors[name], tensors[name + SCALES] = whole_numbers(tensor, bits)
        else:
            tensors[name] = in_rows(tensor)
    return gzip.compress(save(tensors, {"format": "pt", BITS: str(bits), **about}), mtime=0)


def whole_numbers(tensor: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """(rows, …), of which the largest of each row is the largest of so many bits; and its scales, (rows,)."""
    rows, dtype = tensor.flatten(1), WHOLE_NUMBERS[bits]
    scales = rows.abs().amax(1).clamp_min(torch.finfo(rows.dtype).tiny) / torch.iinfo(dtype).max
    return in_rows((rows / scales[:, None]).round().to(dtype).view(tensor.shape)), scales


def in_rows(tensor: Tensor) -> Tensor:
    """Not channels last, and sharing no memory with another: safetensors knows neither."""
    return tensor.contiguous().clone()


def unpack_weights(packed: bytes) -> dict[str, Tensor]:
    """What `pack_weights` packed, as numbers of 32 bits."""
    tensors = load(gzip.decompress(packed))
    scales = {name.removesuffix(SCALES): tensors.pop(name) for name in list(tensors) if name.endswith(SCALES)}
    return tensors | {
        name: tensors[name] * scale.view(-1, *[1] * (tensors[name].ndim - 1)) for name, scale in scales.items()
    }


def shipped_safetensors(run: Run) -> bytes:
    """For other programs: its file uncompressed, in 32 bits a number."""
    packed = shipped_bytes(run)
    return save(unpack_weights(packed), read_head(packed))


def safetensors_bytes(checkpoint: bytes, about: dict[str, str]) -> bytes:
    """The network's tensors as safetensors, with `about` in the file's head; the optimiser's are left behind."""
    model = loaded(checkpoint, "This checkpoint")["model"]
    return save({name: in_rows(tensor) for name, tensor in model.items()}, {"format": "pt"} | about)


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
