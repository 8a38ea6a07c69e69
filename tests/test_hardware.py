"""What the machine is asked, against what the system itself says."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from explorer import hardware
from explorer.hardware import Others, busy_seconds, count_cores, fastest_device, list_devices, mean_load
from explorer.paths import ROOT


def test_devices_begin_with_the_processor_and_training_takes_one_of_them() -> None:
    assert list_devices()[0].key == "cpu" and f"{count_cores()} cores" in list_devices()[0].title
    assert fastest_device() in {device.key for device in list_devices()}


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="reads what Linux says itself")
def test_busy_seconds_are_those_of_linux_without_idling() -> None:
    def told() -> float:
        user, nice, system, _, _, *others = map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9])
        return sum((user, nice, system, *others)) / os.sysconf("SC_CLK_TCK")

    before, ours, after = told(), busy_seconds(), told()
    assert before <= ours + 0.005 and ours <= after + 0.005
    assert mean_load() >= 0


def test_what_this_process_does_itself_is_nobody_elses_work(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, clock, own = iter((10.0, 13.0)), iter((0.0, 2.0)), iter((1.0, 2.0))
    monkeypatch.setattr(hardware, "busy_seconds", lambda: next(busy))
    monkeypatch.setattr(hardware, "time", SimpleNamespace(monotonic=clock.__next__, process_time=own.__next__))
    assert Others().cores() == (3 - 1) / 2


FULL = """
import torch
from explorer.profiler.timing_worker import Peak

with Peak("cpu") as empty:
    pass
with Peak("cpu") as full:
    held = torch.ones(2**26)  # 256 MiB, written to
    del held
print(full.bytes - empty.bytes)
"""


def test_the_fullest_moment_is_remembered_after_it_is_over() -> None:
    """In a process of its own, as it is used: one that was fuller before would remember that."""
    said = subprocess.run([sys.executable, "-c", FULL], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 0.9 * 2**28 <= int(said.stdout) <= 1.2 * 2**28
