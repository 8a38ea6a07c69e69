"""Titles of networks that stand side by side, each told apart from the others."""

from collections.abc import Mapping
from typing import Any

from explorer.sources import SOURCES
from explorer.specs import Spec


def told_apart(titles: Mapping[Spec, str]) -> dict[Spec, str]:
    """As they are; where several share one, each says what is other about it: "resnet50 (timm)"."""
    sharing: dict[str, list[Spec]] = {}
    for spec, title in titles.items():
        sharing.setdefault(title, []).append(spec)
    return {
        spec: f"{title} ({apart(spec, sharing[title])})" if len(sharing[title]) > 1 else title
        for spec, title in titles.items()
    }


def apart(spec: Spec, all_of_them: list[Spec]) -> str:
    """The traits in which not all of them are alike, as this one has them."""
    own, every = traits(spec), [traits(each) for each in all_of_them]
    names = dict.fromkeys(name for each in every for name in each)
    differing = [name for name in names if any(each.get(name) != own.get(name) for each in every)]
    return ", ".join(said(name, own) for name in differing)


def traits(spec: Spec) -> dict[str, Any]:
    source = SOURCES[spec.source].title.lower() if spec.source in SOURCES else spec.source
    return {"source": source, "name": spec.name} | dict(spec.options)


def said(name: str, own: Mapping[str, Any]) -> str:
    if name in ("source", "name"):
        return str(own[name])
    return f"{name.replace('_', ' ')} {own.get(name, 'as usual')}"
