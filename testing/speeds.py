"""Measured speeds as the tests need them: of this machine, with the numbers that a test is about."""

from typing import Any

from explorer.hardware import processor_name
from explorer.models.spec import Spec
from explorer.profiler.measurements import Roof, Setup, Speed, Timing

SETUP = Setup("cpu", "fp32", 1)
MADE = ("2.15.0", "2026-11-22T12:00:00+00:00")
ROOF = Roof(SETUP, processor_name(), *MADE, 50e9, 100e9, 20e9)


def speed(name: str, seconds: float, macs: int = 10**9, **others: Any) -> Speed:
    """One image at a time, of torchvision's network of that name unless `others` say otherwise."""
    timing = Timing(1, seconds, seconds * 0.98, seconds * 1.02, 50, 2**27)
    known = {"spec": Spec("torchvision", name), "title": name, "setup": SETUP, "machine": processor_name()}
    known |= {"torch": MADE[0], "made": MADE[1], "macs": macs, "params": 10**7, "touched": 10**7, "timings": (timing,)}
    return Speed(**known | others)
