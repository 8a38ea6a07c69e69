"""Pictures from their bytes: one uint8 array each, square and of one size, or the sentence that says why not."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

Pixels = NDArray[np.uint8]  # (H, W) when grey, else (H, W, 3)
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "PPM", "TIFF")
LARGEST = 64  # px; more would be too slow for any network that trains here
MOST_PIXELS = 50_000_000  # of one picture: beyond it a small file can fill the memory
TOGETHER = 256  # pictures to one task of a thread
Read = Callable[[], bytes]


@dataclass(frozen=True, eq=False)
class Decoded:
    pixels: Pixels  # at most 64 × 64
    size: tuple[int, int]  # width and height that the picture had


def decode(reads: Sequence[Read]) -> list[Decoded | str]:
    """For each picture what it shows or what is wrong with it; in order, on every core."""
    parts = [reads[start : start + TOGETHER] for start in range(0, len(reads), TOGETHER)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [result for part in pool.map(lambda part: [*map(decode_one, part)], parts) for result in part]


def decode_one(read: Read) -> Decoded | str:
    try:
        with Image.open(BytesIO(read()), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return f"has {image.width} × {image.height} pixels, too many"
            if image.mode.startswith(("I", "F")):
                return "has more than 8 bits per channel"
            image.load()
            return Decoded(pixels(image), image.size)
    except UnidentifiedImageError:
        return "is not a picture"
    except (PermissionError, FileNotFoundError):
        return "cannot be opened"
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        return "is cut short" if "truncated" in str(error).lower() else "is damaged"


def pixels(image: Image.Image) -> Pixels:
    ImageOps.exif_transpose(image, in_place=True)
    image = image.convert("L" if image.mode in ("1", "L", "LA") else "RGB")
    if max(image.size) > LARGEST:
        image = ImageOps.fit(image, (LARGEST, LARGEST), Image.Resampling.BICUBIC)
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
