"""SE-ResNet: let a network turn its own channels up and down, by what it sees in the whole image.

Hu, Shen, Albanie, Sun & Wu, "Squeeze-and-Excitation Networks", 2017.
"""

from typing import Annotated, Literal

from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs
from model_defs.resnet import BasicBlock, make_shortcut, make_stem, start_convolutions
from model_defs.resnext import ResNeXtBlock


class SqueezeExcitation(nn.Module):
    """Average each channel over the image, weigh all averages together, and scale each channel by a gate from 0 to 1.

    `squeezed` is the number of channels between the two weighings.
    """

    def __init__(
        self, channels: int, squeezed: int, act: type[nn.Module] = nn.ReLU, gate: type[nn.Module] = nn.Sigmoid
    ) -> None:
        super().__init__()
        self.squeeze = nn.AdaptiveAvgPool2d(1)
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.act = act()
        self.expand = nn.Conv2d(squeezed, channels, 1)
        self.gate = gate()

    def forward(self, x: Tensor) -> Tensor:
        y = self.squeeze(x)  # (N, C, 1, 1)
        y = self.act(self.reduce(y))  # (N, squeezed, 1, 1)
        y = self.gate(self.expand(y))  # (N, C, 1, 1)
        return x * y


class SEBasicBlock(BasicBlock):
    """A basic block that weighs the channels of its correction before adding it."""

    def __init__(self, in_channels: int, channels: int, stride: int, reduction: int) -> None:
        super().__init__(in_channels, channels, stride, make_shortcut("projection", in_channels, channels, stride))
        self.se = SqueezeExcitation(channels, channels // reduction)

    def forward(self, x: Tensor) -> Tensor:
        y = self.act1(self.norm1(self.conv1(x)))  # (N, channels, H / stride, W / stride)
        y = self.se(self.norm2(self.conv2(y)))
        return self.act2(y + (x if self.shortcut is None else self.shortcut(x)))


class SEBottleneck(ResNeXtBlock):
    """A bottleneck, in groups or whole, that weighs the channels of its correction before adding it."""

    def __init__(
        self, in_channels: int, out_channels: int, inner: int, stride: int, groups: int, reduction: int
    ) -> None:
        super().__init__(in_channels, out_channels, inner, stride, groups)
        self.se = SqueezeExcitation(out_channels, out_channels // reduction)

    def forward(self, x: Tensor) -> Tensor:
        y = self.act1(self.norm1(self.conv1(x)))  # (N, inner, H, W)
        y = self.act2(self.norm2(self.conv2(y)))  # (N, inner, H / stride, W / stride)
        y = self.se(self.norm3(self.conv3(y)))  # (N, out_channels, H / stride, W / stride)
        return self.act3(y + (x if self.shortcut is None else self.shortcut(x)))


class SEResNet(nn.Module):
    """A ResNet or ResNeXt with a gate on every block: a tenth more parameters, hardly any more multiply-adds."""

    def __init__(
        self,
        *,
        block: Literal["basic", "bottleneck"] = "bottleneck",
        blocks: Annotated[tuple[int, int, int, int], Span(1, 40)] = (3, 4, 6, 3),
        cardinality: Annotated[int, Span(1, 64)] = 1,
        group_width: Annotated[int, Span(1, 64)] = 64,
        reduction: Annotated[int, Span(1, 64)] = 16,
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(32, 512, 32)] = 224,
    ) -> None:
        super().__init__()
        if block == "basic" and (cardinality, group_width) != (1, 64):
            raise ValueError("Basic blocks are not cut into groups: set cardinality to 1 and group width to 64.")
        self.input_shape = (in_channels, image_size, image_size)
        expansion = 1 if block == "basic" else 4

        def make(in_channels: int, channels: int, stride: int) -> nn.Module:
            if block == "basic":
                return SEBasicBlock(in_channels, channels, stride, reduction)
            inner = cardinality * group_width * channels // 64
            return SEBottleneck(in_channels, channels * 4, inner, stride, cardinality, reduction)

        def stage(in_channels: int, channels: int, count: int, stride: int) -> nn.Sequential:
            rest = (make(channels * expansion, channels, 1) for _ in range(count - 1))
            return nn.Sequential(make(in_channels, channels, stride), *rest)

        self.stem = make_stem(in_channels, 64)
        self.stage1 = stage(64, 64, blocks[0], stride=1)
        self.stage2 = stage(64 * expansion, 128, blocks[1], stride=2)
        self.stage3 = stage(128 * expansion, 256, blocks[2], stride=2)
        self.stage4 = stage(256 * expansion, 512, blocks[3], stride=2)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512 * expansion, num_classes))
        start_convolutions(self)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, 64, H / 4, W / 4)
        x = self.stage1(x)
        x = self.stage2(x)  # (N, ..., H / 8, W / 8)
        x = self.stage3(x)  # (N, ..., H / 16, W / 16)
        x = self.stage4(x)  # (N, ..., H / 32, W / 32)
        return self.head(x)  # (N, num_classes)


def preset(depth: int, block: str, blocks: tuple[int, ...]) -> Preset:
    return Preset(f"SE-ResNet-{depth}", knobs(block=block, blocks=blocks))


ARCHITECTURE = Architecture(
    name="SE-ResNet",
    year=2017,
    idea="Weigh the channels by what is in the whole image, and convolutions see beyond their window.",
    paper="Hu, Shen, Albanie, Sun & Wu, “Squeeze-and-Excitation Networks”, 2017",
    url="https://arxiv.org/abs/1709.01507",
    build=SEResNet,
    presets=(
        preset(50, "bottleneck", (3, 4, 6, 3)),
        preset(18, "basic", (2, 2, 2, 2)),
        preset(34, "basic", (3, 4, 6, 3)),
        preset(101, "bottleneck", (3, 4, 23, 3)),
        preset(152, "bottleneck", (3, 8, 36, 3)),
        Preset("SE-ResNeXt-50 32×4d", knobs(blocks=(3, 4, 6, 3), cardinality=32, group_width=4)),
    ),
)
