"""All the runs there are, as lines of a table that can be filtered and taken together."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from explorer.experiments import EXPERIMENTS
from explorer.experiments.experiment import Length
from explorer.labs import MOST_RUNS, ExperimentSelection
from explorer.learning import MEMORY
from explorer.recorded import Collection, about
from explorer.runs import plan_of, seedless, state_of
from explorer.training.recipe import Recipe
from explorer.training.store import Run, Store

By = Literal["run", "network", "recipe"]
SCHEDULES = {"constant": "", "steps": ", in steps", "cosine": ", along a cosine", "onecycle": ", one cycle"}


@dataclass(frozen=True)
class Outcome:
    """Where a run stands; None where nothing was measured."""

    loss: float | None = None  # of the training batches, over the last steps
    test_error: float | None = None


@dataclass(frozen=True)
class Line:
    """Runs that stand together in the table, and what they have in common."""

    runs: tuple[Run, ...]
    networks: tuple[str, ...]
    experiments: tuple[str, ...]
    pictures: tuple[str, ...]
    states: tuple[str, ...]
    recipe: str
    outcome: Outcome  # the mean of those that were measured
    best: str  # the network with the lowest test error, and that

    @property
    def words(self) -> str:
        """What a search looks through."""
        parts = (*self.networks, *self.experiments, *self.pictures, *self.states, self.recipe)
        return " ".join((*parts, *(run.id for run in self.runs), *(about(run, "machine") for run in self.runs))).lower()


@dataclass(frozen=True)
class Filter:
    """Empty: everything."""

    text: str = ""
    experiments: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    def takes(self, line: Line) -> bool:
        pairs = (
            (self.experiments, line.experiments),
            (self.networks, line.networks),
            (self.pictures, line.pictures),
            (self.states, line.states),
        )
        chosen = all(not wanted or set(wanted) & set(found) for wanted, found in pairs)
        return chosen and all(word in line.words for word in self.text.lower().split())


def lines(runs: Iterable[Run], outcomes: Mapping[str, Outcome], by: By, name: Callable[[Run], str]) -> list[Line]:
    """The newest first; `name` gives what is written for the pictures of a run."""
    together: dict[Hashable, list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.made, reverse=True):
        together.setdefault(KEYS[by](run), []).append(run)
    return [line(tuple(found), outcomes, name) for found in together.values()]


def line(runs: tuple[Run, ...], outcomes: Mapping[str, Outcome], name: Callable[[Run], str]) -> Line:
    known = [outcomes.get(run.id, Outcome()) for run in runs]
    return Line(
        runs=runs,
        networks=distinct(run.title for run in runs),
        experiments=distinct(run.name.partition(":")[0] for run in runs),
        pictures=distinct(map(name, runs)),
        states=distinct(map(state_of, runs)),
        recipe=spoken(plan_of(runs[0].plan).recipe),
        outcome=Outcome(mean([each.loss for each in known]), mean([each.test_error for each in known])),
        best=best(runs, outcomes),
    )


def best(runs: Sequence[Run], outcomes: Mapping[str, Outcome]) -> str:
    """By the mean over its runs."""
    errors = {
        title: mean([outcomes.get(run.id, Outcome()).test_error for run in runs if run.title == title])
        for title in distinct(run.title for run in runs)
    }
    known = {title: error for title, error in errors.items() if error is not None}
    first = min(known, key=known.__getitem__, default="")
    return f"{first} {known[first]:.1%}" if known else ""


# What runs have in common that stand in one line.
KEYS: dict[By, Callable[[Run], Hashable]] = {
    "run": lambda run: run.id,
    "network": lambda run: (run.title, seedless(plan_of(run.plan)), run.recorded),
    "recipe": lambda run: (plan_of(run.plan).dataset, seedless(plan_of(run.plan)).recipe, run.recorded),
}


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def outcomes(store: Store, recorded: Collection) -> dict[str, Outcome]:
    """Of every run, by its id."""
    tested = "SELECT test_error FROM steps WHERE run = ? AND test_error IS NOT NULL ORDER BY step DESC LIMIT 1"
    trained = "SELECT avg(loss) FROM steps WHERE run = ? AND step > ?"
    found = {}
    with store.connection() as connection:
        for run in store.runs():
            (loss,) = connection.execute(trained, (run.id, run.step - MEMORY)).fetchone()
            (error,) = connection.execute(tested, (run.id,)).fetchone() or (None,)
            found[run.id] = Outcome(loss, error)
    for id, record in recorded.records.items():
        last = record.measured["loss"][-max(1, round(MEMORY / record.width)) :].tolist()
        found[id] = Outcome(mean(last), record.test_error[-1].item() if len(record.test_error) else None)
    return found


def spoken(recipe: Recipe) -> str:
    """In a few words; the seed is not part of it."""
    length = f"{recipe.steps:,} steps" if recipe.steps else f"{recipe.epochs} epochs"
    parts = [length, f"{recipe.optimiser.upper() if recipe.optimiser == 'sgd' else 'Adam'} {recipe.rate:g}"]
    parts[-1] += SCHEDULES[recipe.schedule]
    parts.append(f"batch {recipe.batch}")
    parts += [f"{recipe.size} px"] if recipe.size else []
    parts += [recipe.augment] if recipe.augment != "none" else []
    parts += [f"{recipe.subset:,} pictures"] if recipe.subset else []
    parts += [recipe.precision] if recipe.precision != "fp32" else []
    return ", ".join(parts)


def lab_for(lab: ExperimentSelection, runs: Sequence[Run]) -> ExperimentSelection:
    """The place where they are shown: under their experiment if they share one, in its own order."""
    keys = {key for run in runs for key, each in EXPERIMENTS.items() if run.name == each.title}
    key = keys.pop() if len(keys) == 1 else lab.key
    order = [each.title for each in EXPERIMENTS[key].contestants]
    places = {title: place for place, title in enumerate(order)}
    shown = sorted(runs, key=lambda run: (places.get(run.title, len(order)), plan_of(run.plan).recipe.seed, run.made))
    ids = distinct(run.id for run in shown)[:MOST_RUNS]
    start = next((plan.start for run in shown if (plan := plan_of(run.plan)).start), "")
    return replace(lab, key=key, length=length_of(key, runs) or lab.length, runs=ids, start=start)


def length_of(key: str, runs: Sequence[Run]) -> Length | None:
    """None where they do not say, or do not agree."""
    lengths: tuple[Length, ...] = ("quick", "full")
    found: set[Length] = {
        length
        for run in runs
        for length in lengths
        if about(run, "length") == length or trained(run, EXPERIMENTS[key].recipe(length))
    }
    return found.pop() if len(found) == 1 else None


def trained(run: Run, recipe: Recipe) -> bool:
    """Whether it was trained so, whatever the seed."""
    return seedless(plan_of(run.plan)).recipe == replace(recipe, seed=0)
