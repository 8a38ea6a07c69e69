"""Any folder of images as a dataset: `train/<class>/…` and `test/<class>/…`, or an archive of such a folder."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from explorer.datasets.dataset import PARTS, Dataset, Kept, cached_arrays
from explorer.datasets.download import archive_members, is_archive
from explorer.formatting import check_words

LAYOUT = "put the pictures into train/<class>/… and test/<class>/…"
LEFT_BEHIND = ("thumbs.db", "desktop.ini", "__MACOSX")  # by file managers, beside all that starts with a dot
LONGEST = 100  # letters of a class's name
NAMED = 8  # bad files a sentence can bear
CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
Pixels = NDArray[np.uint8]  # (H, W) when grey, else (H, W, 3)
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "PPM", "TIFF")
LARGEST = 64  # px; more would be too slow for any network that trains here
MOST_PIXELS = 50_000_000  # of one picture: beyond it a small file can fill the memory
TOGETHER = 256  # pictures to one task of a thread
Read = Callable[[], bytes]


@dataclass(frozen=True)
class ImageFile:
    name: str  # train/cat/0001.png
    read: Read

    @property
    def part(self) -> str:
        return self.name.split("/")[0]

    @property
    def label(self) -> str:
        return self.name.split("/")[1]


@dataclass(frozen=True, eq=False)
class Decoded:
    pixels: Pixels  # at most 64 × 64
    size: tuple[int, int]  # width and height that the picture had


def folder(path: Path, cache: Path | None = None) -> Dataset:
    """The pictures of a folder or archive, classes and files in the order of their names.

    What was read is kept in the folder `cache`, and taken from there as long as no file has changed. Raises ValueError
    that names the bad files unless every single one can be read.
    """
    if not (path.is_dir() or (path.is_file() and is_archive(path))):
        raise ValueError(f"{path} is neither a folder nor a .zip or .tar.gz file: {LAYOUT}, and give that folder.")
    try:
        mark, inside = folder_fingerprint(path), in_archive if path.is_file() else in_folder
        found = cached_arrays(cache, path, mark, lambda: read_folder(path, list(inside(path))))
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}): look at its rights, or copy it.") from error
    return Dataset(f"folder:{path}", folder_title(path, found), found.origin, found.classes, *found.splits())


def folder_title(path: Path, found: Kept) -> str:
    """The folder's name, unless it is CIFAR-10 saved anew: not the original bytes, and not to be taken for them."""
    if found.classes == CIFAR and found.images["train"].shape == (50_000, 3, 32, 32):
        return f"CIFAR-10 ({found.format})"
    return path.name.split(".")[0] if path.is_file() else path.resolve().name


def part_files(path: Path) -> Iterator[os.DirEntry[str]]:
    return (entry for part in PARTS if (path / part).is_dir() for entry in files(path / part))


def files(path: Path) -> Iterator[os.DirEntry[str]]:
    """All files below, by name."""
    for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
        if not passed_over(entry.name):
            yield from files(Path(entry.path)) if entry.is_dir() else (entry,)


def passed_over(name: str) -> bool:
    return name.startswith(".") or name in LEFT_BEHIND or name.lower() in LEFT_BEHIND


