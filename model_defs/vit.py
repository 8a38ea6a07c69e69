"""ViT: cut the image into patches and let every patch look at every other; no convolution after the first.

Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", 2020.
"""

from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model_defs.architecture import Architecture, Preset, Span, knobs


class SelfAttention(nn.Module):
    """Every token asks all others what they hold and takes a mean, weighted by how well query and key agree."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, width * 3)  # query, key and value of all heads in one product
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        qkv = self.qkv(x).unflatten(2, (3, self.heads, -1))  # (N, T, 3, heads, width / heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind()  # (N, heads, T, width / heads) each
        y = F.scaled_dot_product_attention(query, key, value)  # (N, heads, T, width / heads)
        return self.out(y.transpose(1, 2).flatten(2))  # (N, T, width)


class EncoderBlock(nn.Module):
    """Attention moves information between tokens, an MLP works on each alone; both are corrections, normed first."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attention = SelfAttention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))  # (N, T, width)
        return x + self.mlp(self.norm2(x))


class PositionEmbedding(nn.Module):
    """A learned vector for each place: attention alone cannot tell where in the image a patch was."""

    def __init__(self, tokens: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, tokens, width))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.weight


class VisionTransformer(nn.Module):
    """A standard Transformer on patches: given enough images to train on, it needs nothing made for images."""

    def __init__(
        self,
        *,
        patch: Annotated[int, Span(4, 32, 2)] = 16,
        depth: Annotated[int, Span(1, 32)] = 12,
        heads: Annotated[int, Span(1, 32)] = 12,
        width: Annotated[int, Span(64, 1280, 64)] = 768,
        mlp: Annotated[int, Span(1, 8)] = 4,
        num_classes: Annotated[int, Span(1, 1000)] = 1000,
        in_channels: Annotated[int, Span(1, 16)] = 3,
        image_size: Annotated[int, Span(32, 512, 4)] = 224,
    ) -> None:
        super().__init__()
        if image_size % patch:
            fits = max(1, round(image_size / patch)) * patch
            raise ValueError(f"{image_size} pixels do not divide into patches of {patch}: choose {fits} pixels a side.")
        if width % heads:
            fits = min((n for n in range(1, 33) if width % n == 0), key=lambda n: abs(n - heads))
            raise ValueError(f"A width of {width} does not divide among {heads} heads: {fits} heads work.")
        self.input_shape = (in_channels, image_size, image_size)
        tokens = (image_size // patch) ** 2 + 1
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))  # gathers what the head reads
        self.patches = nn.Conv2d(in_channels, width, patch, stride=patch)
        self.flatten = nn.Flatten(2)
        self.position = PositionEmbedding(tokens, width)
        self.encoder = nn.Sequential(*(EncoderBlock(width, heads, width * mlp) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x)  # (N, width, H / patch, W / patch)
        x = self.flatten(x).transpose(1, 2)  # (N, T - 1, width)
        x = torch.cat((self.class_token.expand(x.shape[0], -1, -1), x), dim=1)  # (N, T, width)
        x = self.norm(self.encoder(self.position(x)))  # (N, T, width)
        return self.head(x[:, 0])  # (N, num_classes)


ARCHITECTURE = Architecture(
    name="ViT",
    year=2020,
    idea="An image is a sentence of patches, and each word looks at all others.",
    paper="Dosovitskiy et al., “An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale”, 2020",
    url="https://arxiv.org/abs/2010.11929",
    build=VisionTransformer,
    presets=(
        Preset("ViT-B/16", knobs(patch=16, depth=12, heads=12, width=768), "vit_b_16"),
        Preset("ViT-B/32", knobs(patch=32, depth=12, heads=12, width=768), "vit_b_32"),
        Preset("ViT-L/16", knobs(patch=16, depth=24, heads=16, width=1024), "vit_l_16"),
    ),
)
