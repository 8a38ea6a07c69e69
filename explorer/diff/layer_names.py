"""What a layer is called in a list of differences, and what is other about it."""

from collections.abc import Iterator
from typing import Any

from explorer.diagram.node_labels import node_settings, stride, window
from explorer.diff.similarity import is_depthwise
from explorer.formatting import dimensions
from explorer.graph.graph import Graph, Node

NAMES = {"addition": "addition", "multiplication": "multiplication", "concatenation": "concatenation"}
# An attribute as one says it. Padding follows from the kernel, and what is not here says nothing by itself.
SAID = {
    "kernel_size": "kernel",
    "stride": "stride",
    "dilation": "dilation",
    "groups": "groups",
    "in_channels": "channels read",
    "out_channels": "filters",
    "in_features": "numbers read",
    "out_features": "outputs",
    "bias": "bias",
    "num_heads": "heads",
    "output_size": "output size",
    "p": "p",
}
WIDTHS = ("groups", "in_channels", "out_channels")


def noun(node: Node) -> str:
    """Without its numbers, to be counted with its like: "3×3 convolution", "ReLU", "addition"."""
    kind = node.kind
    if kind == "convolution":
        apart = "depthwise " if is_depthwise(node) else "grouped " if node.attribute("groups", 1) > 1 else ""
        return f"{apart}{window(node.attribute('kernel_size'))} convolution".strip()
    if kind == "linear" and node.params:
        return "linear layer"
    return NAMES.get(kind, node.op)


def describe_layer(node: Node, graph: Graph) -> str:
    """With its numbers: "3×3 convolution, 64 → 128, /2"."""
    kind = node.kind
    if kind == "convolution":
        read, made = node.attribute("in_channels"), node.attribute("out_channels")
        groups = node.attribute("groups", 1)
        many = f"{groups} groups" if groups > 1 and not is_depthwise(node) else ""
        return ", ".join(filter(None, (noun(node), f"{read} → {made}", stride(node), many)))
    return " ".join(filter(None, (noun(node), node_settings(kind, node, graph) if kind != "norm" else "")))


def aspects(before: Node, after: Node) -> dict[str, tuple[str, str]]:
    """What differs between a layer and what became of it, each with its old and its new value."""
    found = dict(own_aspects(before, after))
    if not found:
        found = dict(shape_aspects(before, after))
    if before.shares != after.shares:
        was, now = ("in place" if node.shares else "in memory of its own" for node in (before, after))
        found["result"] = was, now
    return found or {"settings": ("as before", "others")}


def own_aspects(before: Node, after: Node) -> Iterator[tuple[str, tuple[str, str]]]:
    """By what it was told; not what follows from what it is given."""
    if before.op != after.op:
        yield "kind", (before.op, after.op)
    was, now = dict(before.attributes), dict(after.attributes)
    both_depthwise = is_depthwise(before) and is_depthwise(after)  # as many groups, as many filters
    for name, said in SAID.items():
        if name in was and name in now and was[name] != now[name] and not (both_depthwise and name in WIDTHS):
            yield said, (spell_value(was[name]), spell_value(now[name]))
    if both_depthwise and was["groups"] != now["groups"]:
        yield "channels", (spell_value(was["groups"]), spell_value(now["groups"]))


def shape_aspects(before: Node, after: Node) -> Iterator[tuple[str, tuple[str, str]]]:
    """Of what has nothing of its own to set: a norm, an activation, an addition."""
    if before.shape[:1] != after.shape[:1]:
        yield "channels", (spell_value(before.shape[:1]), spell_value(after.shape[:1]))
    if before.shape[1:] != after.shape[1:]:
        yield "map", (dimensions(before.shape[1:]) or "none", dimensions(after.shape[1:]) or "none")


def spell_value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return "×".join(map(str, dict.fromkeys(value))) if len(set(value)) == 1 and len(value) == 1 else window(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def changed(before: Node, after: Node) -> tuple[str, str]:
    """With its numbers, "3×3 convolution: groups 1 → 32", and without, "3×3 convolution: groups"."""
    told = aspects(before, after)
    name = told.pop("kind", None)
    title = f"{name[0]} → {name[1]}" if name else pair_title(before, after)
    rest = ", ".join(f"{aspect} {was} → {now}" for aspect, (was, now) in told.items())
    return (f"{title}: {rest}", f"{title}: {', '.join(told)}") if rest else (title, title)


def pair_title(before: Node, after: Node) -> str:
    """What both are; where the kernel or the groups differ, that is said beside."""
    if after.kind != "convolution":
        return noun(after)
    same = before.attribute("kernel_size") == after.attribute("kernel_size")
    apart = "depthwise " if is_depthwise(after) else ""
    return f"{apart}{window(after.attribute('kernel_size'))} convolution" if same else f"{apart}convolution"
