"""Networks measured in a process of its own: what is kept, what is stopped, what fails, and what follows from it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import torch
from torch import nn

from explorer.compare import measured
from explorer.compare.entries import torchvision_entries
from explorer.compare.label_places import box_of, overlap, places
from explorer.compare.machine import processor_name
from explorer.compare.published_speeds import lines
from explorer.compare.roofline import Point, attainable, points, ridge
from explorer.compare.speed_charts import latency_chart, roofline_chart
from explorer.compare.speed_words import disturbed, verdicts
from explorer.compare.timing import Roof, Setup, Speed, Timing
from explorer.compare.timing_jobs import Jobs
from explorer.compare.timing_session import Job, Wanted
from explorer.compare.timing_store import Measurements, StoreTrouble
from explorer.compare.work import macs_shares, time_shares, touched_numbers
from explorer.places import Place
from explorer.specs import Spec
from explorer.studies import study
from explorer.tracing import trace

ROOT = Path(__file__).parents[1]
SETUP = Setup("cpu", "fp32", 1)
LENET, LARGE = Place(name="LeNet", preset="LeNet-5"), Place("torchvision", "vgg16", "")
BROKEN = Place("torchvision", "squeezenet1_1", "", (("image_size", 4),))
SOON = 120.0  # seconds: a process loads PyTorch, perhaps beside other tests
pytestmark = pytest.mark.xdist_group("jobs")


def wait(until: Callable[[], object], seconds: float = SOON) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


def speed(name: str, seconds: float, macs: int = 10**9, **others) -> Speed:
    timing = Timing(1, seconds, seconds * 0.98, seconds * 1.02, 50, 2**27)
    known = Speed(
        *(Spec("torchvision", name), name, SETUP, processor_name(), "2.15.0", "2026-11-22T12:00:00+00:00"),
        **{"macs": macs, "params": 10**7, "touched": 10**7, "timings": (timing,)} | others,
    )
    return known


ROOF = Roof(SETUP, processor_name(), "2.15.0", "2026-11-22T12:00:00+00:00", 50e9, 100e9, 20e9)


def test_a_set_is_measured_and_kept_and_what_fails_is_named(tmp_path: Path):
    jobs = Jobs(lambda: Measurements(tmp_path))
    nothing = Place("own", "nosuch", "")
    job = jobs.start(Wanted((LENET, nothing, BROKEN, Place("torchvision", "squeezenet1_1", "")), SETUP, 0.05))
    wait(lambda: not job.under_way)
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


def test_a_run_is_stopped_within_two_seconds_and_what_waits_behind_it_goes_on(tmp_path: Path):
    jobs = Jobs(lambda: Measurements(tmp_path))
    long, second, third = (
        jobs.start(Wanted((place,), SETUP, pace)) for place, pace in ((LARGE, 1), (LENET, 0.01), (LENET, 1))
    )
    wait(lambda: long.measured_machine)
    assert [job.state for job in jobs.queue()] == ["running", "queued", "queued"]
    assert jobs.worker
    process, began = jobs.worker.process, time.monotonic()
    jobs.stop(third)
    jobs.stop(long)
    wait(lambda: long.state == "stopped", 2)
    assert process.poll() is not None and time.monotonic() - began < 2
    wait(lambda: second.state == "done")
    assert third.state == "stopped" and jobs.queue() == () and jobs.last() is third
    assert [thing.title for thing in Measurements(tmp_path).all() if isinstance(thing, Speed)] == ["LeNet-5"]


SERVER = """
import sys, time
from pathlib import Path
from explorer.compare.timing import Setup
from explorer.compare.timing_jobs import Jobs
from explorer.compare.timing_session import Wanted
from explorer.compare.timing_store import Measurements
from explorer.places import Place
jobs = Jobs(lambda: Measurements(Path(sys.argv[1])))
places = (Place(name="LeNet", preset="LeNet-5"), Place("torchvision", "vgg16", ""))
jobs.start(Wanted(places, Setup("cpu", "fp32", 1), 0.05))
time.sleep(600)
"""


def test_a_killed_server_leaves_what_was_finished_and_no_process(tmp_path: Path):
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)], cwd=ROOT)
    wait(lambda: any(isinstance(thing, Speed) for thing in Measurements(tmp_path).all()))
    (worker,) = psutil.Process(server.pid).children()
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    wait(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE, 10)
    assert [type(thing) for thing in Measurements(tmp_path).all()] == [Roof, Speed]


def test_too_many_at_once_are_refused_in_a_sentence(tmp_path: Path):
    jobs = Jobs(lambda: Measurements(tmp_path))
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
    assert Measurements(tmp_path / "new").all() == (kept, ROOF, odd)
    assert store.all() is store.all()  # nothing has changed: nothing is read again


def test_a_full_disk_and_a_closed_folder_are_said_in_a_sentence(tmp_path: Path):
    full = Measurements(tmp_path)
    full.file.symlink_to("/dev/full")
    with pytest.raises(StoreTrouble, match="No space left"):
        full.add(ROOF)
    (tmp_path / "file").touch()
    with pytest.raises(StoreTrouble, match="set EXPLORER_DATA"):
        Measurements(tmp_path / "file").add(ROOF)


def test_a_measurement_that_cannot_be_kept_ends_the_set_with_the_reason(tmp_path: Path):
    class Full(Jobs):
        def measure(self, job: Job) -> None:
            raise StoreTrouble("The disk is full: free some space.")

    jobs = Full(lambda: Measurements(tmp_path))
    job = jobs.start(Wanted((LENET,), SETUP))
    wait(lambda: not job.under_way)
    assert job.state == "failed" and job.problems == ("The disk is full: free some space.",)


def test_entries_get_what_was_measured_of_their_network(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    entry = next(entry for entry in torchvision_entries() if entry.key == "torchvision/resnet50/IMAGENET1K_V2")
    assert measured.facts_for(entry) == ()
    store = measured.measurements()
    slow, fast = Timing(1, 0.04, 0.039, 0.041, 20, 2**27), Timing(8, 0.2, 0.19, 0.21, 5, 2**28)
    for machine, timings in (("elsewhere", (fast,)), (processor_name(), (slow, fast))):
        store.add(replace(speed("resnet50", 1, timings=timings), machine=machine))
    earlier = speed("resnet50", 1, timings=(fast,))
    store.add(replace(earlier, setup=Setup("cpu", "bf16", 1), made="2025-01-01T00:00:00+00:00"))
    facts = {fact.quantity: fact for fact in measured.facts_for(entry)}
    assert (facts["latency"].value, facts["throughput"].value, facts["memory"].value) == (0.04, 8 / 0.2, 2**27)
    assert {fact.kind for fact in facts.values()} == {"measured"} and "fp32" in facts["latency"].source
    assert measured.facts_for(next(e for e in torchvision_entries() if e.architecture == "vgg16")) == ()


class Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wide = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.deep = nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False)
        self.last = nn.Conv2d(8, 4, 1, bias=False)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.wide(x)
        return self.act(self.last(self.deep(y) + y).flatten(1))


def test_the_numbers_a_network_touches_are_counted_by_hand():
    graph = trace(Tiny(), (3, 10, 10))
    convolutions = (300 + 800) + (800 + 800) + (800 + 400)  # read, and written
    addition, flatten, activation = 800 + 800 + 800, 0, 400 + 400
    assert touched_numbers(graph) == convolutions + addition + flatten + activation
    weights = 3 * 8 * 9 + 8 * 9 + 8 * 4
    known = replace(speed("tiny", 1), macs=graph.macs, params=weights, touched=touched_numbers(graph))
    assert known.intensity(1) == graph.macs / (4 * (touched_numbers(graph) + weights))
    assert known.intensity(10**9) == pytest.approx(graph.macs / (4 * touched_numbers(graph)))


def test_work_is_told_apart_by_what_it_reuses():
    graph = trace(Tiny(), (3, 10, 10))
    shares = macs_shares(graph)
    whole = 100 * (216 + 72 + 32)
    assert {kind: round(share * whole) for kind, share in shares.items() if share} == {
        "full convolutions": 21_600,
        "depthwise convolutions": 7_200,
        "1×1 convolutions": 3_200,
    }
    spent = time_shares(graph, {"wide": 1.0, "deep": 2.0, "last": 0.5, "act": 0.5, "": 5.0})
    assert spent["depthwise convolutions"] == 0.4 and spent["between the layers"] == pytest.approx(0.2)


def test_the_roof_is_the_lower_of_arithmetic_and_memory():
    assert ridge(ROOF) == 100e9 / 20e9
    assert attainable(ROOF, 1) == 20e9 and attainable(ROOF, 5) == 100e9 and attainable(ROOF, 500) == 100e9


def test_the_words_name_who_is_slower_with_fewer_macs_and_why():
    work, shares = (
        (("depthwise convolutions", 0.1), ("1×1 convolutions", 0.9)),
        (("depthwise convolutions", 0.5), ("norms", 0.3)),
    )
    found = points(
        (
            speed("resnet50", 0.04, 4 * 10**9, touched=10**8),
            speed("slow_net", 0.05, 4 * 10**8, work=work, shares=shares, touched=2 * 10**8),
            speed("vgg16", 0.05, 16 * 10**9, work=(("full convolutions", 0.99),)),
        ),
        1,
    )
    said = verdicts(found, ROOF)
    assert said[0].startswith("**slow_net** needs 400 M MACs for an image, **resnet50** 4.00 G")
    assert "takes 1.2× as long" in said[0]
    (slow,) = [each for each in said[1:] if each.startswith("**slow_net**")]
    assert "needs 0.10× the MACs of resnet50 and 1.2× its time: it reaches 8 % of what this machine can do" in slow
    assert "depthwise convolutions are 10 % of the MACs and 50 % of the time" in slow and "is 30 % of the time" in slow
    (quick,) = [each for each in said[1:] if each.startswith("**vgg16**")]
    assert (
        "4.0× the MACs of resnet50 and 1.2× its time" in quick and "99 % of its MACs are in full convolutions" in quick
    )


def test_where_time_follows_macs_no_network_is_singled_out():
    assert verdicts(points((speed("a", 0.01, 10**9), speed("b", 0.02, 2 * 10**9)), 1), ROOF) == []


def test_a_busy_machine_is_named():
    calm, busy = speed("a", 0.01), speed("b", 0.01, timings=(Timing(1, 0.01, 0.01, 0.01, 5, 0, busy=1.4),))
    assert disturbed([calm]) == ""
    assert "while b was measured (up to 1.4 cores)" in disturbed([calm, busy])


def test_nothing_is_drawn_where_nothing_was_measured_with_that_batch():
    assert points((speed("resnet50", 0.04),), 32) == ()


def test_the_charts_hold_each_point_where_it_was_measured():
    found = points((speed("resnet50", 0.04, 4 * 10**9), speed("vgg16", 0.1, 16 * 10**9)), 1)
    marks = latency_chart(found, ROOF, {}).data[-1]
    assert list(marks.x) == [4 * 10**9, 16 * 10**9] and list(marks.y) == [0.04, 0.1]
    roof, marks = roofline_chart(found, ROOF, {}).data
    assert max(roof.y) == 100e9 and list(marks.y) == pytest.approx([1e11, 1.6e11])
    assert list(marks.x) == [point.intensity for point in found]


def test_names_in_a_crowd_do_not_lie_on_each_other():
    crowd = [(0.5, 0.5), (0.52, 0.5), (0.5, 0.56)]
    names = ["resnet50", "resnext50_32x4d", "convnext_tiny"]
    boxes = [box_of(*each) for each in zip(names, crowd, places(names, crowd), strict=True)]
    assert not any(overlap(a, b) for a in boxes for b in boxes if a is not b)


def test_published_rates_become_parts_of_resnet_50s_time():
    """timm on an RTX 4090: ResNet-50 5,088 images a second, EfficientNet-B0 9,832, VGG-16 2,905."""
    here = {"resnet50": speed("resnet50", 0.04), "vgg16": speed("vgg16", 0.12)}
    found = {line.title: line for line in lines(here)}
    assert found["efficientnet_b0"].there[0] == 5088 / 9832 and found["efficientnet_b0"].here_one is None
    assert found["vgg16"].there[0] == 5088 / 2905 and found["vgg16"].here_one == pytest.approx(3)
    assert found["vgg16"].macs == pytest.approx(15.470 / 4.089, abs=0.001)


def test_time_left_follows_the_pace_so_far():
    job = Job(Wanted((LENET,) * 4, SETUP), state="running", weights=(5.0, 5.0, 5.0, 5.0), began=time.monotonic())
    assert job.seconds_left == pytest.approx(20)
    job.at, job.began = 2, time.monotonic() - 33
    assert job.seconds_left == pytest.approx(30, abs=1)


def test_points_speak_of_the_whole_batch():
    known = speed("resnet50", 0.04, 4 * 10**9, timings=(Timing(8, 0.2, 0.2, 0.2, 5, 0),))
    point = Point(known, known.timings[0])
    assert point.macs == 32 * 10**9 and point.rate == 160e9


def test_the_same_work_is_found_in_the_real_networks():
    """MobileNetV2's depthwise convolutions: each of 17 blocks one, 3×3."""
    shares = macs_shares(study(Spec("torchvision", "mobilenet_v2")).graph)
    assert 0.05 < shares["depthwise convolutions"] < 0.1 and shares["1×1 convolutions"] > 0.8
