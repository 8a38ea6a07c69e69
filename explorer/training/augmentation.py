"""Random crops and flips of a whole batch at once."""

import torch
from torch import Tensor
from torch.nn import functional as F

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
