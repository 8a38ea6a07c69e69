"""Records runs to ship: `python -m explorer.record_runs degradation full cifar10 --seeds 3 --out assets/runs`."""

import argparse
import hashlib
import json
import multiprocessing
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from explorer.datasets.registry import FOLDER, load_dataset
from explorer.hardware import fastest_device
from explorer.paths import data_folder
from explorer.training.engine import Session
from explorer.training.experiments.experiment import Contestant, Length, recipe_of
from explorer.training.experiments.presets import EXPERIMENTS
from explorer.training.plan import Plan, parse_plan
from explorer.training.recipe import Recipe, read_recipe
from explorer.training.results.predictions import answers_of, weights_head
from explorer.training.runs.pretrained_weights import (
    SEAL,
    loaded,
    pack_weights,
    shipped_file,
    starting_state,
    unpack_weights,
)
from explorer.training.runs.recorded_runs import run_file_name, thrifty, write
from explorer.training.runs.run_log import record
from explorer.training.runs.store import Checkpoint, Run, Store, timestamp
from explorer.training.scheduler.worker_task import (
    SliceOrder,
    configure_process,
    describe_machine,
    run_slice,
)

SAVE = 60.0  # seconds of training between checkpoints: an interrupted recording goes on from its last


@dataclass(frozen=True)
class Take:
    """One run to be recorded."""

    run: Run
    data: str  # a key of the shelf, which may name a folder of this computer
    file: Path
    workshop: Path  # where it is kept until it is whole
    weights: Path | None  # the folder for what it ends with
    bits: int
    keep: bool  # the workshop


def record_main(arguments: Sequence[str] | None = None) -> None:
    asked = parse_arguments(arguments)
    load_dataset(asked.data)  # refuses before anything is trained, and unpacks it once
    takes = [take for take in planned_takes(asked) if not take.file.exists()]
    print(f"{len(takes)} runs to record, {asked.processes} at a time.", flush=True)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.processes, mp_context=context) as pool:
        for done in as_completed([pool.submit(make, take) for take in takes]):
            print(done.result(), flush=True)


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m explorer.record_runs", description=__doc__)
    parser.add_argument("experiment", choices=list(EXPERIMENTS))
    parser.add_argument("length", choices=get_args(Length))
    parser.add_argument("data", help="a key of the shelf: cifar10, shapes10, mnist, fashion, or folder:/path")
    parser.add_argument("--seeds", type=int, default=1, help="runs of every network, from seed 0")
    parser.add_argument("--steps", type=int, help="instead of the whole recipe; its milestones move along")
    parser.add_argument(
        "--recipe", nargs="*", default=[], metavar="NAME=VALUE", help="instead of the recipe's own values"
    )
    parser.add_argument("--networks", nargs="*", default=[], help="titles; otherwise those usually chosen")
    parser.add_argument("--out", type=Path, default=Path("assets/runs"), help="a run whose file is there is skipped")
    parser.add_argument("--weights", type=Path, help="a folder for the networks themselves")
    parser.add_argument("--bits", type=int, choices=(16, 8), default=16, help="of a number in their kernels there")
    parser.add_argument("--keep", action="store_true", help="the last checkpoints in the data folder, with their ways")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="of one thread each")
    return parser.parse_args(arguments)


def planned_takes(asked: argparse.Namespace) -> list[Take]:
    """The deepest first, so that none is left alone at the end."""
    experiment = EXPERIMENTS[asked.experiment]
    entries = experiment.entries(asked.length)
    titles = asked.networks or [each.title for each in entries if each.chosen]
    if strangers := set(titles) - {each.title for each in entries}:
        raise SystemExit(f"{experiment.title} has no {', '.join(sorted(strangers))}.")
    chosen = [each for each in entries if each.title in titles]
    chosen.sort(key=lambda each: -int(dict(each.spec.options).get("depth", 0)))
    recipe = shorten_recipe(experiment.recipe(asked.length), asked.steps, len(load_dataset(asked.data).train))
    recipe = change_recipe(recipe, asked.recipe)
    return [planned_take(asked, each, replace(recipe, seed=seed)) for seed in range(asked.seeds) for each in chosen]


def shorten_recipe(recipe: Recipe, steps: int | None, pictures: int) -> Recipe:
    if not steps:
        return recipe
    share = steps / recipe.length(pictures)
    milestones = tuple(round(each * recipe.unit(pictures) * share) for each in recipe.milestones)
    return replace(recipe, steps=steps, epochs=None, milestones=milestones)


