"""A data set as a session holds it: bytes on the device, cut to the size and the number that the recipe asks for."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from explorer.datasets.dataset import Dataset, Split


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
def prepare(
    dataset: Dataset, size: int | None, subset: int | None, test_subset: int | None, device: torch.device
) -> Pictures:
    """Which pictures a subset holds does not depend on a run's seed: runs that differ in it see the same ones."""
    train = cut(dataset.train, size, subset)
    test = cut(dataset.test, size, test_subset)
    means, deviations = map(torch.tensor, train.mean_and_std())
    deviations = deviations.where(deviations > 0, 1.0)[:, None, None] * 255  # one colour throughout stays one
    offset = -means[:, None, None] * 255 / deviations
    return Pictures(placed(train, device), placed(test, device), (1 / deviations).to(device), offset.to(device))


def cut(split: Split, size: int | None, subset: int | None) -> Split:
    fewer = split.balanced(subset) if subset else split
    return fewer.resized(size) if size else fewer


def placed(split: Split, device: torch.device) -> Split:
    return Split(split.images.to(device), split.labels.to(device))
