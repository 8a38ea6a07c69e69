"""Pre-activation ResNet: leave the path around the blocks untouched, and a thousand layers train.

He, Zhang, Ren & Sun, "Identity Mappings in Deep Residual Networks", 2016.
"""

from typing import Annotated, Literal

from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs
from model_defs.resnet import make_shortcut, start_convolutions


class PreActBasicBlock(nn.Module):
    """Norm and ReLU before each convolution instead of after the sum, so that the input passes on unchanged."""

    expansion = 1

    def __init__(self, in_channels: int, channels: int, stride: int, shortcut: str, first: bool) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.act1 = nn.ReLU()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.act2 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.shortcut = path_around(shortcut, in_channels, channels, stride)
        self.first = first

    def forward(self, x: Tensor) -> Tensor:
        h = self.act1(self.norm1(x))
        y = self.conv1(h)  # (N, channels, H / stride, W / stride)
        y = self.conv2(self.act2(self.norm2(y)))
        return y if self.shortcut is None else y + self.shortcut(h if self.first else x)


class PreActBottleneck(nn.Module):
    """The bottleneck in the same order: norm, ReLU, convolution, three times, and nothing after the sum."""

    expansion = 4

    def __init__(self, in_channels: int, channels: int, stride: int, shortcut: str, first: bool) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.act1 = nn.ReLU()
        self.conv1 = nn.Conv2d(in_channels, channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.act2 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(channels)
        self.act3 = nn.ReLU()
        self.conv3 = nn.Conv2d(channels, channels * 4, 1, bias=False)
        self.shortcut = path_around(shortcut, in_channels, channels * 4, stride)
        self.first = first

    def forward(self, x: Tensor) -> Tensor:
        h = self.act1(self.norm1(x))
        y = self.conv1(h)  # (N, channels, H, W)
        y = self.conv2(self.act2(self.norm2(y)))  # (N, channels, H / stride, W / stride)
        y = self.conv3(self.act3(self.norm3(y)))  # (N, 4 × channels, H / stride, W / stride)
        return y if self.shortcut is None else y + self.shortcut(h if self.first else x)


def path_around(kind: str, in_channels: int, out_channels: int, stride: int) -> nn.Module | None:
    """ResNet's shortcut, but a projection has no norm of its own: what it reads is normed already."""
    if kind == "projection" and (in_channels != out_channels or stride != 1):
        return nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
    return make_shortcut(kind, in_channels, out_channels, stride)


class PreActResNet(nn.Module):
    """ResNet reordered so that the sum of all corrections reaches the head, and the gradient every block, directly."""

    def __init__(
        self,
        *,
        block: Literal["basic", "bottleneck"] = "bottleneck",
        blocks: Annotated[tuple[int, int, int, int], Span(0, 120)] = (3, 4, 6, 3),
        width: Annotated[int, Span(8, 128, 8)] = 64,
        stem: Literal["imagenet", "cifar"] = "imagenet",
        shortcut: Literal["projection", "padding", "none"] = "projection",
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(32, 512, 32)] = 224,
    ) -> None:
        super().__init__()
        if not any(blocks):
            raise ValueError("A network without a block has nothing to add to: give one stage at least 1 block.")
        self.input_shape = (in_channels, image_size, image_size)
        make = PreActBottleneck if block == "bottleneck" else PreActBasicBlock

        def stage(in_channels: int, channels: int, count: int, stride: int) -> nn.Sequential:
            first = make(in_channels, channels, stride, shortcut, first=True)
            rest = (make(channels * make.expansion, channels, 1, shortcut, first=False) for _ in range(count - 1))
            return nn.Sequential(first, *rest)

        self.stem = make_stem(stem, in_channels, width)
        stages, reached = [], width
        for index, count in enumerate(blocks):
            if count:  # a stage of 0 blocks is left out: CIFAR networks have three
                stages.append(stage(reached, width << index, count, stride=2 if index else 1))
                reached = (width << index) * make.expansion
        self.stages = nn.Sequential(*stages)
        self.norm = nn.BatchNorm2d(reached)
        self.act = nn.ReLU()
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(reached, num_classes))
        start_convolutions(self)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, width, H / 4, W / 4), or (N, width, H, W) for CIFAR
        x = self.stages(x)  # each stage after the first halves the map and doubles the channels
        return self.head(self.act(self.norm(x)))  # (N, num_classes)


def make_stem(kind: str, in_channels: int, width: int) -> nn.Sequential:
    """Convolutions only: the first block brings the norm and the ReLU."""
    if kind == "cifar":
        return nn.Sequential(nn.Conv2d(in_channels, width, 3, padding=1, bias=False))
    return nn.Sequential(nn.Conv2d(in_channels, width, 7, 2, padding=3, bias=False), nn.MaxPool2d(3, 2, padding=1))


def preset(depth: int, block: str, blocks: tuple[int, ...]) -> Preset:
    return Preset(f"Pre-act ResNet-{depth}", knobs(block=block, blocks=blocks))


def cifar(depth: int, block: str, count: int, shortcut: str) -> Preset:
    network = knobs(block=block, blocks=(count, count, count, 0), width=16, stem="cifar", shortcut=shortcut)
    return Preset(f"Pre-act ResNet-{depth}, CIFAR", network + knobs(num_classes=10, image_size=32))


ARCHITECTURE = Architecture(
    name="Pre-activation ResNet",
    year=2016,
    idea="Norm and ReLU move into the branch, so nothing stands between the first block and the last.",
    paper="He, Zhang, Ren & Sun, “Identity Mappings in Deep Residual Networks”, 2016",
    url="https://arxiv.org/abs/1603.05027",
    build=PreActResNet,
    presets=(
        preset(50, "bottleneck", (3, 4, 6, 3)),
        preset(18, "basic", (2, 2, 2, 2)),
        preset(34, "basic", (3, 4, 6, 3)),
        preset(101, "bottleneck", (3, 4, 23, 3)),
        preset(152, "bottleneck", (3, 8, 36, 3)),
        preset(200, "bottleneck", (3, 24, 36, 3)),
        cifar(110, "basic", 18, "padding"),
        cifar(164, "bottleneck", 18, "projection"),
        cifar(1001, "bottleneck", 111, "projection"),
    ),
)
