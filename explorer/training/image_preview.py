"""Pictures of a dataset as a page can show them: by class, and as augmentation changes them."""

import io
from base64 import b64encode
from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor

from explorer.datasets.dataset import Split
from explorer.training.dataloader import augment, generator

LARGEST = 96  # pixels a side of what is sent; larger pictures are shrunk
STRIDE = 7919  # a prime: some datasets are sorted by class, and neighbours would be alike


def examples(split: Split, label: int, count: int, page: int = 0) -> Tensor:
    """(count or fewer, C, H, W): so many pictures of a class, and with each page the next ones, round and round."""
    own = (split.labels == label).nonzero().flatten()
    return split.images[own.roll(-page * count)[:count]]


def pick_image(split: Split, number: int) -> tuple[Tensor, int]:
    """One picture (C, H, W) and its class; another one for the next number."""
    place = number * STRIDE % len(split)
    return split.images[place], int(split.labels[place])


def sized(image: Tensor, size: int | None) -> Tensor:
    """As the network gets it, before augmentation."""
    return Split(image[None], torch.zeros(1, dtype=torch.int64)).resized(size).images[0] if size else image


def augmented(image: Tensor, kind: str, count: int, seed: int, step: int) -> Tensor:
    """(count, C, H, W): what training may make of one picture (C, H, W) when it comes so many times in one batch."""
    return augment(image.expand(count, *image.shape), kind, generator(seed, "augmentation", step))


def tile(image: Tensor) -> Image.Image:
    """(C, H, W) of bytes, of one channel or three."""
    picture = Image.fromarray((image[0] if len(image) == 1 else image.permute(1, 2, 0)).contiguous().numpy())
    picture.thumbnail((LARGEST, LARGEST))
    return picture


def image_strip(images: Sequence[Tensor] | Tensor, places: int = 0) -> Image.Image:
    """Side by side, with nothing between them and in `places` that stay empty."""
    tiles = [tile(image) for image in images]
    width, height = tiles[0].size if tiles else (1, 1)
    gap = max(1, width // 16)
    whole = Image.new("RGBA", (max(len(tiles), places, 1) * (width + gap) - gap, height))
    for place, picture in enumerate(tiles):
        whole.paste(picture, (place * (width + gap), 0))
    return whole


def address(picture: Image.Image) -> str:
    """The picture itself, as a `data:` address."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"
