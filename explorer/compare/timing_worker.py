"""Measures networks in a process of its own, one after another: `python -m` this module."""

import timeit
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.benchmark import Measurement, Timer
from torch.utils.benchmark import timer as synchronised

from explorer.compare.layer_times import layer_seconds
from explorer.compare.peak import Peak, held, tidy
from explorer.compare.timing import BATCHES, BUSY, Setup
from explorer.hardware import Others, mean_load, processor_name
from explorer.specs import Handed, build_handed
from explorer.subprocess_loop import first_line, read_questions, send_answer

IDLE = 20.0  # seconds: it is asked once, and ended by who asked
DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
SECONDS = {1: 0.8, 8: 0.9, 32: 2.5}  # of runs that are timed, at least one
TRIES = 3  # where other programs are busy meanwhile
LONGEST = 4.0  # seconds: a batch that would take longer is left out, unless there is time
SIDES = {"cpu": 1536, "cuda": 8192, "mps": 4096}  # of the matrices
COPIED = {"cpu": 2**26, "cuda": 2**29, "mps": 2**28}  # numbers of four bytes: more than any cache holds


def main() -> None:
    for question in read_questions(IDLE):
        setup = Setup(*question["setup"])
        torch.set_flush_denormal(True)  # weights that were never trained make numbers that trained ones do not
        with torch.inference_mode():
            send_answer(what="machine", **roof(setup, question["pace"]))
            for index, network in enumerate(question["networks"]):
                measure(network, setup, question["pace"], first=not index)
            send_answer(what="finished")


def measure(network: Handed, setup: Setup, pace: float, first: bool) -> None:
    """Says what it finds, batch by batch; a network that fails is named, and the next one comes."""
    try:
        if first:
            rehearse(network, setup)
        tidy(setup.device)
        before = held(setup.device)
        model, shape = build_handed(network, "cpu")
        model = model.to(setup.device, DTYPES[setup.precision])
        for batch, finding in batches(model, shape, setup, pace):
            send_answer(what="timed" if isinstance(finding, dict) else "note", batch=batch, finding=finding)
        image = pictures(1, shape, setup)
        layers = layer_seconds(model, image) if setup.device == "cpu" else {}
        send_answer(what="done", layers=layers, before=before)
    except Exception as error:  # whatever somebody's network raises
        send_answer(what="failed", why=first_line(error))


def rehearse(network: Handed, setup: Setup) -> None:
    """What libraries keep from their first use on is not the first network's memory."""
    model, shape = build_handed(network, "cpu")
    model.to(setup.device, DTYPES[setup.precision])(pictures(1, shape, setup))


def batches(
    model: nn.Module, shape: tuple[int, ...], setup: Setup, pace: float
) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """For each batch its timing, or why there is none. Raises where not even one image can be run."""
    last, size = 0.0, 1
    for batch in BATCHES:
        guess = last * batch / size
        if guess > LONGEST and pace <= 1:
            yield batch, f"batch {batch} left out: one pass would take about {guess:.0f} s"
            continue
        seconds = max(SECONDS[batch], 1.2 * guess) * pace
        try:
            finding = timed(model, pictures(batch, shape, setup), setup, seconds)
        except RuntimeError as error:
            if batch == 1:
                raise
            yield batch, f"batch {batch} failed: {first_line(error)}"
            continue
        last, size = finding["median"], batch
        yield batch, finding


def pictures(batch: int, shape: tuple[int, ...], setup: Setup) -> Tensor:
    return torch.randn(batch, *shape).to(setup.device, DTYPES[setup.precision])


def timed(model: nn.Module, images: Tensor, setup: Setup, seconds: float) -> dict[str, Any]:
    """The quietest of a few tries: threads that wait for each other lose far more than what other programs take."""
    if len(images) == 1:
        model(images)  # kernels are chosen; what finds the size of a block is the second warm-up, or the only one
    tries = [timed_once(model, images, setup, seconds)]
    while tries[-1]["busy"] > BUSY and len(tries) < TRIES:
        tries.append(timed_once(model, images, setup, seconds))
    return min(tries, key=lambda one: one["median"] if one["busy"] > BUSY else 0.0)


def timed_once(model: nn.Module, images: Tensor, setup: Setup, seconds: float) -> dict[str, Any]:
    others = Others()
    with Peak(setup.device) as peak:
        found = repeat("model(images)", {"model": model, "images": images}, setup, seconds)
    times = torch.tensor(found.times, dtype=torch.float64)
    low, high = (times.quantile(share).item() for share in (0.25, 0.75))
    return {
        "median": found.median,
        "low": low,
        "high": high,
        "runs": len(found.times),
        "peak": peak.bytes,
        "busy": others.cores(),
    }


def repeat(statement: str, names: dict[str, Any], setup: Setup, seconds: float) -> Measurement:
    """As `torch.utils.benchmark` does it; where there is a device, it is waited for."""
    clock: Callable[[], float] = timeit.default_timer if setup.device == "cpu" else synchronised
    timer = Timer(statement, globals=names, timer=clock, num_threads=setup.threads)
    return timer.blocked_autorange(min_run_time=seconds)


def roof(setup: Setup, pace: float) -> dict[str, Any]:
    """The fastest runs of one large product, one large convolution and one long copy: ceilings, not habits."""
    side, kind = SIDES[setup.device], {"device": setup.device, "dtype": DTYPES[setup.precision]}
    a, b, wide = torch.randn(side, side, **kind), torch.randn(side, side, **kind), torch.randn(256, 256, 3, 3, **kind)
    maps, numbers = torch.randn(8, 256, 28, 28, **kind), torch.zeros(COPIED[setup.device], device=setup.device)
    names = {"a": a, "b": b, "maps": maps, "wide": wide, "numbers": numbers, "copy": torch.empty_like(numbers)}
    fastest = {
        name: min(repeat(statement, names, setup, 0.4 * pace).times)
        for name, statement in (
            ("matmul", "a @ b"),
            ("convolution", "torch.conv2d(maps, wide, padding=1)"),
            ("copy", "copy.copy_(numbers)"),
        )
    }
    return {
        "name": torch.cuda.get_device_name() if setup.device == "cuda" else processor_name(),
        "torch": torch.__version__,
        "matmul": side**3 / fastest["matmul"],
        "convolution": 8 * 28 * 28 * 256 * 256 * 9 / fastest["convolution"],
        "bandwidth": 2 * numbers.numel() * numbers.element_size() / fastest["copy"],
        "load": mean_load(),
    }


if __name__ == "__main__":
    main()
