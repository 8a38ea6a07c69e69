"""The library: every run as a line with its outcome, grouped, and as files that travel from one library to another."""

import io
import zipfile
import zlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from explorer.training.experiments.experiment import Length
from explorer.training.experiments.presets import EXPERIMENTS, MOST_RUNS, ExperimentSelection
from explorer.training.recipe import Recipe
from explorer.training.results.grouping import plan_of, seedless, state_of
from explorer.training.results.score import ERROR, ScoreKind
from explorer.training.runs.curves import MEMORY
from explorer.training.runs.recorded_runs import ENDING, LARGEST, Collection, run_file_name, run_summary, stored_record
from explorer.training.runs.store import Run, Store

By = Literal["run", "network", "recipe"]
SCHEDULES = {"constant": "", "steps": ", in steps", "cosine": ", along a cosine", "onecycle": ", one cycle"}

# What runs have in common that stand in one line.
KEYS: dict[By, Callable[[Run], Hashable]] = {
    "run": lambda run: run.id,
    "network": lambda run: (run.title, seedless(plan_of(run.plan)), run.recorded),
    "recipe": lambda run: (plan_of(run.plan).dataset, seedless(plan_of(run.plan)).recipe, run.recorded),
}


def exported(store: Store, runs: Sequence[Run]) -> tuple[str, Callable[[], bytes]]:
    """The name of a file that holds them all, and what makes it."""
    if len(runs) == 1:
        return run_file_name(runs[0].title, runs[0]), lambda: stored_record(store, runs[0]).pack()
    names = {run.id: run_file_name(run.title, run) for run in runs}
    return f"{len(runs)} runs.zip", lambda: zipped({names[run.id]: stored_record(store, run).pack() for run in runs})


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:  # they are packed already
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def files_in(content: bytes, name: str) -> list[tuple[str, bytes]]:
    """What an export holds: one run, or a ZIP of several. Raises `ValueError` with a sentence."""
    if not content.startswith(b"PK"):
        return [(name, content)]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [each for each in archive.infolist() if each.filename.endswith(ENDING)]
            if not inside or sum(each.file_size for each in inside) > LARGEST:
                raise ValueError(f"{name} holds no recorded runs, or too many: bring a file that “Export” wrote.")
            return [(each.filename, archive.read(each)) for each in inside]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError) as error:
        raise ValueError(f"{name} is damaged: export the runs again.") from error


@dataclass(frozen=True)
class RunOutcome:
    """Where a run stands; None where nothing was measured."""

    loss: float | None = None  # of the training batches, over the last steps
    test_error: float | None = None


@dataclass(frozen=True)
class LibraryLine:
    """Runs that stand together in the table, and what they have in common."""

    runs: tuple[Run, ...]
    networks: tuple[str, ...]
    experiments: tuple[str, ...]
    pictures: tuple[str, ...]
    states: tuple[str, ...]
    recipe: str
    outcome: RunOutcome  # the mean of those that were measured
    best: str  # the network with the lowest test error, and that error or its accuracy

    @property
    def words(self) -> str:
        """What a search looks through."""
        parts = (*self.networks, *self.experiments, *self.pictures, *self.states, self.recipe)
        own = (part for run in self.runs for part in (run.id, run_summary(run, "machine")))
        return " ".join((*parts, *own)).lower()


def fits_filters(line: LibraryLine, text: str = "", **chosen: Sequence[str]) -> bool:
    """Whether it has all words of the text, and in each field one of what is chosen of it, if anything is."""
    one_of_each = all(set(wanted) & set(getattr(line, name)) for name, wanted in chosen.items() if wanted)
    return one_of_each and all(word in line.words for word in text.lower().split())


def library_lines(
    runs: Iterable[Run],
    outcomes: Mapping[str, RunOutcome],
    by: By,
    name: Callable[[Run], str],
    score: ScoreKind = ERROR,
) -> list[LibraryLine]:
    """The newest first; `name` gives what is written for the pictures of a run."""
    together: dict[Hashable, list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.made, reverse=True):
        together.setdefault(KEYS[by](run), []).append(run)
    return [library_line(tuple(found), outcomes, name, score) for found in together.values()]


def library_line(
    runs: tuple[Run, ...], outcomes: Mapping[str, RunOutcome], name: Callable[[Run], str], score: ScoreKind
) -> LibraryLine:
    known = [outcomes.get(run.id, RunOutcome()) for run in runs]
    return LibraryLine(
        runs=runs,
        networks=distinct(run.title for run in runs),
        experiments=distinct(run.name.partition(":")[0] for run in runs),
        pictures=distinct(map(name, runs)),
        states=distinct(map(state_of, runs)),
        recipe=recipe_words(plan_of(runs[0].plan).recipe),
        outcome=RunOutcome(mean([each.loss for each in known]), mean([each.test_error for each in known])),
        best=best_run(runs, outcomes, score),
    )


def best_run(runs: Sequence[Run], outcomes: Mapping[str, RunOutcome], score: ScoreKind) -> str:
    """By the mean over its runs."""
    errors = {
        title: mean([outcomes.get(run.id, RunOutcome()).test_error for run in runs if run.title == title])
        for title in distinct(run.title for run in runs)
    }
    known = {title: error for title, error in errors.items() if error is not None}
    first = min(known, key=known.__getitem__, default="")
    return f"{first} {score.percent(known[first])}" if known else ""


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def outcomes(store: Store, recorded: Collection) -> dict[str, RunOutcome]:
    """Of every run, by its id."""
    tested = "SELECT test_error FROM steps WHERE run = ? AND test_error IS NOT NULL ORDER BY step DESC LIMIT 1"
    trained = "SELECT avg(loss) FROM steps WHERE run = ? AND step > ?"
    found = {}
    with store.connection() as connection:
        for run in store.runs():
            (loss,) = connection.execute(trained, (run.id, run.step - MEMORY)).fetchone()
            (error,) = connection.execute(tested, (run.id,)).fetchone() or (None,)
            found[run.id] = RunOutcome(loss, error)
    for id, record in recorded.records.items():
        last = record.measured["loss"][-max(1, round(MEMORY / record.width)) :].tolist()
        found[id] = RunOutcome(mean(last), record.test_error[-1].item() if len(record.test_error) else None)
    return found


def recipe_words(recipe: Recipe) -> str:
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
    recipes: dict[Length, Recipe] = {"quick": EXPERIMENTS[key].quick, "full": EXPERIMENTS[key].full}
    found: set[Length] = {
        length
        for run in runs
        for length, recipe in recipes.items()
        if run_summary(run, "length").partition(",")[0] == length
        or replace(plan_of(run.plan).recipe, seed=recipe.seed) == recipe
    }
    return found.pop() if len(found) == 1 else None
