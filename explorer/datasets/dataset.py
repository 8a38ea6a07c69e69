"""A dataset: two tensors and the names of its classes, and what is asked of them before training."""

from dataclasses import dataclass
from math import gcd

import torch
from torch import Tensor
from torch.nn import functional as F

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
