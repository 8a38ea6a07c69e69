"""Explains an operation, a block, an option or a word: what it does and why it is there, as assets/glossary says."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

from explorer.graph.graph import Block, Node
from explorer.graph.op_kinds import op_kind
from explorer.paths import ASSETS

GLOSSARY = ASSETS / "glossary"


class Paper(NamedTuple):
    """Where a statement can be read."""

    name: str
    url: str


@dataclass(frozen=True)
class GlossaryEntry:
    """A sentence to show, and where it comes from."""

    sentence: str
    source: Paper


@lru_cache
def read_glossary(name: str) -> dict[str, Any]:
    """One file as it stands. Raises `ValueError` with the reason where it is broken."""
    try:
        return tomllib.loads((GLOSSARY / f"{name}.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"assets/glossary/{name}.toml cannot be read: {error}.") from error


@lru_cache
def read_entries(name: str) -> dict[str, GlossaryEntry]:
    """By their own names, by the others that they list, and by "kind …" for the kinds that they speak for."""
    found: dict[str, GlossaryEntry] = {}
    for key, told in read_glossary(name).items():
        try:
            entry = GlossaryEntry(told["text"], Paper(**read_glossary("papers")[told["paper"]]))
            kinds = (f"kind {kind}" for kind in told.get("kinds", ()))
            found |= dict.fromkeys((key, *told.get("also", ()), *kinds), entry)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"“{key}” in assets/glossary/{name}.toml is no entry with a text and a paper.") from error
    return found


def explain_term(word: str) -> str:
    """A word of the field."""
    return read_glossary("terms")[word]


def explain_words(text: str) -> str | None:
    """The words of the field that stand in a text, each with what it means, in Markdown; None where there is none."""
    found = [word for word in read_glossary("terms") if word_pattern(word).search(text)]
    alone = [word for word in found if not any(word != other and word in other for other in found)]
    return "\n\n".join(f"**{word}**: {explain_term(word)}" for word in alone) or None


@lru_cache(maxsize=256)
def word_pattern(word: str) -> re.Pattern[str]:
    """The word by itself, also where there are several of it or a sentence begins with it."""
    ending = "(s|es)?" if not word.endswith("s") else ""
    start = f"[{word[0].lower()}{word[0].upper()}]" if word.islower() else re.escape(word[0])
    return re.compile(rf"\b{start}{re.escape(word[1:])}{ending}\b")


def explain_option(name: str) -> str | None:
    """What a constructor's option does; None for one of somebody's own."""
    return read_glossary("options").get(name)


def explain_layer(thing: Node | Block | str, attributes: tuple[tuple[str, Any], ...] = ()) -> GlossaryEntry | None:
    """The entry for a node, a block or the name of either; None for a block that no entry is known for."""
    if isinstance(thing, Block):
        return known_block(thing.kind, thing.qualname) or read_entries("layers").get(layer_name(thing.kind))
    if isinstance(thing, Node):
        return explain_operation(thing.op, thing.kind, thing.attributes)
    return known_block(thing, thing) or explain_operation(thing, op_kind(thing.strip("_")), attributes)


def known_block(kind: str, qualname: str) -> GlossaryEntry | None:
    """By file and class, else by class alone."""
    blocks = read_entries("blocks")
    return blocks.get(".".join(qualname.split(".")[-2:])) or blocks.get(kind)


def explain_operation(op: str, kind: str, attributes: tuple[tuple[str, Any], ...]) -> GlossaryEntry:
    """By its settings or its name, else by its kind, else only that it is one of PyTorch's."""
    name = convolution_kind(dict(attributes)) if kind == "convolution" else layer_name(op)
    layers = read_entries("layers")
    if found := layers.get(name) or layers.get(f"kind {kind}"):
        return found
    pytorch = Paper(**read_glossary("papers")["pytorch"])
    return GlossaryEntry(f"PyTorch's operation “{op}” on the tensors it is given.", pytorch)


def layer_name(op: str) -> str:
    """The name that a layer, "BatchNorm2d", and its function, "batch_norm", share."""
    word = op.lower().replace("_", "")
    for ending in ("1d", "2d", "3d"):
        word = word.removesuffix(ending)
    return word


def convolution_kind(settings: dict[str, Any]) -> str:
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