def folder_fingerprint(path: Path) -> str:
    """A mark that changes with the name, size or time of any file."""
    mark = hashlib.sha256()
    for entry in (path,) if path.is_file() else part_files(path):
        status = entry.stat()
        mark.update(f"{os.fspath(entry)}\n{status.st_size}\n{status.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return mark.hexdigest()


def in_folder(path: Path) -> Iterator[ImageFile]:
    for entry in part_files(path):
        file = Path(entry.path)
        yield ImageFile(file.relative_to(path).as_posix(), file.read_bytes)


def in_archive(path: Path) -> Iterator[ImageFile]:
    """Its pictures, whether train and test lie at the top or within the one folder there."""
    found = archive_members(path)
    parts = {name: PurePosixPath(name).parts for name in sorted(found)}
    parts = {name: each for name, each in parts.items() if each and not any(map(passed_over, each))}
    within = 0 if any(each[0] in PARTS for each in parts.values()) else 1
    for name, each in parts.items():
        if len(each) > within + 1 and each[within] in PARTS:
            yield ImageFile("/".join(each[within:]), partial(found.__getitem__, name))


def read_folder(path: Path, pictures: Sequence[ImageFile]) -> Kept:
    refuse(path, {picture.name: "lies in no class" for picture in pictures if picture.name.count("/") < 2})
    classes = checked_classes(path, pictures)
    decoded = decode([picture.read for picture in pictures])
    both = list(zip(pictures, decoded, strict=True))
    refuse(path, {picture.name: result for picture, result in both if isinstance(result, str)})
    whole = [result for result in decoded if isinstance(result, Decoded)]
    images = stack_images(whole)
    labels = np.array([classes.index(picture.label) for picture in pictures], np.int64)
    within = {part: np.array([picture.part == part for picture in pictures]) for part in PARTS}
    return Kept(
        images={part: images[mask] for part, mask in within.items()},
        labels={part: labels[mask] for part, mask in within.items()},
        classes=classes,
        origin=f"{len(pictures):,} pictures from {path.name}{what_was_done(whole, images.shape[-1])}",
        format=PurePosixPath(pictures[0].name).suffix[1:].upper().replace("JPG", "JPEG"),
    )


def checked_classes(path: Path, pictures: Iterable[ImageFile]) -> tuple[str, ...]:
    labels = {part: {picture.label for picture in pictures if picture.part == part} for part in PARTS}
    for part in PARTS:
        if not labels[part]:
            raise ValueError(f"{path.name} has no pictures in {part}: {LAYOUT}.")
    if only := sorted(labels["train"] ^ labels["test"]):
        part = "train" if only[0] in labels["train"] else "test"
        raise ValueError(f"The class {only[0]} of {path.name} has pictures in {part} only: give it some in both.")
    for label in labels["train"]:
        try:
            check_words(label, LONGEST)
        except ValueError:
            named = label.encode("ascii", "backslashreplace").decode()[:60]
            raise ValueError(f"The class {named} of {path.name} has a name that cannot be shown: rename it.") from None
    if len(labels["train"]) < 2:
        raise ValueError(f"{path.name} has one class only: a network needs at least two to tell apart.")
    return tuple(sorted(labels["train"]))


def refuse(path: Path, bad: dict[str, str]) -> None:
    if bad:
        named = ", ".join(f"{name} {why}" for name, why in list(bad.items())[:NAMED])
        rest = f" and {len(bad) - NAMED:,} more" if len(bad) > NAMED else ""
        raise ValueError(f"Nothing of {path.name} is used, because {named}{rest}: mend or remove what is named.")


def decode(reads: Sequence[Read]) -> list[Decoded | str]:
    """For each picture what it shows or what is wrong with it; in order, on every core."""
    parts = [reads[start : start + TOGETHER] for start in range(0, len(reads), TOGETHER)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [result for part in pool.map(lambda part: [*map(decode_one, part)], parts) for result in part]


def decode_one(read: Read, largest: int = LARGEST) -> Decoded | str:
    try:
        with Image.open(BytesIO(read()), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return f"has {image.width} × {image.height} pixels, too many"
            if image.mode.startswith(("I", "F")):
                return "has more than 8 bits per channel"
            image.load()
            return Decoded(pixels(image, largest), image.size)
    except UnidentifiedImageError:
        return "is not a picture"
    except (PermissionError, FileNotFoundError):
        return "cannot be opened"
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        return "is cut short" if "truncated" in str(error).lower() else "is damaged"


def read_picture(content: bytes, largest: int = LARGEST) -> Pixels:
    """(C, S, S), square, at most so many pixels a side. Raises `ValueError` with a sentence for what is no picture."""
    found = decode_one(lambda: content, largest)
    if isinstance(found, str):
        raise ValueError(f"This file {found}: choose another picture.")
    return stack_images([found])[0]


def pixels(image: Image.Image, largest: int = LARGEST) -> Pixels:
    ImageOps.exif_transpose(image, in_place=True)
    image = image.convert("L" if image.mode in ("1", "L", "LA") else "RGB")
    if max(image.size) > largest:
        image = ImageOps.fit(image, (largest, largest), Image.Resampling.BICUBIC)
    return np.asarray(image)


def stack_images(pictures: Sequence[Decoded]) -> Pixels:
    """(N, C, S, S) with the side of the largest, and C = 1 when all are grey."""
    side = max(max(picture.pixels.shape[:2]) for picture in pictures)
    channels = 3 if any(picture.pixels.ndim == 3 for picture in pictures) else 1
    images = np.empty((len(pictures), channels, side, side), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        pixels = picture.pixels
        if pixels.shape[:2] != (side, side):
            pixels = np.asarray(ImageOps.fit(Image.fromarray(pixels), (side, side), Image.Resampling.BICUBIC))
        image[:] = pixels if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    return images


def what_was_done(pictures: Sequence[Decoded], side: int) -> str:
    """To give them one size; nothing when they had it."""
    sizes = {picture.size for picture in pictures}
    if sizes == {(side, side)}:
        return ""
    had = "differing sizes" if len(sizes) > 1 else "{} × {} px".format(*sizes.pop())
    return f", of {had} and cut to squares of {side} px"
