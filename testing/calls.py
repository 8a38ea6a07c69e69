"""Networks made of a function, for tests."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn


class Calls(nn.Module):
    """Whatever is given as `forward`, with what it needs as attributes."""

    def __init__(self, forward: Callable[[Any, Tensor], object], **parts: Any) -> None:
        super().__init__()
        self.then = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x: Tensor) -> object:
        return self.then(self, x)
