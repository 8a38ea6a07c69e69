"""How much of an outline is open."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from explorer.nesting import Item
from explorer.outline import Outline

MOST_BOXES = 800


@dataclass(frozen=True)
class View:
    opened: frozenset[str] = frozenset()  # ids; unknown ones do nothing
    repeats: bool = True  # equal neighbours as one ×N
    direction: str = "TB"  # top to bottom, or "LR"


def check(outline: Outline, view: View) -> View:
    if (boxes := count(outline.items(view.repeats), view.opened)) > MOST_BOXES:
        raise ValueError(f"This would draw {boxes:,} boxes; at most {MOST_BOXES} fit. Fold blocks, or repeats into ×N.")
    return view


def count(items: tuple[Item, ...], opened: frozenset[str]) -> int:
    return sum(count(item.children, opened) if item.children and item.id in opened else 1 for item in items)


def default_view(outline: Outline, limit: int = 25, few: int = 9) -> View:
    """Opened level by level as long as there are at most `limit` boxes: first only what holds further blocks, so that
    stages show and stems and heads stay closed; where that leaves fewer than `few` boxes, everything."""
    view = widened(outline, View(), limit, blocks_only=True)
    return view if count(outline.folded, view.opened) >= few else widened(outline, view, limit, blocks_only=False)


def widened(outline: Outline, view: View, limit: int, blocks_only: bool) -> View:
    while ids := frozenset(closed_in(outline.folded, view.opened, blocks_only)):
        wider = replace(view, opened=view.opened | ids)
        if count(outline.folded, wider.opened) > limit:
            break
        view = wider
    return view


def fold_all(view: View) -> View:
    return replace(view, opened=frozenset())


def toggle(view: View, id: str) -> View:
    return replace(view, opened=view.opened ^ {id})


def open_one_level(outline: Outline, view: View) -> View:
    """Every closed box opened once. Raises `ValueError` when that is too much."""
    return check(outline, replace(view, opened=view.opened | closed(outline, view)))


def open_everything(outline: Outline, view: View) -> View:
    wider = open_one_level(outline, view)
    return view if wider == view else open_everything(outline, wider)


def closed(outline: Outline, view: View) -> frozenset[str]:
    """The boxes on show that can be opened."""
    return frozenset(closed_in(outline.items(view.repeats), view.opened))


def closed_in(items: tuple[Item, ...], opened: frozenset[str], blocks_only: bool = False) -> Iterator[str]:
    for item in items:
        if item.children and item.id in opened:
            yield from closed_in(item.children, opened, blocks_only)
        elif item.children and (not blocks_only or any(child.children for child in item.children)):
            yield item.id
