"""LeNet: one small filter, slid over the whole image, learns to read digits.

LeCun, Bottou, Bengio & Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998.
"""

from typing import Annotated, Literal

from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}
POOLS = {"average": nn.AvgPool2d, "max": nn.MaxPool2d}


class LeNet(nn.Module):
    """Convolving finds strokes wherever they are, pooling blurs where that was, and linear layers name the digit."""

    def __init__(
        self,
        *,
        channels: Annotated[tuple[int, int], Span(1, 64)] = (6, 16),
        hidden: Annotated[tuple[int, int], Span(4, 512, 4)] = (120, 84),
        activation: Literal["tanh", "relu"] = "tanh",
        pool: Literal["average", "max"] = "average",
        num_classes: Annotated[int, Span(1, 1000)] = 10,
        in_channels: Annotated[int, Span(1, 16)] = 1,
        image_size: Annotated[int, Span(16, 128, 4)] = 32,
    ) -> None:
        super().__init__()
        if image_size < 16:
            raise ValueError(f"An image of {image_size} px is used up by the two convolutions: the least side is 16.")
        self.input_shape = (in_channels, image_size, image_size)
        act, shrink = ACTIVATIONS[activation], POOLS[pool]
        side = ((image_size - 4) // 2 - 4) // 2  # a 5×5 window without padding costs 4 pixels
        self.stage1 = nn.Sequential(nn.Conv2d(in_channels, channels[0], 5), act(), shrink(2))
        self.stage2 = nn.Sequential(nn.Conv2d(channels[0], channels[1], 5), act(), shrink(2))
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels[1] * side * side, hidden[0]),
            act(),
            nn.Linear(hidden[0], hidden[1]),
            act(),
            nn.Linear(hidden[1], num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.stage1(x)  # (N, 6, 14, 14) for 32 px
        x = self.stage2(x)  # (N, 16, 5, 5)
        return self.head(x)  # (N, num_classes)


ARCHITECTURE = Architecture(
    name="LeNet",
    year=1998,
    idea="Slide one small filter over the whole image: what it learns in one place, it knows everywhere.",
    paper="LeCun, Bottou, Bengio & Haffner, “Gradient-Based Learning Applied to Document Recognition”, 1998",
    url="http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf",
    build=LeNet,
    presets=(
        Preset("LeNet-5"),
        Preset("LeNet-style for CIFAR-10", knobs(activation="relu", pool="max", in_channels=3)),
    ),
)
