"""Networks measured in a process of its own: what is kept, what is stopped, what fails."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from explorer.hardware import processor_name
from explorer.leaderboard.entries import torchvision_entries
from explorer.leaderboard.leaderboard import facts_for
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec
from explorer.profiler.measurement_queue import Measurement, MeasurementQueue, Wanted
from explorer.profiler.measurements import (
    Measurements,
    MeasurementTrouble,
    Roof,
    Setup,
    Speed,
    Timing,
    as_record,
    measurements,
)
from testing.speeds import ROOF, SETUP, speed
from testing.waiting import until

ROOT = Path(__file__).parents[2]
LENET, LARGE = ModelSelection(name="LeNet", preset="LeNet-5"), ModelSelection("torchvision", "vgg16", "")
BROKEN = ModelSelection("torchvision", "squeezenet1_1", "", (("image_size", 4),))
SMALL = ModelSelection(
    "torchvision", "squeezenet1_1", "", (("image_size", 48),)
)  # 32 images at once are seconds for no machine


def test_a_set_is_measured_and_kept_and_what_fails_is_named(tmp_path: Path):
    jobs = MeasurementQueue(lambda: Measurements(tmp_path))
    nothing = ModelSelection("own", "nosuch", "")
    job = jobs.start(Wanted((LENET, nothing, BROKEN, SMALL), SETUP, 0.05))
    until(lambda: not job.under_way)
    assert job.state == "done" and job.at == 4
    assert [problem.partition(":")[0] for problem in job.problems] == ["nosuch", "squeezenet1_1, image size 4"]
    roof, lenet, squeezenet = Measurements(tmp_path).all()
    assert isinstance(roof, Roof) and roof.rate > 1e8 and roof.bandwidth > 1e8
    assert isinstance(lenet, Speed) and isinstance(squeezenet, Speed)
    assert (lenet.spec, lenet.title, lenet.setup) == (LENET.spec, "LeNet-5", SETUP)
    assert [timing.batch for timing in squeezenet.timings] == [1, 8, 32]
    assert all(0 < t.low <= t.median <= t.high and t.runs for each in (lenet, squeezenet) for t in each.timings)
    assert squeezenet.timings[0].memory >= 1_235_496 * 4 * 0.9  # its weights, at least
    assert sum(share for _, share in squeezenet.shares) == pytest.approx(1)
    assert sum(share for _, share in squeezenet.work) == pytest.approx(1)


def test_a_run_is_stopped_in_the_midst_of_a_network_and_what_waits_behind_it_goes_on(tmp_path: Path):
    jobs = MeasurementQueue(lambda: Measurements(tmp_path))
    long, second, third = (
        jobs.start(Wanted((place,), SETUP, pace)) for place, pace in ((LARGE, 1), (LENET, 0.01), (LENET, 1))
    )
    until(lambda: long.measured_machine)
    assert [job.state for job in jobs.queue()] == ["running", "queued", "queued"]
    assert jobs.worker and jobs.worker.process
    process = jobs.worker.process
    jobs.stop(third)
    jobs.stop(long)
    until(lambda: long.state == "stopped")
    assert process.poll() is not None and long.at == 0
    until(lambda: second.state == "done")
    assert third.state == "stopped" and jobs.queue() == () and jobs.ended() == (long, second, third)
    assert [thing.title for thing in Measurements(tmp_path).all() if isinstance(thing, Speed)] == ["LeNet-5"]


SERVER = """
import sys, time
from pathlib import Path
from explorer.profiler.measurements import Setup
from explorer.profiler.measurement_queue import MeasurementQueue
from explorer.profiler.measurement_queue import Wanted
from explorer.profiler.measurements import Measurements
from explorer.models.selection import ModelSelection
from explorer.hardware import processor_name
from explorer.models.selection import ModelSelection
jobs = MeasurementQueue(lambda: Measurements(Path(sys.argv[1])))
places = (ModelSelection(name="LeNet", preset="LeNet-5"), ModelSelection("torchvision", "vgg16", ""))
jobs.start(Wanted(places, Setup("cpu", "fp32", 1), 0.05))
time.sleep(600)
"""


def test_a_killed_server_leaves_what_was_finished_and_no_process(tmp_path: Path):
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)], cwd=ROOT)
    until(lambda: any(isinstance(thing, Speed) for thing in Measurements(tmp_path).all()))
    (worker,) = psutil.Process(server.pid).children()
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    assert [type(thing) for thing in Measurements(tmp_path).all()] == [Roof, Speed]


def test_too_many_at_once_are_refused_in_a_sentence(tmp_path: Path):
    jobs = MeasurementQueue(lambda: Measurements(tmp_path))
    with pytest.raises(ValueError, match="at least one"):
        jobs.start(Wanted((), SETUP))
    with pytest.raises(ValueError, match="41 networks: measure at most 40"):
        jobs.start(Wanted((LENET,) * 41, SETUP))


def test_what_is_kept_is_read_as_it_was_and_a_torn_line_is_passed_over(tmp_path: Path):
    store = Measurements(tmp_path / "new")
    kept = speed("resnet18", 0.02, shares=(("norms", 0.25),), notes=("batch 32 left out",))
    odd = replace(kept, spec=Spec("model_defs", "ResNet", (("blocks", (3, 4, 6, 3)), ("shortcut", "none"))))
    for thing in (kept, ROOF, odd):
        store.add(thing)
    with store.file.open("a") as file:
        file.write('{"what": "Speed", "spec"\n' + json.dumps({"what": "Other"}) + "\n")
        file.write(json.dumps(as_record(replace(kept, timings=()))) + "\n")
    assert Measurements(tmp_path / "new").all() == (kept, ROOF, odd)
    assert store.all() is store.all()  # nothing has changed: nothing is read again


def test_a_full_disk_and_a_closed_folder_are_said_in_a_sentence(tmp_path: Path):
    full = Measurements(tmp_path)
    full.file.symlink_to("/dev/full")
    with pytest.raises(MeasurementTrouble, match="No space left"):
        full.add(ROOF)
    (tmp_path / "file").touch()
    with pytest.raises(MeasurementTrouble, match="set EXPLORER_DATA"):
        Measurements(tmp_path / "file").add(ROOF)


def test_a_measurement_that_cannot_be_kept_ends_the_set_with_the_reason(tmp_path: Path):
    class Full(MeasurementQueue):
        def measure(self, job: Measurement) -> None:
            raise MeasurementTrouble("The disk is full: free some space.")

    jobs = Full(lambda: Measurements(tmp_path))
    job = jobs.start(Wanted((LENET,), SETUP))
    until(lambda: not job.under_way)
    assert job.state == "failed" and job.problems == ("The disk is full: free some space.",)


def test_entries_get_what_was_measured_of_their_network(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    entry = next(entry for entry in torchvision_entries() if entry.key == "torchvision/resnet50/IMAGENET1K_V2")
    assert facts_for(entry) == ()
    store = measurements()
    slow, fast = Timing(1, 0.04, 0.039, 0.041, 20, 2**27), Timing(8, 0.2, 0.19, 0.21, 5, 2**28)
    for machine, timings in (("elsewhere", (fast,)), (processor_name(), (slow, fast))):
        store.add(replace(speed("resnet50", 1, timings=timings), machine=machine))
    earlier = speed("resnet50", 1, timings=(fast,))
    store.add(replace(earlier, setup=Setup("cpu", "bf16", 1), made="2025-01-01T00:00:00+00:00"))
    facts = {fact.quantity: fact for fact in facts_for(entry)}
    assert (facts["latency"].value, facts["throughput"].value, facts["memory"].value) == (0.04, 8 / 0.2, 2**27)
    assert {fact.kind for fact in facts.values()} == {"measured"} and "fp32" in facts["latency"].source
    assert facts_for(next(e for e in torchvision_entries() if e.architecture == "vgg16")) == ()


def test_networks_that_share_a_title_are_told_apart(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    for source, name in (("torchvision", "resnet50"), ("timm", "resnet50"), ("torchvision", "vgg16")):
        measurements().add(speed(name, 1, spec=Spec(source, name)))
    for groups in ((), (("width", 32),)):
        measurements().add(speed("mine", 1, spec=Spec("model_defs", "ResNet", groups)))
    titles = [known.title for known in measurements().latest()[SETUP].values()]
    assert titles == ["resnet50 (torchvision)", "resnet50 (timm)", "vgg16", "mine (width as usual)", "mine (width 32)"]


def test_time_left_follows_the_pace_so_far():
    job = Measurement(
        Wanted((LENET,) * 4, SETUP), state="running", weights=(5.0, 5.0, 5.0, 5.0), began=time.monotonic()
    )
    assert job.seconds_left == pytest.approx(20)
    job.at, job.began = 2, time.monotonic() - 33
    assert job.seconds_left == pytest.approx(30, abs=1)
