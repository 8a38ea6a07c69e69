"""The loss around the weights that ship: how long a slice takes, and the recording of those that ship beside them.

`python -m benchmarks.loss_slices` measures; `python -m benchmarks.loss_slices cifar10 --seeds 3` records, and with them
the ways of those trainings whose recording was kept (`python -m explorer.record_runs … --keep`).
"""

import argparse
import io
import json
import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch

from explorer.record_runs import recording_folder
from explorer.training.results.loss_slice import LossSlice
from explorer.training.results.predictions import read_intake
from explorer.training.results.slice_jobs import POINTS, RECORDED, plain_slice
from explorer.training.results.weight_space import DRAWN, LINE, PLANE, TRAJECTORY, PointsOrder, SliceKey, measure_points
from explorer.training.runs.pretrained_weights import SEAL, loaded, shipped_head, ships, weights_of
from explorer.training.runs.recorded_runs import collection, run_summary
from explorer.training.runs.store import Run, Store, timestamp

TIMED = 12  # points


@dataclass(frozen=True)
class Take:
    """One slice to be recorded."""

    run: Run
    pictures: str  # a key of the shelf, which may name a folder of this computer
    seed: int

    def order(self, points: Iterable[tuple[int, int]]) -> PointsOrder:
        key = SliceKey(self.run.id, run_summary(self.run, SEAL), self.pictures, self.seed)
        state = state_with_way(self.run) if self.seed == TRAJECTORY else shipped_state(self.run)
        return PointsOrder(key, self.run.plan, None, state, tuple(points), float("inf"))

    def recorded(self) -> dict[str, Any]:
        order = self.order(PLANE if self.seed == TRAJECTORY else POINTS)
        found = measure_points(order)
        if found.failure:
            raise SystemExit(found.failure)
        print(f"  {self.run.title}, directions {self.seed}: {found.seconds:.0f} s", flush=True)
        plain = plain_slice(LossSlice(order.key, dict(found.losses), found.facts))
        return plain | {"key": plain["key"] | {"pictures": ""}}  # without the path, which is nobody else's


def shipped_runs() -> list[Run]:
    """The deepest first, so that none is left alone at the end."""
    return sorted(filter(ships, collection().runs()), key=lambda run: run.title, reverse=True)


def quick_runs() -> list[Run]:
    """A slice through one at full length takes ten times as long: of those only the first seed is recorded."""
    return [run for run in shipped_runs() if run_summary(run, "length") == "quick"]


def shipped_state(run: Run) -> bytes:
    store: Any = None  # what ships is not in the store
    checkpoint = weights_of(run, store)
    assert checkpoint
    return checkpoint.state


def state_with_way(run: Run) -> bytes:
    """The weights that ship, and the checkpoints that its recording kept."""
    checkpoint, buffer = Store(recording_folder(run.id)).checkpoint(run.id), io.BytesIO()
    assert checkpoint
    kept = loaded(checkpoint.state, run.title)["trajectory"]
    torch.save({"model": loaded(shipped_state(run), run.title)["model"], "trajectory": kept}, buffer)
    return buffer.getvalue()


def timed_rows() -> Iterator[str]:
    """On 200 pictures of Shapes-10, one thread, as in a worker: milliseconds a point, and seconds for all of them."""
    for run in quick_runs():
        take = Take(run, "shapes10", 0)
        measure_points(take.order(LINE[:1]))
        began = perf_counter()
        measure_points(take.order(LINE[:TIMED]))
        point = (perf_counter() - began) / TIMED
        yield f"| {run.title} | {point * 1e3:.0f} | {len(LINE) * point:.1f} | {len(POINTS) * point:.0f} |"


def record_main(asked: argparse.Namespace) -> None:
    """Those that the file does not hold yet, written after each: it can be broken off. What ships no more leaves it."""
    known = json.loads(RECORDED.read_text(encoding="utf-8"))["slices"] if RECORDED.exists() else []
    seals = {run_summary(run, SEAL) for run in shipped_runs()}
    known = [each for each in known if each["key"]["weights"] in seals]
    there = {(each["key"]["weights"], each["key"]["seed"]) for each in known}
    seeds = range(asked.seeds)
    takes = [Take(run, asked.data, seed) for seed in seeds for run in (quick_runs() if seed else shipped_runs())]
    takes += [Take(run, asked.data, TRAJECTORY) for run in shipped_runs() if recording_folder(run.id).exists()]
    takes = [take for take in takes if (run_summary(take.run, SEAL), take.seed) not in there]
    drawn = {run.id: drawn_loss(run) for run in shipped_runs()}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.processes, mp_context=context) as pool:
        for done in as_completed([pool.submit(take.recorded) for take in takes]):
            known.append(done.result())
            known.sort(key=lambda each: (each["key"]["seed"], each["key"]["run"]))
            write_recorded(known, drawn)
    write_recorded(known, drawn)


def write_recorded(known: list[dict[str, Any]], drawn: dict[str, float | None]) -> None:
    """With what each network's loss is on the drawings, which every computer has: a test measures that again."""
    told = {"made": timestamp(), "command": "python -m benchmarks.loss_slices cifar10"}
    text = told | {"on_drawings": drawn, "slices": known}
    RECORDED.write_text(json.dumps(text, separators=(",", ":")) + "\n", encoding="utf-8")


def drawn_loss(run: Run) -> float | None:
    """At the weights themselves."""
    key = SliceKey(run.id, run_summary(run, SEAL), DRAWN, 0)
    intake = read_intake(shipped_head(run))
    (found,) = measure_points(PointsOrder(key, run.plan, intake, shipped_state(run), LINE[:1], 0.0)).losses
    return found[1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loss_slices", description=__doc__)
    parser.add_argument("data", nargs="?", help="a key of the shelf, such as cifar10 or folder:/path; none: measure")
    parser.add_argument("--seeds", type=int, default=3, help="of the directions, from 0")
    parser.add_argument("--processes", type=int, default=2, help="of one thread each")
    arguments = parser.parse_args()
    if arguments.data:
        record_main(arguments)
    else:
        print("\n".join(timed_rows()))
