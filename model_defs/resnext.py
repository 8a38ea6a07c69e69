"""ResNeXt: split a block's work over many equal, narrow paths; more paths help more than more width.

Xie, Girshick, Dollár, Tu & He, "Aggregated Residual Transformations for Deep Neural Networks", 2016.
"""

from typing import Annotated, Literal

from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs
from model_defs.resnet import make_shortcut, make_stem, start_convolutions


class ResNeXtBlock(nn.Module):
    """A bottleneck whose 3×3 convolution is cut into groups: many small transformations side by side, then summed."""

    def __init__(
        self, in_channels: int, out_channels: int, inner: int, stride: int, groups: int, shortcut: str = "projection"
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, inner, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(inner)
        self.act1 = nn.ReLU()
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, padding=1, groups=groups, bias=False)
        self.norm2 = nn.BatchNorm2d(inner)
        self.act2 = nn.ReLU()
        self.conv3 = nn.Conv2d(inner, out_channels, 1, bias=False)  # mixes the paths: this is their sum
        self.norm3 = nn.BatchNorm2d(out_channels)
        self.act3 = nn.ReLU()
        self.shortcut = make_shortcut(shortcut, in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = self.act1(self.norm1(self.conv1(x)))  # (N, inner, H, W)
        y = self.act2(self.norm2(self.conv2(y)))  # (N, inner, H / stride, W / stride)
        y = self.norm3(self.conv3(y))  # (N, out_channels, H / stride, W / stride)
        return self.act3(y if self.shortcut is None else y + self.shortcut(x))


class ResNeXt(nn.Module):
    """ResNet's plan with one more dial beside depth and width: cardinality, the number of paths in a block."""

    def __init__(
        self,
        *,
        blocks: Annotated[tuple[int, int, int, int], Span(1, 40)] = (3, 4, 6, 3),
        cardinality: Annotated[int, Span(1, 64)] = 32,
        group_width: Annotated[int, Span(1, 64)] = 4,
        shortcut: Literal["projection", "padding", "none"] = "projection",
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(32, 512, 32)] = 224,
    ) -> None:
        super().__init__()
        self.input_shape = (in_channels, image_size, image_size)

        def stage(in_channels: int, out_channels: int, count: int, stride: int) -> nn.Sequential:
            inner = cardinality * group_width * out_channels // 256  # a path doubles its width with each stage

            def block(in_channels: int, stride: int) -> nn.Module:
                return ResNeXtBlock(in_channels, out_channels, inner, stride, cardinality, shortcut)

            return nn.Sequential(block(in_channels, stride), *(block(out_channels, 1) for _ in range(count - 1)))

        self.stem = make_stem(in_channels, 64)
        self.stage1 = stage(64, 256, blocks[0], stride=1)
        self.stage2 = stage(256, 512, blocks[1], stride=2)
        self.stage3 = stage(512, 1024, blocks[2], stride=2)
        self.stage4 = stage(1024, 2048, blocks[3], stride=2)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, num_classes))
        start_convolutions(self)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, 64, H / 4, W / 4)
        x = self.stage1(x)  # (N, 256, H / 4, W / 4)
        x = self.stage2(x)  # (N, 512, H / 8, W / 8)
        x = self.stage3(x)  # (N, 1024, H / 16, W / 16)
        x = self.stage4(x)  # (N, 2048, H / 32, W / 32)
        return self.head(x)  # (N, num_classes)


ARCHITECTURE = Architecture(
    name="ResNeXt",
    year=2016,
    idea="Many narrow paths in parallel, at the cost of one wide one.",
    paper="Xie, Girshick, Dollár, Tu & He, “Aggregated Residual Transformations for Deep Neural Networks”, 2016",
    url="https://arxiv.org/abs/1611.05431",
    build=ResNeXt,
    presets=(
        Preset("ResNeXt-50 32×4d", knobs(blocks=(3, 4, 6, 3), cardinality=32, group_width=4), "resnext50_32x4d"),
        Preset("ResNeXt-101 32×8d", knobs(blocks=(3, 4, 23, 3), cardinality=32, group_width=8), "resnext101_32x8d"),
        Preset("ResNeXt-101 64×4d", knobs(blocks=(3, 4, 23, 3), cardinality=64, group_width=4), "resnext101_64x4d"),
    ),
)