def change_recipe(recipe: Recipe, changes: Sequence[str]) -> Recipe:
    """Each change is `name=value`, the value as in JSON, or a word."""
    pairs = (each.partition("=") for each in changes)
    try:
        return read_recipe(recipe.plain() | {name: plain_value(value) for name, _, value in pairs})
    except ValueError as error:
        raise SystemExit(str(error)) from None


def plain_value(text: str) -> Any:
    with suppress(ValueError):
        return json.loads(text)
    return text


def planned_take(asked: argparse.Namespace, contestant: Contestant, recipe: Recipe) -> Take:
    recipe = recipe_of(contestant, recipe)
    plan = Plan(contestant.spec, nameless(asked.data), recipe, contestant.start, contestant.frozen).json()
    experiment = f"{asked.experiment}-{asked.length}"
    id = hashlib.sha256(f"{experiment} {contestant.title} {plan}".encode()).hexdigest()[:8]
    about = ("experiment", asked.experiment), ("length", asked.length)
    run = Run(id, timestamp(), experiment, EXPERIMENTS[asked.experiment].title, contestant.title, plan, about=about)
    file = asked.out / run_file_name(f"{experiment} {contestant.title}", run)
    return Take(run, asked.data, file, recording_folder(id), asked.weights, asked.bits, asked.keep)


def recording_folder(id: str) -> Path:
    """Of a run's store while it is recorded, and after that where it is kept."""
    return data_folder() / "recording" / id


def nameless(key: str) -> str:
    """Without the path, which is nobody else's."""
    return f"{FOLDER}{Path(key).name}" if key.startswith(FOLDER) else key


def make(take: Take) -> str:
    """Trains it, from its last checkpoint if there is one, and writes its file; says how that went."""
    configure_process()
    store = Store(take.workshop)
    dataset = load_dataset(take.data)
    if not store.runs():
        store.add([replace(take.run, made=timestamp())])
    (run,) = store.runs()
    session = Session(replace(parse_plan(run.plan), dataset=take.data), dataset, fastest_device())
    if checkpoint := store.checkpoint(run.id):
        session.restore(loaded(checkpoint.state, str(store.file)))
    elif session.plan.start:
        session.restore(loaded(starting_state(session.plan.start, store), session.plan.start))
    about = (*take.run.about, ("data", dataset.name), ("origin", dataset.origin), *describe_machine())
    run = replace(run, steps=session.length, layers=session.layers, about=about)
    run = record_to_end(session, run, store)
    found = thrifty(record(store, run.id))
    if run.state == "done":
        found = replace(found, confusion=answers_of(session, dataset.classes).confusion())
        if take.weights:
            found = replace(found, run=seal_weights(found.run, session, dataset.classes, take))
    write(found, take.file)
    if not take.keep:
        shutil.rmtree(take.workshop)
    size = take.file.stat().st_size
    return f"{take.file.name}: {run.state} at step {run.step:,} after {run.seconds:.0f} s, {size:,} bytes"


def seal_weights(run: Run, session: Session, classes: tuple[str, ...], take: Take) -> Run:
    """Writes what ships, and measures it: rounded numbers are other numbers. The run names the file by its SHA-256."""
    assert take.weights
    model = {name: tensor.clone() for name, tensor in session.model.state_dict().items()}
    session.model.load_state_dict(unpack_weights(pack_weights(model, {}, take.bits)))
    packed = pack_weights(model, weights_head(run, run.step, answers_of(session, classes)), take.bits)
    take.weights.mkdir(parents=True, exist_ok=True)
    (take.weights / shipped_file(run).name).write_bytes(packed)
    return replace(run, about=(*run.about, (SEAL, hashlib.sha256(packed).hexdigest())))


def record_to_end(session: Session, run: Run, store: Store) -> Run:
    """To its end; a run that diverges is a result as well."""
    while run.state not in ("done", "failed"):
        found = run_slice(session, SliceOrder(run.id, run.plan, session.step, None, SAVE, want_state=True, last=True))
        state = "failed" if found.failure else "done" if found.at >= found.steps else run.state
        seconds = run.seconds + found.seconds
        run = replace(run, state=state, message=found.failure, step=found.at, seconds=seconds)
        store.write(run, found.rows, Checkpoint(found.at, found.state) if found.state else None)
        print(f"  {run.title}, seed {session.recipe.seed}: step {run.step:,} of {run.steps:,}", flush=True)
        if (parent := multiprocessing.parent_process()) and not parent.is_alive():
            raise SystemExit("The recording was ended: what was trained so far is kept.")
    return run


if __name__ == "__main__":
    record_main()
