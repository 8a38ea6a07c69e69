"""Where a visitor stands: the network, what is open, what is selected. A place spelled out is a link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from explorer.links import Reader, yes
from explorer.options import Option
from explorer.sources import SOURCES
from explorer.specs import Spec, options
from model_defs import CATALOG
from model_defs.architecture import Preset, Span

Options = tuple[tuple[str, Any], ...]
COLOURS = ("kind", "params", "macs", "memory", "field")
DEFAULTS = {"source": "model_defs", "repeats": "yes", "direction": "TB", "colour": "kind", "batch": "1"}
VIEW = {*DEFAULTS, "model", "preset", "open", "at"}  # what a link may set besides knobs
BATCH = Span(1, 1024)


@dataclass(frozen=True)
class ModelSelection:
    source: str = "model_defs"
    name: str = "ResNet"
    preset: str = "ResNet-50"  # empty for networks that are not ours
    changes: Options = ()  # the knobs turned away from the preset
    opened: tuple[str, ...] | None = None  # ids, sorted; None: as much as fits
    repeats: bool = True
    direction: str = "TB"
    colour: str = "kind"
    selected: str = ""
    batch: int = 1

    @property
    def origin(self) -> Spec:
        """The network before any knob was turned."""
        return Spec(self.source, self.name, chosen(self.source, self.name, self.preset))

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


def chosen(source: str, name: str, preset: str) -> Options:
    found = preset_of(source, name, preset)
    return tuple(sorted(found.options)) if found else ()


def preset_of(source: str, name: str, preset: str) -> Preset | None:
    if source != "model_defs" or name not in CATALOG:
        return None
    return next((each for each in CATALOG[name].presets if each.name == preset), None)


def opening(source: str, name: str = "") -> ModelSelection:
    """Where one lands on choosing a source, or a network of it."""
    names = SOURCES[source].names()
    landmark = {"model_defs": "ResNet", "torchvision": "resnet50", "timm": "resnet50"}.get(source, "")
    name = name or (landmark if landmark in names else next(iter(names), ""))
    return ModelSelection(source, name, CATALOG[name].presets[0].name if source == "model_defs" else "")


def home() -> ModelSelection:
    """Where one lands without a link: on the network the app was started with, else on ResNet-50."""
    return opening("own") if SOURCES["own"].present() else ModelSelection()


def spell(place: ModelSelection) -> dict[str, str]:
    """The place as query parameters; what stands at its default is left out, except the network's name."""
    known = {option.name: option for option in options(place.spec)}
    words = {"source": place.source, "model": place.name, "preset": place.preset}
    words |= {name: known[name].spell(value) for name, value in place.changes}
    words |= {} if place.opened is None else {"open": ",".join(place.opened) or "none"}
    words |= {"repeats": yes(place.repeats), "at": place.selected}
    words |= {"direction": place.direction, "colour": place.colour, "batch": str(place.batch)}
    return {name: word for name, word in words.items() if word and word != DEFAULTS.get(name)}


def read(query: Mapping[str, str]) -> tuple[ModelSelection, tuple[str, ...]]:
    """The place a link leads to, and a sentence for each word of it that had to be replaced by the default."""
    if not query:
        return home(), ()
    reader = Reader(query)
    source = reader.one("source", tuple(SOURCES), DEFAULTS["source"])
    names = SOURCES[source].names()
    if not names:
        reader.problems.append(f"There is no network from {SOURCES[source].title} here; showing the lesson's instead.")
        return ModelSelection(), tuple(reader.problems)
    place = opening(source, reader.one("model", names, opening(source).name))
    if source == "model_defs":
        presets = tuple(preset.name for preset in CATALOG[place.name].presets)
        place = replace(place, preset=reader.one("preset", presets, place.preset))
    for option in options(place.origin):
        if (value := reader.parse(option.name, option.parse)) is not None:
            place = place.turn(option, value)
    known = (*VIEW, *(option.name for option in options(place.origin)))
    reader.name_strangers(known, f"there is no such knob on {place.title}")
    return looked_at(place, reader), tuple(reader.problems)


def looked_at(place: ModelSelection, reader: Reader) -> ModelSelection:
    """The network as the link has it seen."""
    if opened := reader.words.get("open", ""):
        ids = () if opened == "none" else tuple(sorted(set(filter(None, opened.split(",")))))
        place = replace(place, opened=ids)
    return replace(
        place,
        repeats=reader.yes("repeats", True),
        direction=reader.one("direction", ("TB", "LR"), DEFAULTS["direction"]),
        colour=reader.one("colour", COLOURS, DEFAULTS["colour"]),
        selected=reader.words.get("at", ""),
        batch=reader.parse("batch", Option("batch", 1, span=BATCH).parse) or 1,
    )
