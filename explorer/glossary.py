"""Explains an operation or a block: what it does and why it is there, with the paper that says so."""

from dataclasses import dataclass
from math import prod
from typing import Any

from explorer.block_texts import BLOCKS
from explorer.graph import Block, Node
from explorer.layer_texts import KIND_LAYERS, LAYERS
from explorer.op_kinds import op_kind
from explorer.papers import PYTORCH, Paper


@dataclass(frozen=True)
class Entry:
    """A sentence to show, and where it comes from."""

    sentence: str
    source: Paper


def explain(thing: Node | Block | str, attributes: tuple[tuple[str, Any], ...] = ()) -> Entry | None:
    """The entry for a node, a block or the name of either; None for a block that no entry is known for."""
    if isinstance(thing, Block):
        return known_block(thing.kind, thing.qualname) or named_layer(thing.kind)
    if isinstance(thing, Node):
        return explain_operation(thing.op, thing.kind, thing.attributes)
    return known_block(thing, thing) or explain_operation(thing, op_kind(thing.strip("_")), attributes)


def known_block(kind: str, qualname: str) -> Entry | None:
    """By file and class, else by class alone."""
    where = ".".join(qualname.split(".")[-2:])
    for name in (where, kind):
        if found := BLOCKS.get(SAME_BLOCKS.get(name, name)):
            return Entry(*found)
    return None


def named_layer(kind: str) -> Entry | None:
    """A class of somebody's that is named after a layer of PyTorch's."""
    found = LAYERS.get(layer_name(kind))
    return Entry(*found) if found else None


def explain_operation(op: str, kind: str, attributes: tuple[tuple[str, Any], ...]) -> Entry:
    """By its settings or its name, else by its kind, else only that it is one of PyTorch's."""
    name = convolution(dict(attributes)) if kind == "convolution" else layer_name(op)
    found = LAYERS.get(name) or LAYERS.get(KIND_LAYERS.get(kind, ""))
    return Entry(*found) if found else Entry(f"PyTorch's operation “{op}” on the tensors it is given.", PYTORCH)


def layer_name(op: str) -> str:
    """The key that a layer, "BatchNorm2d", and its function, "batch_norm", share."""
    word = op.lower().replace("_", "")
    for ending in ("1d", "2d", "3d"):
        word = word.removesuffix(ending)
    return SAME_LAYERS.get(word, word)


def convolution(settings: dict[str, Any]) -> str:
    """Which kind of convolution the settings make; the most special trait wins."""
    groups: int = settings.get("groups", 1)
    kernel: tuple[int, ...] = tuple(settings.get("kernel_size", (3,)))
    traits = {
        "transposed conv": bool(settings.get("transposed")),
        "depthwise conv": groups > 1 and groups == settings.get("in_channels"),
        "grouped conv": groups > 1,
        "1×1 conv": prod(kernel) == 1,
        "dilated conv": prod(settings.get("dilation", (1,))) > 1,
    }
    return next((name for name, holds in traits.items() if holds), "conv")


SAME_LAYERS = {
    "concat": "cat",
    "stack": "cat",
    "iadd": "add",
    "radd": "add",
    "imul": "mul",
    "rmul": "mul",
    "hardtanh": "relu6",
    "swish": "silu",
    "mean": "adaptiveavgpool",
    "fastadaptiveavgpool": "adaptiveavgpool",
    "syncbatchnorm": "batchnorm",
    "bmm": "matmul",
    "baddbmm": "matmul",
    "einsum": "matmul",
    "upsample": "interpolate",
    "channelshuffle": "shuffle",
    "pixelshuffle": "reshape",
    "split": "chunk",
    "droppath": "stochasticdepth",
    "zeropad": "pad",
    "logsoftmax": "softmax",
}

# Other names for the same block, in torchvision and timm.
SAME_BLOCKS: dict[str, str] = {
    "googlenet.Conv": "ConvBlock",
    "BasicConv2d": "ConvBlock",
    "Conv2dNormActivation": "ConvBlock",
    "ConvNormAct": "ConvBlock",
    "mobilenet_v3.InvertedResidual": "mobilenetv3.InvertedResidual",
    "EdgeResidual": "FusedMBConv",
    "SEModule": "SqueezeExcitation",
    "SqueezeExcite": "SqueezeExcitation",
    "DenseLayer": "_DenseLayer",
    "DenseBlock": "_DenseBlock",
    "DenseTransition": "_Transition",
    "FireModule": "Fire",
    "ConvNeXtBlock": "CNBlock",
    "vision_transformer.Block": "EncoderBlock",
    "cifar_resnet.Block": "BasicBlock",
    "SwinTransformerBlockV2": "SwinTransformerBlock",
    "ShiftedWindowAttentionV2": "ShiftedWindowAttention",
    "PatchMergingV2": "PatchMerging",
    "Attention": "SelfAttention",
    "DropPath": "StochasticDepth",
    "Mlp": "MLPBlock",
}
