"""Which rows and columns of the picture an output's numbers depend on, and where each of them lies on those."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.graph.graph import Shape

Places = NDArray[np.int64]


class PixelFrame(NamedTuple):
    """Rows and columns, each from and up to."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def size(self) -> int:
        return (self.bottom - self.top) * (self.right - self.left)


class Span(NamedTuple):
    """Of each row, or each column, of an output: the pixels from and up to; neither ever falls."""

    first: Places
    end: Places

    def read(self, first: Places, end: Places) -> "Span":
        """Of what reads these of its rows, as far as there are that many; where there are none, the nearest."""
        last = len(self.first) - 1
        return Span(self.first[first.clip(0, last)], self.end[(end - 1).clip(0, last)])

    def with_other(self, other: "Span") -> "Span":
        """One of the two may be the same for all."""
        return Span(np.minimum(self.first, other.first), np.maximum(self.end, other.end))

    def whole(self) -> "Span":
        return Span(self.first[:1], self.end[-1:])


@dataclass(frozen=True, eq=False)
class InputWindows:
    """Of all numbers of one output. They lie on a grid, one row of which depends on the same rows of the picture."""

    rows: Span
    columns: Span
    # "map": (..., H, W); "last": (H, W, C); "tokens": (H·W, D), or one more, before them; "lines": (..., H·W);
    # "flat": (C·H·W,); "one": all depend on the same.
    layout: str
    mixer: str = ""  # the first node that brought in all that it read

    @property
    def grid(self) -> tuple[int, int]:
        return len(self.rows.first), len(self.columns.first)

    def frame(self, shape: Shape, index: tuple[int, ...]) -> PixelFrame:
        """Of the number at `index` of the output, which has that shape."""
        row, column = (int(np.broadcast_to(each, shape)[index]) for each in self.places(shape))
        rows, columns = self.rows, self.columns
        return PixelFrame(
            *(int(each) for each in (rows.first[row], rows.end[row], columns.first[column], columns.end[column]))
        )

    def reached(self, shape: Shape, pixel: tuple[int, int]) -> NDArray[np.bool_]:
        """Of an output of that shape: which of its numbers can depend on the pixel at that row and column."""
        sees = [(span.first <= at) & (at < span.end) for span, at in zip((self.rows, self.columns), pixel, strict=True)]
        row, column = self.places(shape)
        return np.broadcast_to(sees[0][row] & sees[1][column], shape)

    def places(self, shape: Shape) -> tuple[Places, Places]:
        """The row and the column of the grid that each number lies at, to be spread over the shape."""
        high, wide = self.grid
        if self.layout == "map":
            return np.arange(high)[:, None], np.arange(wide)
        if self.layout == "last":
            return np.arange(high)[:, None, None], np.arange(wide)[:, None]
        if self.layout == "one":
            return np.zeros(1, np.int64), np.zeros(1, np.int64)
        count = {"tokens": shape[:1], "lines": shape[-1:], "flat": shape}[self.layout][0]
        order = np.arange(count)
        if self.layout == "tokens":
            order = (order - (count - high * wide)).clip(0)[:, None]  # a class token depends on nothing
        return order // wide % high, order % wide

    def fits(self, shape: Shape) -> bool:
        """Whether an output of that shape can lie on the grid as this one does."""
        high, wide = self.grid
        sizes = {"map": shape[-2:] == (high, wide), "last": len(shape) == 3 and shape[:2] == (high, wide)}
        sizes |= {"tokens": len(shape) == 2 and shape[0] - high * wide in (0, 1), "one": True}
        sizes |= {"lines": len(shape) > 1 and shape[-1] == high * wide}
        return sizes.get(self.layout, len(shape) == 1 and shape[0] % (high * wide) == 0)

    def laid_out(self, layout: str) -> "InputWindows":
        return InputWindows(self.rows, self.columns, layout, self.mixer)
