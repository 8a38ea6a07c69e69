"""Which pictures come when: every epoch shuffled anew, one after another without a gap."""

import torch
from torch import Tensor

from explorer.training.chance import generator


class Order:
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
