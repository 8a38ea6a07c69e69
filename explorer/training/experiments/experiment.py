"""What an experiment is: which networks compete, on what, for how long, and what to look for."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from explorer.glossary import read_glossary
from explorer.models.spec import Spec
from explorer.training.recipe import PRESETS, Recipe
from model_defs import CATALOG

Length = Literal["quick", "full"]
AT_ONCE = 8  # networks in one chart: there are no more colours that everybody can tell apart


@dataclass(frozen=True)
class Contestant:
    """A network in an experiment."""

    title: str
    spec: Spec
    chosen: bool = True  # takes part unless somebody says otherwise
    start: str = ""  # whose weights it takes over, all but those of the last layer; as in a plan
    frozen: bool = False  # whether they stay as they are
    size: int | None = None  # pixels a side that it sees; None: as the recipe says


@dataclass(frozen=True)
class GuessForm:
    """What may be answered to an experiment's question, and by what a run judges it."""

    judge: Literal["lowest loss", "highest loss", "lowest test error", "gain", "order", "depth"]
    answers: tuple[str, ...] = ()  # of "gain" the ranges, else names; empty: what follows from who takes part
    bounds: tuple[float, ...] = ()  # of "gain": what parts the ranges, in percentage points
    between: tuple[str, ...] = ()  # of "gain": the network before, and the one that may be better


@dataclass(frozen=True)
class Experiment:
    key: str
    contestants: tuple[Contestant, ...]
    quick: Recipe
    full: Recipe
    dataset: str  # the one it is meant for; on another it says so
    small: tuple[tuple[str, Any], ...]  # knobs of all networks at quick length,
    gamma: float  # and where the last norm of each block with a shortcut begins
    small_too: tuple[Contestant, ...]  # who takes part at quick length only, if chosen
    title: str
    question: str  # what the class is asked before the run
    guess: GuessForm
    look_for: str  # not what will be seen
    expect: str  # that, to be said after it
    start: str  # how its networks begin at quick length, where that is not the usual start
    ask: tuple[tuple[str, str], ...]  # what to discuss after it, each with an answer or none
    views: tuple[tuple[str, str], ...]  # who says what about it, to hold against what is measured

    def recipe(self, length: Length) -> Recipe:
        return self.quick if length == "quick" else self.full

    def entries(self, length: Length) -> tuple[Contestant, ...]:
        """The contestants at that length; a quick run's networks are narrower, so no published figure is theirs."""
        if length == "full":
            return self.contestants
        return (*(replace(each, spec=self.made_small(each.spec)) for each in self.contestants), *self.small_too)

    def made_small(self, spec: Spec) -> Spec:
        begun = self.gamma != 1 and dict(spec.options).get("shortcut") != "none"
        return changed(spec, (*self.small, *((("last_gamma", self.gamma),) if begun else ())))


def experiment(
    key: str,
    contestants: tuple[Contestant, ...],
    recipes: tuple[Recipe, Recipe],
    dataset: str = "cifar10",
    small: tuple[tuple[str, Any], ...] = (),
    gamma: float = 1,
    small_too: tuple[Contestant, ...] = (),
) -> Experiment:
    """With its words from assets/glossary/experiments.toml. Raises `ValueError` where one is missing."""
    told = read_glossary("experiments").get(key, {})
    try:
        form: dict[str, Any] = {
            name: tuple(each) if isinstance(each, list) else each for name, each in told["guess"].items()
        }
        words = told["title"], told["question"], GuessForm(**form), told["look_for"]
        ask = tuple((each["question"], each.get("answer", "")) for each in told.get("ask", ()))
        views = tuple((view["who"], view["says"]) for view in told.get("views", ()))
    except KeyError as error:
        raise ValueError(f"“{key}” in assets/glossary/experiments.toml has no {error}.") from error
    said = told.get("expect", ""), told.get("start", "").format(gamma=gamma)
    return Experiment(key, contestants, *recipes, dataset, small, gamma, small_too, *words, *said, ask, views)


def begun(spec: Spec, recipe: Recipe) -> Recipe:
    """He et al. 2015, Sec. 4.2: 110 layers begin at a low rate, until the training error is below 80 %."""
    deep = dict(spec.options).get("depth") == 110 and recipe.milestones
    return replace(recipe, warm_up=PRESETS["he110"].warm_up) if deep and recipe.warm_up is None else recipe


def recipe_of(contestant: Contestant, recipe: Recipe) -> Recipe:
    """The recipe as this network needs it: begun gently where it is deep, on pictures of its own size if it has one."""
    return replace(begun(contestant.spec, recipe), size=contestant.size or recipe.size)


def changed(spec: Spec, knobs: tuple[tuple[str, Any], ...]) -> Spec:
    return Spec(spec.source, spec.name, tuple((dict(spec.options) | dict(knobs)).items()))


def preset(family: str, name: str, title: str = "", chosen: bool = True, **changes: Any) -> Contestant:
    """A preset of `model_defs`, changed or not."""
    (found,) = (each for each in CATALOG[family].presets if each.name == name)
    options = dict(found.options) | changes
    return Contestant(title or name, Spec("model_defs", family, tuple(options.items())), chosen)


cifar = partial(preset, "CIFAR ResNet")
exercise_contestant = partial(preset, "Exercise nets")


def everything() -> dict[str, Contestant]:
    """Every preset of `model_defs` by its name: what may be trained side by side."""
    names = ((family, each.name) for family, architecture in CATALOG.items() for each in architecture.presets)
    return {name: preset(family, name) for family, name in names}
