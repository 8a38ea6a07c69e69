"""What the visitor looks at on the Inside page: a network and its weights, a picture, what is open and selected."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from explorer.activations.gradient_flow import DEPTHS
from explorer.models.selection import decode_opened
from explorer.ui.inside.networks import Weights, known_networks
from explorer.ui.network_picture import NetworkPage
from explorer.url_params import Param, choice_param, decode_query, text_param

MOST_CHANNELS = 100_000
MOST_SEED = 9_999
MOST_OUT = 40  # blocks that are taken out together
UPLOADED = "own"  # the visitor's: no link can hold it
WEIGHTS: dict[Weights, str] = {"trained": "Trained", "initial": "As initialised"}


def index_param(name: str, instead: str) -> Param:
    """The number of a channel or a class; `instead` says what is done where it is none."""

    def decode(word: str, usual: None, known: object) -> int | None:
        if word and not (word.isascii() and word.isdigit() and int(word[:9]) < MOST_CHANNELS):
            raise ValueError(f"The link's {name} “{word[:20]}” is no number of one: the {instead}.")
        return int(word) if word else usual

    return Param(name, decode)


def decode_cell(word: str, usual: None, known: object) -> tuple[int, int] | None:
    parts = word.split(",")
    if word and not (len(parts) == 2 and all(each.isascii() and each.isdigit() and len(each) < 6 for each in parts)):
        raise ValueError(f"The link's cell “{word[:20]}” is no row and column, as 3,5 is: none is chosen.")
    return (int(parts[0]), int(parts[1])) if word else usual


def decode_names(word: str, usual: tuple[str, ...], known: object) -> tuple[str, ...]:
    return tuple(sorted({name[:80] for name in word.split(",") if name}))[:MOST_OUT]


def spell_cell(cell: tuple[int, int] | None) -> str:
    return ",".join(map(str, cell or ()))


def decode_pair(word: str, usual: tuple[str, ...], known: object) -> tuple[str, ...]:
    pair = tuple(word.split(","))
    if word and (len(pair) != 2 or not {*pair} <= known_networks().keys()):
        raise ValueError(f"The link's pair “{word[:40]}” is no two runs whose weights are here: others are shown.")
    return pair if word else usual


def decode_seed(word: str, usual: int, known: object) -> int:
    if word and not (word.isascii() and word.isdigit() and int(word[:9]) <= MOST_SEED):
        raise ValueError(f"The link's seed “{word[:20]}” is no number up to {MOST_SEED}: {usual} is taken.")
    return int(word) if word else usual


@dataclass(frozen=True)
class InsideState:
    network: Annotated[str, choice_param("network", lambda known: known_networks())] = ""  # "": the first
    weights: Weights = "trained"
    picture: Annotated[str, text_param("picture", 80)] = ""  # "": the first
    opened: Annotated[tuple[str, ...] | None, Param("open", decode_opened)] = None  # ids, sorted; None: as much as fits
    repeats: bool = True
    direction: Literal["TB", "LR"] = "TB"
    colour: Literal["kind", "params", "macs", "memory", "field"] = "kind"
    selected: Annotated[str, text_param("at", 200)] = ""
    channel: Annotated[int | None, index_param("channel", "strongest is shown")] = None  # None: the strongest
    cell: Annotated[tuple[int, int] | None, Param("cell", decode_cell, spell_cell)] = None
    panel: Literal["maps", "why", "reach"] = "maps"  # what stands beside the picture
    order: Literal["strength", "number"] = "strength"
    label: Annotated[int | None, index_param("class", "likeliest is asked for")] = (
        None  # the class that is asked for; None: the likeliest
    )
    randomised: bool = False  # whether the weights are made random from the top
    beside: Literal["nothing", "channel", "weights", "recipe", "picture"] = (
        "nothing"  # what the selected box is held against
    )
    other: Annotated[str, text_param("other", 80)] = ""  # the picture that it is held against
    pixel: Annotated[tuple[int, int] | None, Param("pixel", decode_cell, spell_cell)] = None  # of the picture
    against: Annotated[int | None, index_param("against", "next by strength is shown")] = None  # None: that one
    slide: bool = False  # whether the map of the channel appears under a window that slides
    lab: Literal["maps", "gradients", "ablation", "loss"] = "maps"  # the laboratory
    pair: Annotated[tuple[str, ...], Param("pair", decode_pair)] = ()  # of runs; none: the deepest that ship
    seed: Annotated[int, Param("seed", decode_seed)] = 0  # of the directions around the weights
    view: Literal["line", "contour", "surface", "trajectory"] = "line"  # how the loss there is shown
    depth: Annotated[int, choice_param("depth", DEPTHS)] = 56  # of what the gradient comes back through
    form: Literal["original", "preactivation"] = "original"
    norms: bool = True  # whether there is batch norm
    state: Literal["initial", "trained"] = "initial"  # of its weights
    of: Literal["maps", "weights"] = "maps"  # what the gradient is with respect to
    block: Annotated[str, text_param("block", 40)] = ""  # whose two ways are shown; "": the one in the middle
    cut: Literal["one", "random", "order"] = "one"  # what is done to the blocks of a trained network
    out: Annotated[tuple[str, ...], Param("out", decode_names, ",".join)] = ()  # the blocks that are taken out together

    @property
    def other_weights(self) -> Weights:
        """Those of what the selected box is held against."""
        if self.beside != "weights":
            return self.weights
        return "initial" if self.weights == "trained" else "trained"


def decode_inside(query: Mapping[str, str]) -> tuple[InsideState, tuple[str, ...]]:
    return decode_query(InsideState, query)


class InsidePage(NetworkPage[InsideState]):
    def look_into(self, network: str) -> None:
        """Another one has other boxes."""
        self.change(network=network, opened=None, selected="", channel=None, cell=None, against=None, label=None)

    def select(self, id: str, *, tell_diagram: bool) -> None:
        """Another box has other channels."""
        self.change(channel=None, cell=None, against=None)
        super().select(id, tell_diagram=tell_diagram)


PAGE = InsidePage("inside", decode_inside)
arrive_inside, current_view, publish_inside = PAGE.arrive, PAGE.current, PAGE.publish
