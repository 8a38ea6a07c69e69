"""How much of an outline is open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from explorer.graph.module_tree import Item
from explorer.graph.outline import Outline, walk

MOST_BOXES = 800


@dataclass(frozen=True)
class View:
    opened: frozenset[str] = frozenset()  # ids; unknown ones do nothing
    repeats: bool = True  # equal neighbours as one ×N
    direction: str = "TB"  # top to bottom, or "LR"


def check_view(outline: Outline, view: View) -> View:
    if (boxes := count_items(outline.items(view.repeats), view.opened)) > MOST_BOXES:
        raise ValueError(f"This would draw {boxes:,} boxes; at most {MOST_BOXES} fit. Fold blocks, or repeats into ×N.")
    return view


def count_items(items: tuple[Item, ...], opened: frozenset[str]) -> int:
    return sum(count_items(item.children, opened) if item.children and item.id in opened else 1 for item in items)


def default_view(outline: Outline, limit: int = 25, few: int = 12) -> View:
    """Opened level by level as long as there are at most `limit` boxes: first the stages, that is chains of further
    blocks, so that stems, heads and the blocks that give a network its name stay closed; then everything, as long as
    there are fewer than `few` boxes."""
    units = named_blocks(outline)
    opened = widened(outline, frozenset(), limit, lambda item: holds_blocks(item) and item.op not in units)
    while count_items(outline.folded, opened) < few and (wider := widened(outline, opened, limit)) != opened:
        opened = wider
    return View(opened)


def widened(
    outline: Outline, opened: frozenset[str], limit: int, opens: Callable[[Item], bool] | None = None
) -> frozenset[str]:
    """By all levels of what `opens` allows, or by one of everything; not beyond `limit` boxes."""
    wider = opened | {item.id for item in closed_in(outline.folded, opened) if opens is None or opens(item)}
    if wider == opened or count_items(outline.folded, wider) > limit:
        return opened
    return widened(outline, wider, limit, opens) if opens else wider


def holds_blocks(item: Item) -> bool:
    return any(child.children for child in item.children)


def named_blocks(outline: Outline) -> frozenset[str]:
    """The classes that do more than pass on from part to part: residual blocks, inceptions, transformer layers."""
    return frozenset(item.op for item in walk(outline.folded) if item.children and not is_chain(item, outline))


def is_chain(item: Item, outline: Outline) -> bool:
    """Whether each part reads nothing but the output of the one before."""
    for before, part in pairwise(item.children):
        here = set(part.all_nodes)
        if any({*outline.reads[name]} - here - {before.all_nodes[-1]} for name in part.all_nodes):
            return False
    return True


def open_parents(outline: Outline, view: View) -> View:
    """With all that the opened boxes lie in: a link that names a box alone is to show it."""
    return replace(view, opened=view.opened | {each.id for id in view.opened for each in outline.parents(id)})


def fold_all(view: View) -> View:
    return replace(view, opened=frozenset())


def toggle(outline: Outline, view: View, id: str) -> View:
    """What folds takes along what is open in it, for which `open_parents` would open it again."""
    if id not in view.opened:
        return replace(view, opened=view.opened | {id})
    inside = {each for each in view.opened if id in (parent.id for parent in outline.parents(each))}
    return replace(view, opened=view.opened - {id} - inside)


def open_one_level(outline: Outline, view: View) -> View:
    """Every closed box opened once. Raises `ValueError` when that is too much."""
    return check_view(outline, replace(view, opened=view.opened | closed(outline, view)))


def open_everything(outline: Outline, view: View) -> View:
    wider = open_one_level(outline, view)
    return view if wider == view else open_everything(outline, wider)


def closed(outline: Outline, view: View) -> frozenset[str]:
    """The boxes on show that can be opened."""
    return frozenset(item.id for item in closed_in(outline.items(view.repeats), view.opened))


def closed_in(items: tuple[Item, ...], opened: frozenset[str]) -> Iterator[Item]:
    for item in items:
        if item.children and item.id in opened:
            yield from closed_in(item.children, opened)
        elif item.children:
            yield item
