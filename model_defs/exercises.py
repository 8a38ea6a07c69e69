"""Exercise nets: the small networks that the lesson's exercises build, train and compare.

The lesson does not define `CIFAR10Net`; the one here is the usual one: three times convolve, norm, ReLU and pool, then
a hidden layer.
"""

from functools import partial
from typing import Annotated, Literal

from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs
from model_defs.resnet import BasicBlock, make_shortcut
from model_defs.se import SqueezeExcitation


class ConvBlock(nn.Module):
    """One 3×3 convolution, normed and rectified: the plain block that a residual one is measured against."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(x)))  # (N, channels, H, W)


class ExerciseNet(nn.Module):
    """Three stages in which one idea at a time, a sum or an attention, can be switched on, so that it can be judged."""

    def __init__(
        self,
        *,
        blocks: Annotated[tuple[int, int, int], Span(1, 4)] = (2, 2, 2),
        width: Annotated[int, Span(16, 128, 16)] = 32,
        residual: bool = False,
        shortcut: Literal["projection", "none"] = "projection",
        squeeze_excite: bool = False,
        hidden: Annotated[int, Span(0, 512, 64)] = 0,
        num_classes: Annotated[int, Span(1, 1000)] = 10,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(8, 128, 4)] = 32,
    ) -> None:
        super().__init__()
        if image_size < 8 and not residual:
            raise ValueError(f"An image of {image_size} px is pooled three times: the least side is 8.")
        self.input_shape = (in_channels, image_size, image_size)
        stage = partial(block_stage, shortcut=shortcut) if residual else plain_stage
        self.stem = ConvBlock(in_channels, width) if residual else None
        self.stage1 = stage(width if residual else in_channels, width, blocks[0], first=True)
        self.stage2 = stage(width, width * 2, blocks[1])
        if squeeze_excite:  # behind the second convolution, if each stage has one block
            self.stage2.insert(blocks[1], SqueezeExcitation(width * 2, width * 2 // 16))
        self.stage3 = stage(width * 2, width * 4, blocks[2])
        side = -(-image_size // 4) if residual else image_size // 8
        self.head = hidden_head(width * 4, side, hidden, num_classes) if hidden else mean_head(width * 4, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        if self.stem is not None:
            x = self.stem(x)  # (N, width, H, W)
        x = self.stage1(x)  # (N, width, H / 2, W / 2), or H, W if residual
        x = self.stage2(x)  # (N, 2 × width, H / 4, W / 4), or H / 2, W / 2
        x = self.stage3(x)  # (N, 4 × width, H / 8, W / 8), or H / 4, W / 4
        return self.head(x)  # (N, num_classes)


def plain_stage(in_channels: int, channels: int, count: int, first: bool = False) -> nn.Sequential:
    """Convolutions of equal width, then a pooling that halves the map, in the first stage too."""
    rest = (ConvBlock(channels, channels) for _ in range(count - 1))
    return nn.Sequential(ConvBlock(in_channels, channels), *rest, nn.MaxPool2d(2))


def block_stage(in_channels: int, channels: int, count: int, first: bool = False, *, shortcut: str) -> nn.Sequential:
    """Residual blocks, or the same without shortcuts; the first one halves the map, except in the first stage."""
    strides = [1 if first else 2, *[1] * (count - 1)]
    widths = [in_channels, *[channels] * (count - 1)]
    ways = [make_shortcut(shortcut, width, channels, stride) for width, stride in zip(widths, strides, strict=True)]
    parts = zip(widths, strides, ways, strict=True)
    return nn.Sequential(*(BasicBlock(width, channels, stride, way) for width, stride, way in parts))


def mean_head(channels: int, num_classes: int) -> nn.Sequential:
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, num_classes))


def hidden_head(channels: int, side: int, hidden: int, num_classes: int) -> nn.Sequential:
    """Reads every pixel of the last map, which is where most of such a network's weights are."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(channels * side * side, hidden), nn.ReLU(), nn.Linear(hidden, num_classes)
    )


CIFAR10NET = {"blocks": (1, 1, 1), "hidden": 256}

ARCHITECTURE = Architecture(
    name="Exercise nets",
    year=2017,  # of the youngest idea in them
    idea="Change one thing at a time in a network small enough to train while you wait.",
    paper="The lesson’s exercises; their blocks are those of He et al. 2015 and Hu et al. 2017",
    url="https://arxiv.org/abs/1512.03385",
    build=ExerciseNet,
    presets=(
        Preset("Plain 6-layer CNN", knobs(blocks=(2, 2, 2))),
        Preset("6-block ResNet", knobs(blocks=(2, 2, 2), residual=True)),
        Preset(
            "4-block ResNet (1×28×28)", knobs(blocks=(1, 1, 2), width=16, residual=True, in_channels=1, image_size=28)
        ),
        Preset("CIFAR10Net", knobs(**CIFAR10NET)),
        Preset("CIFAR10Net + SE", knobs(**CIFAR10NET, squeeze_excite=True)),
    ),
)
