"""Batches: the order of an epoch, crops and flips of a whole batch at once, all from the run's seed and step."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.datasets.dataset import Dataset, Split

PADDING = 4  # pixels on each side, as in He et al. 2015


def augment(images: Tensor, kind: str, chance: torch.Generator) -> Tensor:
    """(N, C, H, W) to the same shape; each picture is moved and mirrored by itself."""
    if kind == "none":
        return images
    flips = torch.rand(len(images), generator=chance) < 0.5
    if kind == "flip":
        return flip(images, flips.to(images.device))
    shifts = torch.randint(0, 2 * PADDING + 1, (2, len(images)), generator=chance)
    return flip(crop(images, shifts.to(images.device)), flips.to(images.device))


def flip(images: Tensor, flips: Tensor) -> Tensor:
    return torch.where(flips[:, None, None, None], images.flip(3), images)


def crop(images: Tensor, shifts: Tensor) -> Tensor:
    """Padded with black, then cut to its old size `shifts` (2, N) below and right of the padded corner."""
    height, width = images.shape[2:]
    padded = F.pad(images, (PADDING,) * 4)
    windows = padded.unfold(2, height, 1).unfold(3, width, 1)  # (N, C, 9, 9, H, W), a view
    return windows[torch.arange(len(images), device=images.device), :, shifts[0], shifts[1]]


def seed_for(seed: int, purpose: str, step: int) -> int:
    """The same on every machine; steps and purposes that lie close give seeds that do not."""
    return zlib.crc32(f"{purpose} {step} of run {seed}".encode())


def generator(seed: int, purpose: str, step: int = 0) -> torch.Generator:
    """On the CPU, whatever the device: the same pictures in the same order everywhere."""
    return torch.Generator().manual_seed(seed_for(seed, purpose, step))


@contextmanager
def chance(seed: int, purpose: str, step: int, device: torch.device) -> Iterator[None]:
    """Lends torch's default generators to one piece of work, and gives them back as they were.

    Weight initialisation and dropout take no generator, so theirs must be the default one. While it is lent, no other
    thread should draw from it: sessions run in worker processes of one thread.
    """
    there = None if device.type == "cpu" else torch.get_device_module(device)
    before, before_there = torch.get_rng_state(), there.get_rng_state() if there else None
    try:
        torch.set_rng_state(generator(seed, purpose, step).get_state())
        if there:
            there.set_rng_state(torch.Generator(device).manual_seed(seed_for(seed, purpose, step)).get_state())
        yield
    finally:
        torch.set_rng_state(before)
        if there:
            there.set_rng_state(before_there)


class EpochOrder:
    """A batch may end one epoch and begin the next, so that every picture is seen once an epoch."""

    def __init__(self, seed: int, count: int, batch: int) -> None:
        self.seed, self.count, self.batch = seed, count, batch
        self.epoch, self.shuffled = -1, torch.empty(0)

    def at(self, step: int) -> Tensor:
        """(batch,) numbers of pictures, for the update `step`, the first being 0."""
        epoch, first = divmod(step * self.batch, self.count)
        here = self.shuffle(epoch)[first : first + self.batch]
        missing = self.batch - len(here)
        return torch.cat((here, self.shuffle(epoch + 1)[:missing])) if missing else here

    def shuffle(self, epoch: int) -> Tensor:
        if self.epoch != epoch:
            self.epoch = epoch
            self.shuffled = torch.randperm(self.count, generator=generator(self.seed, "order", epoch))
        return self.shuffled


@dataclass(frozen=True, eq=False)
class Pictures:
    train: Split
    test: Split
    scale: Tensor  # (C, 1, 1): what a byte is multiplied by,
    offset: Tensor  # and what is then added, so that the training set has mean 0 and deviation 1 in every channel

    def normalised(self, images: Tensor) -> Tensor:
        """(N, C, H, W) of bytes to numbers, channels last."""
        numbers = images.to(torch.float32, memory_format=torch.channels_last)
        return torch.addcmul(self.offset, numbers, self.scale)


@lru_cache(maxsize=4)  # the runs that take turns in one worker mostly see the same pictures
def prepare_images(
    dataset: Dataset, size: int | None, subset: int | None, test_subset: int | None, device: torch.device
) -> Pictures:
    """Which pictures a subset holds does not depend on a run's seed: runs that differ in it see the same ones."""
    train = cut(dataset.train, size, subset)
    test = cut(dataset.test, size, test_subset)
    means, deviations = map(torch.tensor, train.mean_and_std())
    deviations = deviations.where(deviations > 0, 1.0)[:, None, None] * 255  # one colour throughout stays one
    offset = -means[:, None, None] * 255 / deviations
    return Pictures(on_device(train, device), on_device(test, device), (1 / deviations).to(device), offset.to(device))


def cut(split: Split, size: int | None, subset: int | None) -> Split:
    fewer = split.balanced(subset) if subset else split
    return fewer.resized(size) if size else fewer


def on_device(split: Split, device: torch.device) -> Split:
    return Split(split.images.to(device), split.labels.to(device))
