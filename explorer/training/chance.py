"""Every random number of a run follows from its seed, its step and what the number is for."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch


def seed_for(seed: int, purpose: str, step: int) -> int:
    """The same on every machine; steps and purposes that lie close give seeds that do not."""
    return zlib.crc32(f"{purpose} {step} of run {seed}".encode())


def generator(seed: int, purpose: str, step: int = 0) -> torch.Generator:
    """On the CPU, whatever the device: the same pictures in the same order everywhere."""
    return torch.Generator().manual_seed(seed_for(seed, purpose, step))


@contextmanager
def chance(seed: int, purpose: str, step: int, device: torch.device) -> Iterator[None]:
    """Lends torch's default generators to one piece of work, and gives them back as they were.

    Weight initialisation and dropout take no generator, so theirs must be the default one. While it is lent, no other
    thread should draw from it: sessions run in worker processes of one thread.
    """
    there = None if device.type == "cpu" else torch.get_device_module(device)
    before, before_there = torch.get_rng_state(), there.get_rng_state() if there else None
    try:
        torch.set_rng_state(generator(seed, purpose, step).get_state())
        if there:
            there.set_rng_state(torch.Generator(device).manual_seed(seed_for(seed, purpose, step)).get_state())
        yield
    finally:
        torch.set_rng_state(before)
        if there:
            there.set_rng_state(before_there)
