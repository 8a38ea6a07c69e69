"""The networks that ship with their blocks taken out, recorded: `python -m benchmarks.ablations cifar10`.

And with `--weights folder` recorded runs whose weights lie there and do not ship, as those of other seeds do: of them
each block alone is taken out, for the spans on the page.
"""

import argparse
import io
import json
import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import torch

from explorer.activations.ablation import MOST, TASKS, Piece, measure_ablation
from explorer.activations.networks import live_network, packed_pictures, spec_of_plan
from explorer.training.plan import parse_plan
from explorer.training.results.predictions import read_intake
from explorer.training.runs.pretrained_weights import SHIPPED, read_head, shipped_file, ships, unpack_weights
from explorer.training.runs.recorded_runs import collection
from explorer.training.runs.store import Run
from explorer.ui.inside.ablation import RECORDED


def recorded(run: Run, data: str, folder: Path) -> dict[str, Any]:
    """By the tasks: what the page's own process would answer, on the same pictures."""
    torch.set_num_threads(1)
    packed = (folder / shipped_file(run).name).read_bytes()
    intake = read_intake(read_head(packed))
    images, labels = torch.load(io.BytesIO(packed_pictures(data, intake, MOST)), weights_only=True)
    spec, state = spec_of_plan(parse_plan(run.plan), intake), unpack_weights(packed)
    model = live_network(run.title, spec, state, intake).model
    pictures = intake.numbers(images), labels
    tasks = [task for task in TASKS if task != "out"] if ships(run) else ["one"]
    found = {task: final(measure_ablation(model, pictures, task, frozenset())) for task in tasks}
    print(f"  {run.title}, {intake.shape}", flush=True)
    return found


def final(pieces: Iterable[Piece]) -> list[Piece]:
    """Without those of fewer pictures that came first."""
    units, *told = pieces
    last = {piece.get("unit", place): piece for place, piece in enumerate(told)}  # a draw has no unit
    return [units | {"whole": len(last)}, *last.values()]


def record_main(data: str, folder: Path, processes: int) -> None:
    """Those that the file does not hold yet, the deepest first; what is recorded no more leaves it."""
    known = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {}
    runs = collection().runs()
    there = [run for run in runs if (folder / shipped_file(run).name).exists()]
    fresh = sorted((run for run in there if run.id not in known), key=lambda run: run.title, reverse=True)
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.map(partial(recorded, data=data, folder=folder), fresh)
        known |= zip((run.id for run in fresh), found, strict=True)
    kept = {run.id: known[run.id] for run in runs if run.id in known}
    RECORDED.write_text(json.dumps(kept, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablations", description=__doc__)
    parser.add_argument("data", help="a key of the shelf, such as cifar10 or folder:/path")
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="a folder of weights; none: those that ship")
    parser.add_argument("--processes", type=int, default=2, help="of one thread each")
    arguments = parser.parse_args()
    record_main(arguments.data, arguments.weights, arguments.processes)
