"""The datasets by their keys: each read once per process, from the user's data folder."""

from functools import lru_cache
from pathlib import Path
from threading import Lock

from explorer.datasets.dataset import PARTS, Dataset
from explorer.datasets.download import is_archive
from explorer.datasets.image_folder import folder
from explorer.datasets.shapes10 import load_shapes10
from explorer.datasets.torchvision_datasets import SOURCES, fetched_files, present, read_dataset
from explorer.paths import data_folder

KEYS = ("shapes10", "cifar10", "mnist", "fashion")
FOLDER = "folder:"
HELD = 4  # datasets at a time: CIFAR-10 alone is 184 MB
_turns: dict[tuple[str, Path], Lock] = {}


def load_dataset(key: str) -> Dataset:
    """Raises ValueError with a sentence for a key that means nothing and for pictures that cannot be read."""
    place = data_folder()
    with _turns.setdefault((key, place), Lock()):  # two who ask at once read once
        return _read(key, place)


@lru_cache(maxsize=HELD)
def _read(key: str, place: Path) -> Dataset:
    if key == "shapes10":
        return load_shapes10(place / "cache")
    if key in SOURCES:
        return read_dataset(key, place)
    if key.startswith(FOLDER):
        return folder(Path(key.removeprefix(FOLDER)).expanduser(), place / "cache")
    raise ValueError(f"There is no dataset {key}: take {', '.join(KEYS)} or {FOLDER} and a path.")


def is_available(key: str) -> bool:
    """Whether it can be loaded without a network, as far as a look at the names of the files tells."""
    if key.startswith(FOLDER):
        return is_data(Path(key.removeprefix(FOLDER)).expanduser())
    return key == "shapes10" or (key in SOURCES and present(key, data_folder()))


def folders() -> tuple[str, ...]:
    """Keys of the folders and archives of images that lie in the data folder, or of the data folder if it is one."""
    place = data_folder()
    if is_data(place):
        return (f"{FOLDER}{place}",)
    inside = sorted(place.iterdir()) if place.is_dir() else []
    fetched = {file.path for file in fetched_files("cifar10", place)}
    return tuple(f"{FOLDER}{path}" for path in inside if is_data(path) and path not in fetched)


def is_data(path: Path) -> bool:
    return (path.is_file() and is_archive(path)) or all((path / part).is_dir() for part in PARTS)
