"""The words on a box and on a frame, and what a pointer over the box is told."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from explorer.graph import Graph, Node
from explorer.nesting import Item, shape_of
from explorer.scene import Box
from explorer.words import dimensions, short

PLAIN = ("Sequential", "ModuleList")  # classes that are no more than what stands in them, in turn


def badge(item: Item) -> str:
    return f"×{item.times}" if item.times > 1 else ""


def heading(item: Item) -> str:
    """What the box is called: a bare number says nothing, so the class stands before it, or what the module lies in."""
    number = re.search(r"\d+$", item.last)
    title = f"{item.title}–{number[0]}" if number else item.title
    if not item.title.isdigit():
        return title
    if item.kind != "block":
        return item.op
    return f"{holder(item) if item.op in PLAIN and holder(item) else item.op} {title}"


def holder(item: Item) -> str:
    """The name of the nearest module around it that is not itself a number."""
    return next((name for name in reversed(item.id.split("#")[0].split(".")[:-1]) if not name.isdigit()), "")


def frame_title(item: Item) -> str:
    """An opened repeat shows one of its copies, and says so."""
    if item.times > 1:
        return f"{heading(item)} · one of {item.times}"
    named = item.title.isdigit() or item.op in PLAIN
    return heading(item) if named else f"{heading(item)} · {item.op}"


def details_of(item: Item, graph: Graph) -> tuple[str, ...]:
    said = item.title.isdigit() or item.op.lower() == item.title.lower()
    name = content(item) if item.op in PLAIN else "" if said else item.op
    if item.kind in ("input", "output"):
        return (dimensions(shape_of(item, graph)),)
    if item.kind == "block":
        return (name, amounts(item.params, item.macs))
    node = graph.by_name[item.nodes[0]]
    return (settings(item.kind, node, graph) or name,)


def content(item: Item) -> str:
    """What a plain sequence holds: "2 Conv2d · MaxPool2d". Norms, activations and reshapes go without saying."""
    parts: Counter[str] = Counter()
    for child in item.children:
        if child.kind in ("block", "convolution", "linear", "attention", "pool"):
            parts[child.title if child.op in PLAIN else child.op] += child.times
    told = [f"{times} {op}" if times > 1 else op for op, times in parts.items()]
    return " · ".join(told) if len(told) < 3 else ""


def settings(kind: str, node: Node, graph: Graph) -> str:
    """What its constructor was told, as far as it shapes what happens."""
    before = graph.by_name[node.inputs[0]].shape if node.inputs else ()
    if kind == "convolution" and len(before) > 1 and len(node.shape) > 1:
        return convolution(node, before[0])
    if kind == "linear" and node.params and before and node.shape:
        return f"{before[-1]} → {node.shape[-1]}"
    if kind == "pool":
        size, made = window(node.attribute("kernel_size")), node.attribute("output_size")
        return f"{size} {stride(node)}".strip() if size else f"to {window(made)}" if made else ""
    if kind == "attention" and node.attribute("num_heads"):
        return f"{node.attribute('num_heads')} heads"
    return f"p = {node.attribute('p'):g}" if kind == "dropout" and node.attribute("p") is not None else ""


def convolution(node: Node, channels: int) -> str:
    """3×3, 64 → 128, /2, 32 groups"""
    groups, dilation = node.attribute("groups", 1), node.attribute("dilation")
    parts = (
        window(node.attribute("kernel_size")),
        f"{channels} → {node.shape[0]}",
        stride(node),
        f"dilation {window(dilation)}" if dilation and set(sides(dilation)) != {1} else "",
        "" if groups == 1 else "depthwise" if groups == channels else f"{groups} groups",
    )
    return ", ".join(filter(None, parts))


def stride(node: Node) -> str:
    step = sides(node.attribute("stride") or 1)
    return "" if set(step) == {1} else f"/{step[0]}" if len(set(step)) == 1 else f"/{window(step)}"


def sides(size: Any) -> tuple[Any, ...]:
    return tuple(size) if isinstance(size, tuple | list) else (size,)


def window(size: Any) -> str:
    """3 or (3, 3) → "3×3"."""
    if size is None:
        return ""
    values = sides(size)
    return "×".join(map(str, values * 2 if len(values) == 1 else values))


def amounts(params: int, macs: int) -> str:
    told = (f"{short(params)} params" if params else "", f"{short(macs)} MACs" if macs else "")
    return " · ".join(filter(None, told))


def hover(box: Box, graph: Graph, fields: Mapping[str, int]) -> tuple[str, ...]:
    """What a box has to say when pointed at, line by line; `fields` gives nodes their receptive field, in pixels."""
    item, shape, copies = box.item, shape_of(box.item, graph), box.item.times * box.copies
    share = f" ({box.macs / graph.macs:.1%} of all)" if graph.macs and box.macs else ""
    field = fields.get(item.all_nodes[-1]) if item.nodes else None
    lines = (
        item.id,
        f"{copies} equal copies" if copies > 1 else "",
        f"gives {dimensions(shape)}" if shape else "",
        f"{box.params:,} parameters" if box.params else "",
        f"{short(box.macs)} MACs{share}" if box.macs else "",
        f"each output sees {field:,} × {field:,} pixels" if field else "",
        f"takes the outputs of {box.takes} earlier layers" if box.takes else "",
        f"holds {len(item.nodes):,} operations" if item.children else "",
    )
    return tuple(filter(None, lines))
