"""Training as a queue of slices on workers: what is killed, stopped or full, and what comes of it."""

import io
import math
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from PIL import Image

from explorer.models.spec import Spec
from explorer.training.plan import Plan
from explorer.training.recipe import Recipe
from explorer.training.runs.curves import curve, steps_after
from explorer.training.runs.store import Store
from explorer.training.scheduler.service import TrainingService
from explorer.training.scheduler.worker_pool import EmbeddedCluster, RemoteCluster, choose_cluster, free_port
from testing.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
LONG = 100_000  # steps: more than any of these tests lets pass


class LentCluster(EmbeddedCluster):
    """Outlives those who use it."""

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two classes of noise, one darker."""
    folder, noise = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for part in ("train", "test"):
        for label, high in (("dark", 160), ("light", 256)):
            place = folder / part / label
            place.mkdir(parents=True)
            for number in range(16):
                Image.fromarray(noise.integers(0, high, (8, 8, 3), dtype=np.uint8)).save(place / f"{number}.png")
    return f"folder:{folder}"


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_DATA", str(tmp_path_factory.mktemp("data")))
        lent = LentCluster(2)
        lent.want(2)
        yield lent
        EmbeddedCluster.close(lent)


@pytest.fixture
def jobs(tmp_path: Path, workers: EmbeddedCluster) -> Iterator[TrainingService]:
    found = TrainingService(Store(tmp_path), lambda: workers)
    yield found
    found.close()


@pytest.fixture
def plan(pictures: str) -> Callable[..., Plan]:
    def plan(steps: int, seed: int = 0, rate: float = 0.01) -> Plan:
        net = Spec("model_defs", "Exercise nets", (("blocks", (1, 1, 1)), ("width", 16)))
        recipe = Recipe(steps=steps, seed=seed, rate=rate, batch=8, evaluate_every=100, augment="flip")
        return Plan(net, pictures, recipe)

    return plan


def ended(jobs: TrainingService, run: str) -> str:
    until(lambda: jobs.store.run(run).state not in ("queued", "running"))
    return jobs.store.run(run).state


def measured(store: Store, run: str) -> list[tuple[Any, ...]]:
    """Everything but the speed."""
    return [row[:4] + row[5:] for row in steps_after(store, run)]


Uninterrupted = Callable[[int], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def uninterrupted(pictures: str) -> Uninterrupted:
    """The curve of the first so many steps, trained in this process by the engine alone."""
    from explorer.datasets.registry import load_dataset
    from explorer.training.engine import Session, train
    from explorer.training.scheduler.worker_task import step_row

    net = Spec("model_defs", "Exercise nets", (("blocks", (1, 1, 1)), ("width", 16)))
    recipe = Recipe(steps=LONG, seed=0, rate=0.01, batch=8, evaluate_every=100, augment="flip")
    steps = train(Session(Plan(net, pictures, recipe), load_dataset(pictures)))
    known: list[tuple[Any, ...]] = []

    def first(count: int) -> list[tuple[Any, ...]]:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # as in a worker
        while len(known) < count:
            found = step_row(next(steps))
            known.append(found[:4] + found[5:])
        torch.set_num_threads(threads)
        return known[:count]

    return first


def alike(left: list[tuple[Any, ...]], right: list[tuple[Any, ...]]) -> bool:
    return [row[0] for row in left] == [row[0] for row in right] and all(
        np.allclose([value or 0 for value in mine[1:-1]], [value or 0 for value in other[1:-1]], rtol=1e-3, atol=1e-3)
        for mine, other in zip(left, right, strict=True)
    )


def test_runs_end_as_the_engine_alone_would_end_them(jobs: TrainingService, plan: Callable[..., Plan]) -> None:
    ids = jobs.submit("two", [("one", plan(150)), ("other", plan(150, seed=1))])
    assert [ended(jobs, run) for run in ids] == ["done", "done"]
    run = jobs.store.run(ids[0])
    assert (run.step, run.steps, len(run.layers)) == (150, 150, len(steps_after(jobs.store, ids[0])[0][7]) // 4)
    assert dict(run.about)["torch"] == torch.__version__
    assert curve(jobs.store, ids[0]).test_step.tolist() == [100, 150]
    again = jobs.again(ids[0], seed=1)
    assert ended(jobs, again) == "done" and jobs.store.run(again).experiment == run.experiment
    assert measured(jobs.store, again) == measured(jobs.store, ids[1]) != measured(jobs.store, ids[0])


def seconds_trained(store: Store, run: str, behind: int) -> float:
    """How long the steps behind that one took to train, whatever else the machine did between them."""
    return sum(8 / speed for *_, speed, _, _, _ in steps_after(store, run, behind))  # images, and images a second


def test_a_run_stops_within_two_seconds_and_goes_on_as_if_it_had_not(
    jobs: TrainingService, plan: Callable[..., Plan], uninterrupted: Uninterrupted
) -> None:
    (run,) = jobs.submit("one", [("one", plan(LONG))])
    until(lambda: jobs.store.run(run).step > 100)
    shown = jobs.store.run(run).step
    jobs.stop([run])
    until(lambda: jobs.store.run(run).state == "stopped")
    stopped = jobs.store.run(run).step
    assert seconds_trained(jobs.store, run, shown) < 2
    checkpoint = jobs.store.checkpoint(run)
    assert checkpoint and checkpoint.step == stopped == len(steps_after(jobs.store, run))
    assert torch.load(io.BytesIO(checkpoint.state), weights_only=True)["step"] == stopped
    jobs.go_on([run])
    until(lambda: jobs.store.run(run).step > stopped + 100)
    shown = jobs.store.run(run).step
    jobs.pause([run])
    until(lambda: jobs.store.run(run).state == "paused")
    assert seconds_trained(jobs.store, run, shown) < 2
    jobs.stop([run])
    assert jobs.store.run(run).state == "stopped"
    found = measured(jobs.store, run)[:400]
    assert alike(found, uninterrupted(len(found)))
    jobs.delete([run])
    assert jobs.store.runs() == ()


def test_a_run_whose_worker_is_killed_loses_nothing_that_was_shown(
    jobs: TrainingService, plan: Callable[..., Plan], workers: EmbeddedCluster
) -> None:
    ids = jobs.submit("two", [("one", plan(LONG)), ("other", plan(LONG, seed=1))])
    until(lambda: all(jobs.store.run(run).step > 150 for run in ids))
    shown = [measured(jobs.store, run) for run in ids]
    os.kill(workers.processes[0].process.pid, signal.SIGKILL)
    until(lambda: all(jobs.store.run(run).step > len(rows) + 100 for run, rows in zip(ids, shown, strict=True)))
    until(lambda: jobs.queue_status().workers == 2)  # another took its place
    for run, rows in zip(ids, shown, strict=True):
        found = measured(jobs.store, run)
        assert [row[0] for row in found] == list(range(1, len(found) + 1))
        assert found[: len(rows)] == rows
        assert jobs.store.run(run).state == "running"
    jobs.delete(ids)


def test_what_cannot_be_trained_fails_with_a_sentence(jobs: TrainingService, plan: Callable[..., Plan]) -> None:
    nowhere = Plan(plan(10).spec, "folder:/nowhere", plan(10).recipe)
    ids = jobs.submit("two", [("steep", plan(LONG, rate=100.0)), ("nowhere", nowhere)])
    assert [ended(jobs, run) for run in ids] == ["failed", "failed"]
    assert "learning rate" in jobs.store.run(ids[0]).message
    assert "/nowhere" in jobs.store.run(ids[1]).message


def test_a_locked_database_is_a_sentence_and_loses_no_step(jobs: TrainingService, plan: Callable[..., Plan]) -> None:
    (run,) = jobs.submit("one", [("one", plan(LONG))])
    until(lambda: jobs.store.run(run).step > 50)
    other = sqlite3.connect(jobs.store.file)
    other.execute("BEGIN IMMEDIATE")
    until(lambda: "Another program holds" in jobs.queue_status().trouble)
    with pytest.raises(ValueError, match="Another program holds"):
        jobs.submit("two", [("two", plan(10))])
    shown = jobs.store.run(run).step  # visitors read on
    other.rollback()
    until(lambda: not jobs.queue_status().trouble and jobs.store.run(run).step > shown)
    jobs.stop([run])
    assert ended(jobs, run) == "stopped"
    assert [row[0] for row in measured(jobs.store, run)] == list(range(1, jobs.store.run(run).step + 1))


def test_a_full_disk_is_a_sentence_and_loses_no_step(jobs: TrainingService, plan: Callable[..., Plan]) -> None:
    with jobs.store.connection() as connection:
        jobs.store.pages = connection.execute("PRAGMA page_count").fetchone()[0] + 20
    (run,) = jobs.submit("one", [("one", plan(LONG))])
    until(lambda: "full" in jobs.queue_status().trouble)
    jobs.stop([run])
    jobs.store.pages = None  # space was freed
    assert ended(jobs, run) == "stopped" and not jobs.queue_status().trouble
    assert [row[0] for row in measured(jobs.store, run)] == list(range(1, jobs.store.run(run).step + 1))
    assert jobs.store.checkpoint(run) is not None


def test_visitors_may_all_press_at_once(jobs: TrainingService, plan: Callable[..., Plan]) -> None:
    found: list[str] = []
    visitors = [
        threading.Thread(target=lambda: found.extend(jobs.submit("one", [("one", plan(20))]))) for _ in range(8)
    ]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert len(set(found)) == 8 and {ended(jobs, run) for run in found} == {"done"}


def test_a_short_task_is_answered_while_all_workers_train(jobs: TrainingService, plan: Callable[..., Plan]) -> None:
    ids = jobs.submit("three", [("run", plan(LONG, seed=seed)) for seed in range(3)])
    until(lambda: all(jobs.store.run(run).step > 50 for run in ids))
    answers = [jobs.run_on_worker(math.factorial, number) for number in range(8)]
    assert [answer.result(120) for answer in answers] == [math.factorial(number) for number in range(8)]
    with pytest.raises(ValueError, match="math domain error"):
        jobs.run_on_worker(math.sqrt, -1).result(120)
    with pytest.raises(ValueError, match="could not do this"):
        jobs.run_on_worker(divmod, 1, 0).result(120)
    shown = [jobs.store.run(run).step for run in ids]
    until(lambda: all(jobs.store.run(run).step > step for run, step in zip(ids, shown, strict=True)))
    jobs.delete(ids)


SERVER = """
import sys
from pathlib import Path
from explorer.training.scheduler.worker_pool import EmbeddedCluster
from explorer.training.scheduler.service import TrainingService
from explorer.training.plan import parse_plan
from explorer.training.runs.store import Store
from testing.waiting import PATIENCE, until
assert "distributed" not in sys.modules  # the app starts without it
jobs = TrainingService(Store(Path(sys.argv[1])), lambda: EmbeddedCluster(1))
jobs.submit("one", [("one", parse_plan(sys.argv[2]))])
sys.stdin.read()
"""


def test_a_killed_server_takes_its_workers_along_and_its_runs_can_go_on(
    tmp_path: Path, workers: EmbeddedCluster, plan: Callable[..., Plan], uninterrupted: Uninterrupted
) -> None:
    said = plan(LONG).json()
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path), said], cwd=ROOT, stdin=subprocess.PIPE)
    store = Store(tmp_path)
    until(lambda: store.runs() and store.runs()[0].step > 20)
    children = psutil.Process(server.pid).children(recursive=True)
    assert children
    jobs = TrainingService(store, lambda: workers)
    with pytest.raises(ValueError, match="Another server"):
        jobs.submit("two", [("two", plan(10))])
    server.kill()
    server.wait()
    assert psutil.wait_procs(children, timeout=PATIENCE)[1] == []
    assert jobs.lead()
    (run,) = store.runs()
    assert run.state == "interrupted" and [row[0] for row in steps_after(store, run.id)] == list(range(1, run.step + 1))
    jobs.go_on([run.id])
    until(lambda: store.run(run.id).step > run.step + 50)
    found = measured(store, run.id)[:400]
    assert alike(found, uninterrupted(len(found)))
    jobs.close()


def start(*command: str) -> subprocess.Popen[bytes]:
    here = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", *command], env=here, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_a_cluster_of_others_trains_with_all_its_workers(
    tmp_path: Path, plan: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    local = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    scheduler = ["distributed.cli.dask_scheduler", "--port", address.rpartition(":")[2], *local]
    worker = ["distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", *local]
    processes = [start(*scheduler), start(*worker), start(*worker)]
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
    jobs = TrainingService(Store(tmp_path))
    try:
        assert isinstance(choose_cluster(), RemoteCluster)
        ids = jobs.submit("two", [("one", plan(LONG)), ("other", plan(LONG, seed=1))])
        until(lambda: all(jobs.store.run(run).step > 50 for run in ids))
        assert jobs.queue_status().workers == 2
        processes[1].kill()
        shown = [jobs.store.run(run).step for run in ids]
        until(lambda: all(jobs.store.run(run).step > step + 50 for run, step in zip(ids, shown, strict=True)))
        processes[2].kill()
        until(lambda: "no workers" in jobs.queue_status().trouble)
        jobs.stop(ids)
        assert [ended(jobs, run) for run in ids] == ["stopped", "stopped"]
    finally:
        for process in processes:
            process.kill()
        jobs.close()
