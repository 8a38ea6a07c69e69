"""How much memory a device holds at the fullest moment."""

import ctypes
import gc
import re
import sys
import threading
import time
from contextlib import suppress

import psutil
import torch

EVERY = 0.002  # seconds between two looks, where the system keeps no maximum of its own


class Peak:
    """`with Peak(device) as peak: …` then `peak.bytes`: all that the process, or the device, held."""

    def __init__(self, device: str) -> None:
        self.device, self.bytes = device, 0
        self.done = threading.Event()

    def __enter__(self) -> "Peak":
        if self.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        elif not (self.device == "cpu" and forget_peak()):
            self.watcher = threading.Thread(target=self.watch, daemon=True)
            self.watcher.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.done.set()
        if self.device == "cuda":
            self.bytes = torch.cuda.max_memory_allocated()
        elif hasattr(self, "watcher"):
            self.watcher.join()
        else:
            self.bytes = peak_resident()

    def watch(self) -> None:
        while not self.done.is_set():
            self.bytes = max(self.bytes, held_memory(self.device))
            time.sleep(EVERY)


def held_memory(device: str) -> int:
    """Bytes, now."""
    if device == "cuda":
        return torch.cuda.memory_allocated()
    if device == "mps":
        return torch.mps.current_allocated_memory()
    return psutil.Process().memory_info().rss


def peak_resident() -> int:
    """Bytes since `forget_peak`; psutil does not tell."""
    with suppress(OSError), open("/proc/self/status", encoding="ascii", errors="replace") as file:
        if found := re.search(r"^VmHWM:\s+(\d+) kB", file.read(), re.MULTILINE):
            return int(found[1]) * 1024
    return 0


def forget_peak() -> bool:
    """Linux begins a new maximum when asked so; whether it did."""
    with suppress(OSError):
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
        return True
    return False


def tidy(device: str) -> None:
    """Give back what is no longer used, so that the next network is not measured with the last one's memory."""
    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()
    elif sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
