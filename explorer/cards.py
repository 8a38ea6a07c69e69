"""How large the boxes are: room for their words in any font."""

from dataclasses import dataclass, replace

from explorer.graph import Graph
from explorer.labels import badge, details_of, frame_title, heading
from explorer.nesting import Item
from explorer.outline import walk
from explorer.scene import Box, Scene

SYMBOLS = {"addition": "+", "concatenation": "‖", "multiplication": "×"}
PLAIN = ("norm", "activation", "dropout", "reshape", "other")  # kinds whose detail stands beside the title

TITLE, DETAIL, SHAPE = 14, 12, 11.5  # font sizes
BOLD = 1.16  # how much wider titles are for being bold, at most
NARROW, WIDE = 144, 256
TICKS, MOST_TICKS = 11, 72  # the height of the row of ticks, and how many fit
MARGIN = 22  # from a box's left edge to its text: room for the coloured band


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

    @property
    def beside(self) -> bool:
        """Whether the detail stands on the title's own line."""
        return self.height - (TICKS if self.layers else 0) < 30


def cards(scene: Scene, graph: Graph, direction: str) -> dict[str, Card]:
    """One for each box. Where the network runs downwards, those in one frame are equally wide, and leave its title
    room beside a line down the middle; one with much more to say is wider."""
    alone = {box.item.id: card(box, graph) for box in scene.boxes}
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


def card(box: Box, graph: Graph) -> Card:
    item = box.item
    if (symbol := SYMBOLS.get(item.kind)) and item.title == item.op:
        return Card(symbol, (), badge(item), 30, 30, True)
    title, details = heading(item), tuple(filter(None, details_of(item, graph)))
    rooms = (width(title, TITLE) * BOLD, *(width(detail, DETAIL) for detail in details))
    one_line = item.kind in PLAIN or not details
    room = sum(rooms) + 12 * len(details) if one_line else max(rooms)
    extra = width(badge(item), TITLE) + 14 if item.times > 1 else 0
    layers = kinds_in(item)
    height = (28 if one_line else 27 + 16 * len(details)) + (TICKS if layers else 0)
    return Card(title, details, badge(item), MARGIN + room + extra + 14, height, layers=layers)


def kinds_in(item: Item) -> tuple[str, ...]:
    """The kinds of the layers in a block, repeats once; nothing where they are too many to show one by one."""
    kinds = tuple(inner.kind for inner in walk(item.children) if not inner.children)
    return kinds if len(kinds) <= MOST_TICKS else ()


def title_width(title: str) -> float:
    return width(title, DETAIL) * BOLD


def width(text: str, size: float) -> float:
    """Of a text in a sans-serif font, on the wide side: no font need be present where the picture is laid out."""
    return size * sum(WIDTHS.get(letter, 0.6) for letter in text)


# In ems. Everything not named is as wide as a digit.
WIDTHS = (
    dict.fromkeys("iIjl.,:;'| ·!", 0.31)
    | dict.fromkeys("frt()[]/-–_", 0.4)
    | dict.fromkeys("mMWw%", 0.92)
    | dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ", 0.72)
    | {"→": 1.0, "×": 0.65}
)
