"""The networks that ship with their blocks taken out, recorded: `python -m benchmarks.ablations cifar10`."""

import argparse
import io
import json
import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import torch

from benchmarks.loss_slices import shipped_runs, shipped_state
from explorer.activations.ablation import MOST, TASKS, Piece, measure_ablation
from explorer.activations.networks import live_network, packed_pictures, spec_of_plan
from explorer.training.plan import parse_plan
from explorer.training.results.predictions import read_intake
from explorer.training.runs.pretrained_weights import loaded, shipped_head
from explorer.training.runs.store import Run
from explorer.ui.inside.ablation import RECORDED


def recorded(run: Run, data: str) -> dict[str, Any]:
    """By the tasks: what the page's own process would answer, on the same pictures."""
    torch.set_num_threads(1)
    intake = read_intake(shipped_head(run))
    images, labels = torch.load(io.BytesIO(packed_pictures(data, intake, MOST)), weights_only=True)
    state = loaded(shipped_state(run), run.title)["model"]
    model = live_network(run.title, spec_of_plan(parse_plan(run.plan), intake), state, intake).model
    pictures = intake.numbers(images), labels
    found = {task: final(measure_ablation(model, pictures, task, frozenset())) for task in TASKS if task != "out"}
    print(f"  {run.title}, {intake.shape}", flush=True)
    return found


def final(pieces: Iterable[Piece]) -> list[Piece]:
    """Without those of fewer pictures that came first."""
    units, *told = pieces
    last = {piece.get("unit", place): piece for place, piece in enumerate(told)}  # a draw has no unit
    return [units | {"whole": len(last)}, *last.values()]


def record_main(data: str, processes: int) -> None:
    """Those that the file does not hold yet, the deepest first; what ships no more leaves it."""
    known = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {}
    runs = shipped_runs()
    fresh = [run for run in runs if run.id not in known]
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        known |= zip((run.id for run in fresh), pool.map(partial(recorded, data=data), fresh), strict=True)
    kept = {run.id: known[run.id] for run in runs}
    RECORDED.write_text(json.dumps(kept, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablations", description=__doc__)
    parser.add_argument("data", help="a key of the shelf, such as cifar10 or folder:/path")
    parser.add_argument("--processes", type=int, default=2, help="of one thread each")
    arguments = parser.parse_args()
    record_main(arguments.data, arguments.processes)
