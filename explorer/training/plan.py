"""What is to be trained, on what, and how: one frozen value that travels as JSON."""

import json
import re
from dataclasses import dataclass
from typing import Any

from explorer.models.spec import Spec, options
from explorer.training.recipe import Recipe, read_recipe, shorten_value

START = re.compile(r"(torchvision:\w+/\w+|run:[0-9a-f]{8})?", re.ASCII)


@dataclass(frozen=True)
class Plan:
    spec: Spec
    dataset: str  # a key of the shelf
    recipe: Recipe
    start: str = ""  # where all weights but those of the last layer come from; empty: from the seed, as those do
    frozen: bool = False  # whether they stay as they are

    def __post_init__(self) -> None:
        if not (isinstance(self.start, str) and START.fullmatch(self.start)):
            said = "“run:” and the id of a run, or “torchvision:resnet18/IMAGENET1K_V1” and the like"
            raise ValueError(f"“start” cannot be “{shorten_value(self.start)}”: it is {said}.")
        if not isinstance(self.frozen, bool) or (self.frozen and not self.start):
            said = f"“frozen” cannot be “{shorten_value(self.frozen)}”"
            raise ValueError(f"{said}: it is true or false, and true needs a start.")

    def json(self) -> str:
        """What is usual is left out, as it was before there was anything else."""
        spec = {"source": self.spec.source, "name": self.spec.name, "options": self.spec.options}
        plain = {"spec": spec, "dataset": self.dataset, "recipe": self.recipe.plain()}
        begun = {"start": self.start, "frozen": self.frozen} if self.start else {}
        return json.dumps(plain | begun, ensure_ascii=False)


def parse_plan(text: str) -> Plan:
    """The plan that `json` wrote. Raises `ValueError` with a sentence that names what is wrong."""
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("This plan cannot be read: it is not JSON.") from None
    begun = {"start", "frozen"}
    if not isinstance(plain, dict) or plain.keys() - begun != {"spec", "dataset", "recipe"}:
        raise ValueError("A plan has a spec, a dataset and a recipe, perhaps a start, and nothing else.")
    if not isinstance(plain["dataset"], str):
        raise ValueError(f"“dataset” cannot be “{shorten_value(plain['dataset'])}”: it is a key, such as shapes10.")
    first = {name: plain[name] for name in begun & plain.keys()}
    return Plan(read_spec(plain["spec"]), plain["dataset"], read_recipe(plain["recipe"]), **first)


def read_spec(plain: Any) -> Spec:
    """Whether there is such a network is known only when it is built."""
    if not isinstance(plain, dict) or plain.keys() != {"source", "name", "options"}:
        raise ValueError("The spec of a plan has a source, a name and options, and nothing else.")
    for part in ("source", "name"):
        if not isinstance(plain[part], str):
            raise ValueError(f"“{part}” cannot be “{shorten_value(plain[part])}”: it is a name.")
    pairs = plain["options"]
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise ValueError("“options” are pairs of a name and a value.")
    return Spec(plain["source"], plain["name"], tuple((name, hashable_option(name, value)) for name, value in pairs))


def hashable_option(name: Any, value: Any) -> Any:
    """A value as a constructor takes it: a name, a number, or several numbers."""
    single = (str, int, float, bool)
    if isinstance(name, str) and isinstance(value, single):
        return value
    if isinstance(name, str) and isinstance(value, list) and all(isinstance(each, single) for each in value):
        return tuple(value)
    said = f"The option “{shorten_value(name)}” cannot be “{shorten_value(value)}”"
    raise ValueError(f"{said}: it is a name, a number or numbers.")


def fitted(spec: Spec, channels: int, size: int, classes: int) -> Spec:
    """The network made for these pictures, as far as it lets itself be told; its other settings stand."""
    pictures = {"in_channels": channels, "image_size": size, "num_classes": classes}
    offered = {option.name for option in options(spec)}
    told = dict(spec.options) | {name: value for name, value in pictures.items() if name in offered}
    return Spec(spec.source, spec.name, tuple(told.items()))
