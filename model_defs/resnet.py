"""ResNet: add what a block computes to what it was given, and a hundred layers train.

He, Zhang, Ren & Sun, "Deep Residual Learning for Image Recognition", 2015.
"""

from typing import Annotated, Literal

from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs


class BasicBlock(nn.Module):
    """Two 3×3 convolutions whose result is added to the block's own input: they learn a correction to it."""

    expansion = 1

    def __init__(self, in_channels: int, channels: int, stride: int, shortcut: nn.Module | None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.act1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.act2 = nn.ReLU()
        self.shortcut = shortcut  # None: a plain network, with nothing to add

    def forward(self, x: Tensor) -> Tensor:
        y = self.act1(self.norm1(self.conv1(x)))  # (N, channels, H / stride, W / stride)
        y = self.norm2(self.conv2(y))
        return self.act2(y if self.shortcut is None else y + self.shortcut(x))


class Bottleneck(nn.Module):
    """1×1 narrows the channels, 3×3 looks around on the narrow map, 1×1 widens again: depth at a quarter the width."""

    expansion = 4

    def __init__(
        self, in_channels: int, channels: int, stride: int, shortcut: nn.Module | None, stride_in: str = "3x3"
    ) -> None:
        super().__init__()
        first, second = (stride, 1) if stride_in == "1x1" else (1, stride)
        self.conv1 = nn.Conv2d(in_channels, channels, 1, first, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.act1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, second, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.act2 = nn.ReLU()
        self.conv3 = nn.Conv2d(channels, channels * 4, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(channels * 4)
        self.act3 = nn.ReLU()
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y = self.act1(self.norm1(self.conv1(x)))  # (N, channels, H, W)
        y = self.act2(self.norm2(self.conv2(y)))  # (N, channels, H / stride, W / stride)
        y = self.norm3(self.conv3(y))  # (N, 4 × channels, H / stride, W / stride)
        return self.act3(y if self.shortcut is None else y + self.shortcut(x))


class PaddingShortcut(nn.Module):
    """Option A: skip every other pixel and pad the missing channels with zeros; no weights."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.pick = nn.AvgPool2d(1, stride)  # a 1×1 window: takes every stride-th pixel
        self.pad = nn.ZeroPad3d((0, 0, 0, 0, 0, out_channels - in_channels))

    def forward(self, x: Tensor) -> Tensor:
        return self.pad(self.pick(x))  # (N, out_channels, H / stride, W / stride)


def make_shortcut(kind: str, in_channels: int, out_channels: int, stride: int) -> nn.Module | None:
    """The path around a block: the identity wherever the shape allows it."""
    if kind == "none":
        return None
    if in_channels == out_channels and stride == 1:
        return nn.Identity()
    if kind == "padding":
        return PaddingShortcut(in_channels, out_channels, stride)
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))


def make_stem(in_channels: int, width: int) -> nn.Sequential:
    """(N, in_channels, H, W) to (N, width, H / 4, W / 4), cheaply, before the blocks begin."""
    return nn.Sequential(
        nn.Conv2d(in_channels, width, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2, padding=1),
    )


def start_convolutions(network: nn.Module) -> None:
    """Random weights of He et al. 2015, sized so that gradients keep their scale through ReLUs."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


class ResNet(nn.Module):
    """A stem that shrinks the image fourfold, four stages of blocks, and a linear head on the averaged map."""

    def __init__(
        self,
        *,
        block: Literal["basic", "bottleneck"] = "bottleneck",
        blocks: Annotated[tuple[int, int, int, int], Span(1, 40)] = (3, 4, 6, 3),
        width: Annotated[int, Span(8, 128, 8)] = 64,
        stride_in: Literal["1x1", "3x3"] = "3x3",
        shortcut: Literal["projection", "padding", "none"] = "projection",
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(32, 632, 4)] = 224,
    ) -> None:
        super().__init__()
        self.input_shape = (in_channels, image_size, image_size)
        self.stem = make_stem(in_channels, width)
        expansion = 4 if block == "bottleneck" else 1
        self.stage1 = stage(block, width, width, blocks[0], 1, shortcut, stride_in)
        self.stage2 = stage(block, width * expansion, width * 2, blocks[1], 2, shortcut, stride_in)
        self.stage3 = stage(block, width * 2 * expansion, width * 4, blocks[2], 2, shortcut, stride_in)
        self.stage4 = stage(block, width * 4 * expansion, width * 8, blocks[3], 2, shortcut, stride_in)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width * 8 * expansion, num_classes))
        start_convolutions(self)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, width, H / 4, W / 4)
        x = self.stage1(x)
        x = self.stage2(x)  # (N, ..., H / 8, W / 8)
        x = self.stage3(x)  # (N, ..., H / 16, W / 16)
        x = self.stage4(x)  # (N, ..., H / 32, W / 32)
        return self.head(x)  # (N, num_classes)


def stage(
    block: str, in_channels: int, channels: int, blocks: int, stride: int, shortcut: str, stride_in: str
) -> nn.Sequential:
    """Blocks of equal width; only the first may change the shape."""

    def make(in_channels: int, stride: int) -> nn.Module:
        if block == "basic":
            return BasicBlock(in_channels, channels, stride, make_shortcut(shortcut, in_channels, channels, stride))
        path = make_shortcut(shortcut, in_channels, channels * 4, stride)
        return Bottleneck(in_channels, channels, stride, path, stride_in)

    out_channels = channels * (4 if block == "bottleneck" else 1)
    return nn.Sequential(make(in_channels, stride), *(make(out_channels, 1) for _ in range(blocks - 1)))


def preset(depth: int, block: str, blocks: tuple[int, ...]) -> Preset:
    return Preset(f"ResNet-{depth}", knobs(block=block, blocks=blocks), f"resnet{depth}")


ARCHITECTURE = Architecture(
    name="ResNet",
    year=2015,
    idea="Learn a correction to the identity instead of the whole function, so that depth no longer hurts training.",
    paper="He, Zhang, Ren & Sun, “Deep Residual Learning for Image Recognition”, 2015",
    url="https://arxiv.org/abs/1512.03385",
    build=ResNet,
    presets=(
        preset(50, "bottleneck", (3, 4, 6, 3)),
        preset(18, "basic", (2, 2, 2, 2)),
        preset(34, "basic", (3, 4, 6, 3)),
        preset(101, "bottleneck", (3, 4, 23, 3)),
        preset(152, "bottleneck", (3, 8, 36, 3)),
    ),
)
