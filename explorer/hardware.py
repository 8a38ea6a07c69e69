"""What there is to run networks on, and who else is using it."""

import os
import platform
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import psutil
import torch

BUSY = ("user", "nice", "system", "irq", "softirq", "steal")  # what cores do, guests of the same host included


@dataclass(frozen=True)
class Device:
    key: str  # cpu, cuda, mps
    title: str
    precisions: tuple[str, ...]
    helps: str  # which of them may be faster, as a sentence


@cache
def list_devices() -> tuple[Device, ...]:
    """Without waking any: a graphics card that is asked for its name keeps memory for whoever asked."""
    found = [Device("cpu", processor_name(), ("fp32", "bf16"), cpu_helps())]
    if torch.cuda.is_available():
        helps = "Half precision runs on tensor cores: fp16 and bf16 are usually two to four times as fast."
        found.append(Device("cuda", "GPU (CUDA)", ("fp32", "fp16", "bf16"), helps))
    if torch.backends.mps.is_available():
        found.append(Device("mps", "GPU (Metal)", ("fp32", "fp16"), "fp16 halves the bytes to move."))
    return tuple(found)


def fastest_device() -> str:
    """Where networks are trained."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def count_cores() -> int:
    """Those that this process may use."""
    with suppress(AttributeError):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def processor_name() -> str:
    """As its maker calls it, and how many cores this program may use."""
    name = str(torch.cpu.get_capabilities().get("cpu_name") or processor_model())
    return f"{name}, {count_cores()} cores"


def processor_model() -> str:
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cpu_helps() -> str:
    able = torch.cpu.get_capabilities()
    if any(able.get(word) for word in ("avx512_bf16", "amx_bf16", "bf16")):
        return "This processor multiplies bf16 numbers itself, so bf16 may be faster."
    return "This processor cannot multiply bf16 numbers itself, so bf16 will not be faster."


class Others:
    """How many cores other programs, and other guests of the same host, use from now on."""

    def __init__(self) -> None:
        self.began, self.own, self.busy = time.monotonic(), time.process_time(), busy_seconds()

    def cores(self) -> float:
        passed = time.monotonic() - self.began
        busy = busy_seconds() - self.busy - (time.process_time() - self.own)
        return max(0.0, busy / passed) if passed > 0 else 0.0


def busy_seconds() -> float:
    """Of all cores together, since the machine was started."""
    times = psutil.cpu_times()
    return sum(getattr(times, name, 0.0) for name in BUSY)  # not every system tells all of them apart


def mean_load() -> float:
    """Programs that want a core, as the mean of the last minute."""
    return psutil.getloadavg()[0]
