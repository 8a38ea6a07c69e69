"""CIFAR-10, MNIST and FashionMNIST from torchvision, each file checked by its published checksum before it is read."""

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from explorer.datasets.dataset import Dataset, Split
from explorer.datasets.download import File, Progress, checksum, download, download_problem


@dataclass(frozen=True)
class DatasetSource:
    name: str  # torchvision's class is called so, too
    title: str
    origin: str
    size: int  # bytes to fetch


SOURCES = {
    "cifar10": DatasetSource("CIFAR10", "CIFAR-10", "Krizhevsky 2009, cs.toronto.edu/~kriz", 170_498_071),
    "mnist": DatasetSource("MNIST", "MNIST", "LeCun, Cortes & Burges 1998", 11_594_722),
    "fashion": DatasetSource("FashionMNIST", "FashionMNIST", "Xiao, Rasul & Vollgraf 2017", 30_878_645),
}


def torchvision_class(key: str) -> Any:
    """torchvision's own class, for its addresses and checksums."""
    import torchvision.datasets

    return getattr(torchvision.datasets, SOURCES[key].name)


def fetched_files(key: str, root: Path) -> list[File]:
    source = torchvision_class(key)
    if key == "cifar10":
        return [File(root / source.filename, source.tgz_md5, (source.url,))]
    raw = root / source.__name__ / "raw"
    return [File(raw / name, md5, tuple(each + name for each in source.mirrors)) for name, md5 in source.resources]


def present(key: str, root: Path) -> bool:
    """Whether all its files are there; whether they are whole is asked when they are read."""
    return all(path.is_file() for path in needed(key, root))


def needed(key: str, root: Path) -> dict[Path, str]:
    """The files that are read, with their checksums."""
    source = torchvision_class(key)
    if key != "cifar10":
        return {file.path: file.digest for file in fetched_files(key, root)}
    listed = [*source.train_list, *source.test_list, (source.meta["filename"], source.meta["md5"])]
    return {root / source.base_folder / name: md5 for name, md5 in listed}


def read_dataset(key: str, root: Path) -> Dataset:
    """Raises ValueError that names the file when one is missing or is not, byte for byte, what was published."""
    for path, md5 in needed(key, root).items():
        if not path.is_file():
            raise ValueError(f"{SOURCES[key].title} is not complete, {path.name} is missing: fetch it again.")
        if checksum(path) != md5:
            raise ValueError(f"{path} is damaged or is another file, and nothing of it is used: fetch it again.")
    return pickled(key, root) if key == "cifar10" else read_packed(key, root)


def pickled(key: str, root: Path) -> Dataset:
    """torchvision unpickles here, which could run any code: only files that passed the check may come this far."""
    about, parts = SOURCES[key], [torchvision_class(key)(root, train=train) for train in (True, False)]
    splits = []
    for part in parts:
        images = torch.from_numpy(np.ascontiguousarray(part.data.transpose(0, 3, 1, 2)))
        splits.append(Split(images, torch.tensor(part.targets, dtype=torch.int64)))
    return Dataset(key, about.title, about.origin, tuple(parts[0].classes), *splits)


def read_packed(key: str, root: Path) -> Dataset:
    """From the packed files: the unpacked ones that torchvision leaves beside them carry no checksum."""
    about = SOURCES[key]
    arrays = [unpacked(file.path) for file in fetched_files(key, root)]  # pictures and labels to train, then to test
    splits = [Split(arrays[at].unsqueeze(1), arrays[at + 1].to(torch.int64)) for at in (0, 2)]
    return Dataset(key, about.title, about.origin, tuple(torchvision_class(key).classes), *splits)


def unpacked(path: Path) -> torch.Tensor:
    """One array of bytes in the IDX format: the count of its axes, their lengths, what it holds."""
    content = gzip.decompress(path.read_bytes())
    axes = content[3]
    lengths = np.frombuffer(content, ">i4", axes, offset=4)
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(lengths).copy())


def fetch_dataset(key: str, root: Path, progress: Progress = lambda done, size: None) -> None:
    """Downloads what is missing or damaged, as `download` does, and unpacks it."""
    size, done = SOURCES[key].size, 0
    for file in fetched_files(key, root):
        if not (file.path.is_file() and file.is_whole()):
            download(file, lambda count, done=done: progress(done + count, size))
        done += file.path.stat().st_size
        progress(done, size)
    if key == "cifar10":
        unpack_dataset(key, root)


def unpack_dataset(key: str, root: Path) -> None:
    from torchvision.datasets.utils import extract_archive

    (archive,) = fetched_files(key, root)
    try:
        extract_archive(str(archive.path), str(root))
    except OSError as error:
        raise ValueError(f"{archive.path.name} could not be unpacked: {download_problem(error)}.") from error
