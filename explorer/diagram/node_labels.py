"""What stands in a box and beside it when pointed at, and how large that makes the box, in any font."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from explorer.analysis.op_costs import UNKNOWN, macs_words
from explorer.analysis.receptive_field import ReceptiveField
from explorer.diagram.scene import Box, Scene
from explorer.formatting import dimensions, short_number
from explorer.graph.graph import CONTAINER_CLASSES, Graph, Node
from explorer.graph.module_tree import Item, item_shape
from explorer.graph.outline import walk

SYMBOLS = {"addition": "+", "concatenation": "‖", "multiplication": "×"}
DETAIL_BESIDE = ("norm", "activation", "dropout", "reshape", "other")  # kinds whose detail stands beside the title

TITLE, DETAIL, SHAPE = 14, 12, 11.5  # font sizes
BOLD = 1.16  # how much wider titles are for being bold, at most
NARROW, WIDE = 144, 256
TICKS, MOST_TICKS = 11, 72  # the height of the row of ticks, and how many fit
MARGIN = 22  # from a box's left edge to its text: room for the coloured band
MAP, AROUND = 44, 6  # the side of the place for what a box computed, and the room around that

# In ems. Everything not named is as wide as a digit.
WIDTHS = (
    dict.fromkeys("iIjl.,:;'| ·!", 0.31)
    | dict.fromkeys("frt()[]/-–_", 0.4)
    | dict.fromkeys("mMWw%", 0.92)
    | dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ", 0.72)
    | {"→": 1.0, "×": 0.65}
)


@dataclass(frozen=True)
class Card:
    """A box as drawn."""

    title: str
    details: tuple[str, ...]
    badge: str  # "×3"
    width: float
    height: float
    symbol: bool = False  # a small round one
    layers: tuple[str, ...] = ()  # a block's layers by kind, in order: drawn as a row of ticks
    beside: bool = False  # whether the detail stands on the title's own line
    amounts: bool = False  # whether its last detail says what it takes
    map: bool = False  # whether a place is kept, at the right, for what it computed

    @property
    def room(self) -> float:
        """The width that is left for words."""
        return self.width - (MAP + AROUND if self.map else 0)


def node_cards(scene: Scene, graph: Graph, direction: str, maps: bool = False) -> dict[str, Card]:
    """One for each box. Where the network runs downwards, those in one frame are equally wide, and leave its title
    room beside a line down the middle; one with much more to say is wider. `maps` keeps a place in each."""
    alone = {box.item.id: node_card(box, graph) for box in scene.boxes}
    if maps:
        alone |= {box.item.id: with_map(alone[box.item.id]) for box in scene.boxes if box.item.nodes}
    if direction == "LR":
        return alone
    widest = {frame.item.id: min(WIDE, 2 * title_width(frame_title(frame.item)) + 20) for frame in scene.frames}
    for box in scene.boxes:
        if not (own := alone[box.item.id]).symbol:
            widest[box.frame] = max(widest.get(box.frame, NARROW), NARROW, min(own.width, WIDE))
    return {
        box.item.id: own
        if (own := alone[box.item.id]).symbol
        else replace(own, width=max(own.width, widest[box.frame]))
        for box in scene.boxes
    }


def node_card(box: Box, graph: Graph) -> Card:
    item = box.item
    if (symbol := SYMBOLS.get(item.kind)) and item.title == item.op:
        return Card(symbol, (), badge(item), 30, 30, True)
    title, details = box_heading(item), tuple(filter(None, details_of(item, graph)))
    rooms = (width(title, TITLE) * BOLD, *(width(detail, DETAIL) for detail in details))
    one_line = item.kind in DETAIL_BESIDE or not details
    room = sum(rooms) + 12 * len(details) if one_line else max(rooms)
    extra = width(badge(item), TITLE) + 14 if item.times > 1 else 0
    layers = kinds_in(item)
    height = (28 if one_line else 27 + 16 * len(details)) + (TICKS if layers else 0)
    card = Card(title, details, badge(item), MARGIN + room + extra + 14, height, layers=layers, beside=one_line)
    return replace(card, amounts=item.kind == "block")


def with_map(card: Card) -> Card:
    """A symbol gets a box around it."""
    if card.symbol:
        card = replace(card, symbol=False, width=MARGIN + TITLE + 14, beside=True)
    return replace(card, map=True, width=card.width + MAP + AROUND, height=max(card.height, MAP + 2 * AROUND))


def kinds_in(item: Item) -> tuple[str, ...]:
    """The kinds of the layers in a block, repeats once; nothing where they are too many to show one by one."""
    kinds = tuple(inner.kind for inner in walk(item.children) if not inner.children)
    return kinds if len(kinds) <= MOST_TICKS else ()


def title_width(title: str) -> float:
    return width(title, DETAIL) * BOLD


def width(text: str, size: float) -> float:
    """Of a text in a sans-serif font, on the wide side: no font need be present where the picture is laid out."""
    return size * sum(WIDTHS.get(letter, 0.6) for letter in text)


def badge(item: Item) -> str:
    return f"×{item.times}" if item.times > 1 else ""


def box_heading(item: Item) -> str:
    """What the box is called: a bare number says nothing, so the class stands before it, or what the module lies in."""
    number = re.search(r"\d+$", item.last)
    title = f"{item.title}–{number[0]}" if number else item.title
    if not item.title.isdigit():
        return title
    if item.kind != "block":
        return item.op
    return f"{holder_name(item) if item.op in CONTAINER_CLASSES and holder_name(item) else item.op} {title}"


def holder_name(item: Item) -> str:
    """The name of the nearest module around it that is not itself a number."""
    return next((name for name in reversed(item.id.split("#")[0].split(".")[:-1]) if not name.isdigit()), "")


def frame_title(item: Item) -> str:
    """An opened repeat shows one of its copies, and says so."""
    if item.times > 1:
        return f"{box_heading(item)} · one of {item.times}"
    named = item.title.isdigit() or item.op in CONTAINER_CLASSES
    return box_heading(item) if named else f"{box_heading(item)} · {item.op}"


def details_of(item: Item, graph: Graph) -> tuple[str, ...]:
    said = item.title.isdigit() or item.op.lower() == item.title.lower()
    name = content(item) if item.op in CONTAINER_CLASSES else "" if said else item.op
    if item.kind in ("input", "output"):
        dtype = graph.by_name[item.nodes[0]].attribute("dtype", "float32") if item.nodes else "float32"
        return (f"{dimensions(item_shape(item, graph))} {'' if dtype == 'float32' else dtype}".strip(),)
    if item.kind == "block":
        return (name, amounts(item, graph))
    node = graph.by_name[item.nodes[0]]
    told = node_settings(item.kind, node, graph) or name
    return (told, macs_amount(item, item.macs, graph)) if graph.lacks(item.nodes) else (told,)


def content(item: Item) -> str:
    """What a plain sequence holds: "2 Conv2d · MaxPool2d". Norms, activations and reshapes go without saying."""
    parts: Counter[str] = Counter()
    for child in item.children:
        if child.kind in ("block", "convolution", "linear", "attention", "pool"):
            parts[child.title if child.op in CONTAINER_CLASSES else child.op] += child.times
    told = [f"{times} {op}" if times > 1 else op for op, times in parts.items()]
    return " · ".join(told) if len(told) < 3 else ""


def node_settings(kind: str, node: Node, graph: Graph) -> str:
    """What its constructor was told, as far as it shapes what happens."""
    before = graph.by_name[node.inputs[0]].shape if node.inputs else ()
    if kind == "convolution" and len(before) > 1 and len(node.shape) > 1:
        return convolution_label(node, before[0])
    if kind == "linear" and node.params and before and node.shape:
        return f"{before[-1]} → {node.shape[-1]}"
    if kind == "pool":
        size, made = window(node.attribute("kernel_size")), node.attribute("output_size")
        return f"{size} {stride(node)}".strip() if size else f"to {window(made)}" if made else ""
    if kind == "attention" and node.attribute("num_heads"):
        return f"{node.attribute('num_heads')} heads"
    return f"p = {node.attribute('p'):g}" if kind == "dropout" and node.attribute("p") is not None else ""


def convolution_label(node: Node, channels: int) -> str:
    """3×3, 64 → 128, /2, 32 groups"""
    groups, dilation = node.attribute("groups", 1), node.attribute("dilation")
    parts = (
        window(node.attribute("kernel_size")),
        f"{channels} → {node.shape[0]}",
        stride(node),
        f"dilation {window(dilation)}" if dilation and set(setting_sides(dilation)) != {1} else "",
        "" if groups == 1 else "depthwise" if groups == channels else f"{groups} groups",
    )
    return ", ".join(filter(None, parts))


def stride(node: Node) -> str:
    step = setting_sides(node.attribute("stride") or 1)
    return "" if set(step) == {1} else f"/{step[0]}" if len(set(step)) == 1 else f"/{window(step)}"


def setting_sides(size: Any) -> tuple[Any, ...]:
    return tuple(size) if isinstance(size, tuple | list) else (size,)


def window(size: Any) -> str:
    """3 or (3, 3) → "3×3"."""
    if size is None:
        return ""
    values = setting_sides(size)
    return "×".join(map(str, values * 2 if len(values) == 1 else values))


def amounts(item: Item, graph: Graph) -> str:
    told = (f"{short_number(item.params)} params" if item.params else "", macs_amount(item, item.macs, graph))
    return " · ".join(filter(None, told))


def macs_amount(item: Item, macs: int, graph: Graph) -> str:
    """1.2 M MACs; empty for none."""
    if not macs and not graph.lacks(item.all_nodes):
        return ""
    told = macs_words(graph, item.all_nodes, macs)
    return "MACs unknown" if told == UNKNOWN else f"{told} MACs"


def node_hover(box: Box, graph: Graph, fields: Mapping[str, ReceptiveField]) -> tuple[str, ...]:
    """What a box has to say when pointed at, line by line; `fields` gives nodes their receptive field."""
    item, shape, copies = box.item, item_shape(box.item, graph), box.item.times * box.copies
    share = f" ({box.macs / graph.macs:.1%} of all)" if box.macs and not graph.uncounted else ""
    field = fields.get(item.all_nodes[-1]) if item.nodes else None
    lines = (
        item.id,
        f"{copies} equal copies" if copies > 1 else "",
        f"gives {dimensions(shape)}" if shape else "",
        f"{box.params:,} parameters" if box.params else "",
        macs_amount(item, box.macs, graph) + share,
        f"each output sees {seen_words(field)}" if field else "",
        f"takes the outputs of {box.takes} earlier layers" if box.takes else "",
        f"holds {len(item.nodes):,} operations" if item.children else "",
    )
    return tuple(filter(None, lines))


def seen_words(field: ReceptiveField) -> str:
    height, width = (round(side) for side in field.size)
    seen = f"{height:,} × {width:,} pixels"
    return f"{seen} through filters, and all of the image through {field.whole}" if field.whole else seen
