"""What one number of a network depends on, measured: the gradient at each pixel, and what follows a changed pixel."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from explorer.activations.activations import activations
from explorer.activations.feature_maps import Numbers
from explorer.activations.gradients import GradientRun
from explorer.activations.networks import Look
from explorer.analysis.pixel_windows import PixelFrame

DARK = 128  # a pixel below is set to white, one from here on to black: both are a change


@dataclass(frozen=True, eq=False)
class PixelHeat:
    """The absolute gradient of one number at each pixel, all colours added up."""

    pixels: Numbers  # (H, W)

    @property
    def touched(self) -> int:
        """Pixels whose gradient is not 0."""
        return int(np.count_nonzero(self.pixels))

    def share_within(self, frame: PixelFrame) -> float:
        """Of all the heat; 0 where there is none."""
        top, bottom, left, right = frame
        total = float(self.pixels.sum(dtype=np.float64))
        return float(self.pixels[top:bottom, left:right].sum(dtype=np.float64)) / total if total else 0.0

    def pixels_of_half(self) -> int:
        """How many pixels, the strongest first, hold half of the heat."""
        sums = np.sort(self.pixels, axis=None)[::-1].cumsum(dtype=np.float64)
        return int(np.searchsorted(sums, sums[-1] / 2)) + 1 if sums[-1] else 0

    def bounds(self) -> PixelFrame | None:
        """Around every pixel whose gradient is not 0."""
        rows, columns = np.nonzero(self.pixels)
        if not len(rows):
            return None
        return PixelFrame(int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1)


def pixel_heat(run: GradientRun, node: str, index: tuple[int, ...]) -> PixelHeat:
    """Of the number at `index` of the node's output. Raises `ValueError` where the network has no way back."""
    (found,) = run.one_number(node, index, [run.seen.graph.inputs[0].name])
    return PixelHeat(found.abs().sum(0).numpy())


def middle_half(frame: PixelFrame) -> PixelFrame:
    """Half its rows and half its columns, around its middle: a quarter of its pixels, or as near as whole ones come."""
    top, bottom, left, right = frame
    down, across = (bottom - top) // 4, (right - left) // 4
    return PixelFrame(top + down, bottom - down, left + across, right - across)


def change_pixel(image: Tensor, row: int, column: int) -> tuple[Tensor, str]:
    """A picture (C, H, W) of bytes with that pixel black, or white where it was dark; and which of the two."""
    changed = image.clone()
    colour = "white" if float(image[:, row, column].float().mean()) < DARK else "black"
    changed[:, row, column] = 255 if colour == "white" else 0
    return changed, colour


def outputs_after_change(look: Look, node: str, pixel: tuple[int, int]) -> tuple[Tensor, str]:
    """By how much each number of the node's output differs once that pixel is changed, and the colour it was set to.

    Raises `ValueError` with a sentence where the network stops, or would need too much memory.
    """
    intake = look.live.intake
    changed, colour = change_pixel(intake.fitted(look.picture), *pixel)
    after = activations(look.live.model, intake.numbers(changed)).outputs[node]
    return (after.float() - look.seen.outputs[node].float()).abs(), colour
