"""Where a visitor stands: the network, what is open, what is selected. A place spelled out is a link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any, Literal

from explorer.models.constructor_options import Option
from explorer.models.sources import SOURCES
from explorer.models.spec import Spec, spec_settings
from explorer.url_params import Known, Param, Params, choice_param, decode_query, text_param
from model_defs import CATALOG
from model_defs.architecture import Preset, Span

Options = tuple[tuple[str, Any], ...]
BATCH = Span(1, 1024)
LARGEST_SEED = 999
KEPT = "In the link: {0} The preset's value is kept."


def names_offered(known: Known) -> tuple[str, ...]:
    return SOURCES[known["source"]].names()


def presets_offered(known: Known) -> tuple[str, ...]:
    return tuple(each.name for each in CATALOG[known["name"]].presets) if known["source"] == "model_defs" else ()


def options_offered(known: Known) -> tuple[Option, ...]:
    return SOURCES[known["source"]].options(known["name"])


def option_param(option: Option) -> Param:
    return Param(option.name, lambda word, usual, known: option.parse(word), option.spell, sentence=KEPT)


def join_changes(values: Known, known: Known) -> Options:
    selection = ModelSelection(known["source"], known["name"], known["preset"])
    for option in options_offered(known):
        selection = selection.turn(option, values[option.name]) if option.name in values else selection
    return selection.changes


def decode_opened(word: str, usual: None, known: Known) -> tuple[str, ...] | None:
    ids = () if word == "none" else tuple(sorted(set(filter(None, word.split(",")))))
    return ids if word else usual


def decode_seed(word: str, usual: None, known: Known) -> int | None:
    if word and not (word.isascii() and word.isdigit() and int(word[:9]) <= LARGEST_SEED):
        raise ValueError(f"The link's numbers “{word[:20]}” is no seed from 0 to {LARGEST_SEED}: it is left out.")
    return int(word) if word else usual


NAME = choice_param("model", names_offered, usual=lambda known: opening(known["source"]).name, always=True)
PRESET = choice_param(
    "preset", presets_offered, usual=lambda known: next(iter(presets_offered(known)), ""), always=True
)
CHANGES = Params(lambda known: map(option_param, options_offered(known)), join_changes, dict)


@dataclass(frozen=True)
class ModelSelection:
    source: Annotated[str, choice_param("source", SOURCES)] = "model_defs"
    name: Annotated[str, NAME] = "ResNet"
    preset: Annotated[str, PRESET] = "ResNet-50"  # empty for networks that are not ours
    changes: Annotated[Options, CHANGES] = ()  # the knobs turned away from the preset
    opened: Annotated[tuple[str, ...] | None, Param("open", decode_opened)] = None  # ids, sorted; None: as much as fits
    repeats: bool = True
    direction: Literal["TB", "LR"] = "TB"
    colour: Literal["kind", "params", "macs", "memory", "field"] = "kind"
    selected: Annotated[str, text_param("at")] = ""
    batch: Annotated[int, option_param(Option("batch", 1, span=BATCH))] = 1
    seed: Annotated[int | None, Param("numbers", decode_seed)] = None  # of a run on real numbers

    @property
    def origin(self) -> Spec:
        """The network before any knob was turned."""
        found = preset_of(self.source, self.name, self.preset)
        return Spec(self.source, self.name, tuple(sorted(found.options)) if found else ())

    @property
    def spec(self) -> Spec:
        values = dict(self.origin.options) | dict(self.changes)
        return Spec(self.source, self.name, tuple(sorted(values.items())))

    @property
    def network(self) -> "ModelSelection":
        """The same network, however it is looked at."""
        return ModelSelection(self.source, self.name, self.preset, self.changes)

    @property
    def title(self) -> str:
        return self.preset or self.name

    def turn(self, knob: Option, value: Any) -> "ModelSelection":
        """The place after a knob was set; setting it back to the preset's value is no change."""
        others = tuple((name, old) for name, old in self.changes if name != knob.name)
        value = knob.parse(knob.spell(value))  # a slider's 0.30000000000000004 is 0.3
        before = dict(self.origin.options).get(knob.name, knob.default)
        return replace(self, changes=others if value == before else tuple(sorted((*others, (knob.name, value)))))


def preset_of(source: str, name: str, preset: str) -> Preset | None:
    if source != "model_defs" or name not in CATALOG:
        return None
    return next((each for each in CATALOG[name].presets if each.name == preset), None)


def selection_of(spec: Spec) -> ModelSelection:
    """The selection that shows this network: of ours, the preset from which the fewest knobs are turned.

    Raises `ValueError` with a sentence where a link cannot lead to it: a knob has no such value, or there is no such
    network here.
    """
    if spec.name not in SOURCES[spec.source].names():
        raise ValueError(f"There is no network “{spec.name}” here.")
    presets = [each.name for each in CATALOG[spec.name].presets] if spec.source == "model_defs" else [""]
    settings, knobs = spec_settings(spec), SOURCES[spec.source].options(spec.name)
    found = []
    for preset in presets:
        selection = ModelSelection(spec.source, spec.name, preset)
        for knob in knobs:
            selection = selection.turn(knob, settings[knob.name])
        found.append(selection)
    return min(found, key=lambda selection: len(selection.changes))


@lru_cache(maxsize=512)  # asked for by every title of a page
def as_preset(selection: ModelSelection) -> ModelSelection:
    """The preset that a network with knobs turned has become; itself where it has become none."""
    if selection.source != "model_defs" or not selection.changes:
        return selection
    closest = selection_of(selection.spec)
    return selection if closest.changes else replace(selection, preset=closest.preset, changes=())


def opening(source: str, name: str = "") -> ModelSelection:
    """Where one lands on choosing a source, or a network of it."""
    names = SOURCES[source].names()
    landmark = {"model_defs": "ResNet", "torchvision": "resnet50", "timm": "resnet50"}.get(source, "")
    name = name or (landmark if landmark in names else next(iter(names), ""))
    return ModelSelection(source, name, CATALOG[name].presets[0].name if source == "model_defs" else "")


def home() -> ModelSelection:
    """Where one lands without a link: on the network the app was started with, else on ResNet-50."""
    return opening("own") if SOURCES["own"].present() else ModelSelection()


def decode_selection(query: Mapping[str, str]) -> tuple[ModelSelection, tuple[str, ...]]:
    """The selection a link leads to, and a sentence for each word of it that had to be replaced by the default."""
    if not query:
        return home(), ()
    source = SOURCES.get(query.get("source", ""))
    if source and not source.names():
        return ModelSelection(), (f"There is no network from {source.title} here; showing the lesson's instead.",)
    return decode_query(ModelSelection, query, strangers="there is no such knob on {0.title}")
