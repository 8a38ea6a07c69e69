"""CIFAR ResNet: plain and residual networks of equal size, made to show what depth does to each.

He, Zhang, Ren & Sun, "Deep Residual Learning for Image Recognition", 2015, Sec. 4.2; the other shortcuts are those of
"Identity Mappings in Deep Residual Networks", 2016, Sec. 3. A last norm that begins below 1: Goyal et al.,
"Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", 2017, Sec. 5.1, who take 0.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from torch import Tensor, nn

from model_defs.architecture import Architecture, Preset, Span, knobs
from model_defs.resnet import make_shortcut, start_convolutions


@dataclass(frozen=True)
class Wiring:
    """How the blocks of one network are joined: what runs around them, and where their activations stand."""

    shortcut: str
    option: str  # where the shape changes: A pads with zeros, B projects
    pre_activation: bool
    last_gamma: float  # what the last norm of a block multiplies by when training begins

    def path(self, in_channels: int, channels: int, stride: int) -> nn.Module | None:
        if self.shortcut == "none":
            return None
        if self.shortcut == "1x1":
            return nn.Sequential(nn.Conv2d(in_channels, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))
        path = make_shortcut("padding" if self.option == "A" else "projection", in_channels, channels, stride)
        return nn.Sequential(path, nn.Dropout(0.5)) if path and self.shortcut == "dropout" else path


class Block(nn.Module):
    """Two 3×3 convolutions and a path around them; what is done to that path shows what the clean identity is worth."""

    def __init__(self, in_channels: int, channels: int, stride: int, wiring: Wiring) -> None:
        super().__init__()
        self.wiring = wiring
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(in_channels if wiring.pre_activation else channels)
        self.act1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        nn.init.constant_(self.norm2.weight, wiring.last_gamma)
        self.act2 = nn.ReLU()
        self.shortcut = wiring.path(in_channels, channels, stride)
        self.gate = Gate(in_channels, channels, stride) if wiring.shortcut == "gate" else None

    def forward(self, x: Tensor) -> Tensor:
        if self.wiring.pre_activation:
            y = self.conv1(self.act1(self.norm1(x)))  # (N, channels, H / stride, W / stride)
            return self.join(x, self.conv2(self.act2(self.norm2(y))))
        y = self.act1(self.norm1(self.conv1(x)))  # (N, channels, H / stride, W / stride)
        return self.act2(self.join(x, self.norm2(self.conv2(y))))

    def join(self, x: Tensor, y: Tensor) -> Tensor:
        if self.shortcut is None:
            return y
        if self.gate is not None:
            gate = self.gate(x)  # (N, channels, H / stride, W / stride), each in 0 … 1
            return gate * y + (1 - gate) * self.shortcut(x)
        if self.wiring.shortcut == "x0.5":
            return 0.5 * y + 0.5 * self.shortcut(x)
        return y + self.shortcut(x)


class Gate(nn.Module):
    """Says, for each number, how much of the block to take instead of the shortcut; it starts almost closed."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, channels, 1, stride)
        self.act = nn.Sigmoid()
        nn.init.constant_(self.conv.bias, -6)  # type: ignore[arg-type]  # the paper's best start: sigmoid(−6) ≈ 0.002

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.conv(x))


class CifarResNet(nn.Module):
    """6n + 2 layers in three stages of n blocks: small enough to train at home, deep enough for plain ones to fail."""

    def __init__(
        self,
        *,
        depth: Literal[8, 14, 20, 32, 44, 56, 110, 1202] = 20,
        width: Annotated[int, Span(4, 64, 4)] = 16,
        shortcut: Literal["identity", "x0.5", "1x1", "gate", "dropout", "none"] = "identity",
        option: Literal["A", "B"] = "A",
        pre_activation: bool = False,
        last_gamma: Annotated[float, Span(0, 1, 0.1)] = 1.0,
        num_classes: Annotated[int, Span(1, 1000)] = 10,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(8, 128, 4)] = 32,
    ) -> None:
        super().__init__()
        if depth < 8 or depth % 6 != 2:
            raise ValueError(
                f"{depth} layers do not make three stages of whole blocks: take 6n + 2, such as 8, 14 or 20."
            )
        self.input_shape = (in_channels, image_size, image_size)
        wiring, blocks = Wiring(shortcut, option, pre_activation, last_gamma), (depth - 2) // 6
        stem = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
        self.stem = stem if pre_activation else nn.Sequential(stem, nn.BatchNorm2d(width), nn.ReLU())
        self.stage1 = stage(width, width, blocks, 1, wiring)
        self.stage2 = stage(width, width * 2, blocks, 2, wiring)
        self.stage3 = stage(width * 2, width * 4, blocks, 2, wiring)
        last = [nn.BatchNorm2d(width * 4), nn.ReLU()] if pre_activation else []  # the blocks left their sum as it was
        self.head = nn.Sequential(*last, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width * 4, num_classes))
        start_convolutions(self)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, width, H, W)
        x = self.stage1(x)
        x = self.stage2(x)  # (N, 2 × width, H / 2, W / 2)
        x = self.stage3(x)  # (N, 4 × width, H / 4, W / 4)
        return self.head(x)  # (N, num_classes)


def stage(in_channels: int, channels: int, blocks: int, stride: int, wiring: Wiring) -> nn.Sequential:
    """Blocks of equal width; only the first may change the shape."""
    first = Block(in_channels, channels, stride, wiring)
    return nn.Sequential(first, *(Block(channels, channels, 1, wiring) for _ in range(blocks - 1)))


def preset(name: str, depth: int, shortcut: str) -> Preset:
    return Preset(name, knobs(depth=depth, shortcut=shortcut))


ARCHITECTURE = Architecture(
    name="CIFAR ResNet",
    year=2015,
    idea="Give a plain network and a residual one the same layers, and see which of them gains from depth.",
    paper="He, Zhang, Ren & Sun, “Deep Residual Learning for Image Recognition”, 2015, Sec. 4.2",
    url="https://arxiv.org/abs/1512.03385",
    build=CifarResNet,
    presets=(
        preset("ResNet-20", 20, "identity"),
        preset("ResNet-32", 32, "identity"),
        preset("ResNet-44", 44, "identity"),
        preset("ResNet-56", 56, "identity"),
        preset("ResNet-110", 110, "identity"),
        preset("ResNet-1202", 1202, "identity"),
        preset("plain-20", 20, "none"),
        preset("plain-32", 32, "none"),
        preset("plain-44", 44, "none"),
        preset("plain-56", 56, "none"),
        preset("plain-110", 110, "none"),
        preset("ResNet-110, both paths × 0.5", 110, "x0.5"),
        preset("ResNet-110, gated", 110, "gate"),
        preset("ResNet-110, 1×1 shortcuts", 110, "1x1"),
        preset("ResNet-110, dropout on shortcuts", 110, "dropout"),
    ),
)
