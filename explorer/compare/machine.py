"""What there is to run networks on, and who else is using it."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import torch

from explorer.training.cluster import cores
from explorer.training.slices import processor


@dataclass(frozen=True)
class Device:
    key: str  # cpu, cuda, mps
    title: str
    precisions: tuple[str, ...]
    helps: str  # which of them may be faster, as a sentence


@cache
def devices() -> tuple[Device, ...]:
    """Without waking any: a graphics card that is asked for its name keeps memory for whoever asked."""
    found = [Device("cpu", processor_name(), ("fp32", "bf16"), cpu_helps())]
    if torch.cuda.is_available():
        helps = "Half precision runs on tensor cores: fp16 and bf16 are usually two to four times as fast."
        found.append(Device("cuda", "GPU (CUDA)", ("fp32", "fp16", "bf16"), helps))
    if torch.backends.mps.is_available():
        found.append(Device("mps", "GPU (Metal)", ("fp32", "fp16"), "fp16 halves the bytes to move."))
    return tuple(found)


@cache
def processor_name() -> str:
    """As its maker calls it, and how many cores this program may use."""
    name = str(torch.cpu.get_capabilities().get("cpu_name") or processor())
    return f"{name}, {cores()} cores"


def cpu_helps() -> str:
    if native_bf16():
        return "This processor multiplies bf16 numbers itself, so bf16 may be faster."
    return "This processor cannot multiply bf16 numbers itself, so bf16 will not be faster."


def native_bf16() -> bool:
    able = torch.cpu.get_capabilities()
    return any(able.get(word) for word in ("avx512_bf16", "amx_bf16", "bf16"))


class Others:
    """How many cores other programs, and other guests of the same host, use from now on."""

    def __init__(self) -> None:
        self.began, self.own, self.busy = time.monotonic(), time.process_time(), busy_seconds()

    def cores(self) -> float:
        passed = time.monotonic() - self.began
        if self.busy is None or passed <= 0:
            return 0.0
        busy = (busy_seconds() or 0.0) - self.busy - (time.process_time() - self.own)
        return max(0.0, busy / passed)


def busy_seconds() -> float | None:
    """Of all cores together, since the machine was started; None where the system does not tell."""
    with suppress(OSError, ValueError, AttributeError):
        with open("/proc/stat", encoding="ascii") as file:
            user, nice, system, _idle, _waiting, irq, softirq, steal, *_ = map(int, file.readline().split()[1:])
        return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    return None


def load() -> float:
    """Programs that want a core, as the mean of the last minute; 0 where the system does not tell."""
    with suppress(OSError, AttributeError):
        return os.getloadavg()[0]
    return 0.0
