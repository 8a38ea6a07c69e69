"""A process of its own that measures networks: time and memory for each batch, and the time of each layer."""

import ctypes
import gc
import re
import sys
import threading
import time
import timeit
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psutil
import torch
from torch import Tensor, nn
from torch.utils.benchmark import Measurement, Timer
from torch.utils.benchmark import timer as synchronised

from explorer.hardware import Others, mean_load, processor_name
from explorer.models.inputs import Argument, Call, Inputs, arranged
from explorer.models.spec import Handed, build_handed
from explorer.profiler.measurements import BATCHES, BUSY, Setup
from explorer.subprocess_loop import first_line, read_questions, send_answer

PASSES = 3

IDLE = 20.0  # seconds: it is asked once, and ended by who asked
DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
SECONDS = {1: 0.8, 8: 0.9, 32: 2.5}  # of runs that are timed, at least one
TRIES = 3  # where other programs are busy meanwhile
LONGEST = 4.0  # seconds: a batch that would take longer is left out, unless there is time
SIDES = {"cpu": 1536, "cuda": 8192, "mps": 4096}  # of the matrices
COPIED = {"cpu": 2**26, "cuda": 2**29, "mps": 2**28}  # numbers of four bytes: more than any cache holds

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


def layer_seconds(model: nn.Module, call: Call) -> dict[str, float]:
    """Seconds a pass in each layer, by its path; "" is the whole pass, with all that runs between the layers."""
    found: dict[str, float] = defaultdict(float)
    hooks = [hook for path, layer in timed_layers(model) for hook in watch(layer, path, found)]
    begin = time.perf_counter()
    for _ in range(PASSES):
        model(*call.args, **call.kwargs)
    found[""] = time.perf_counter() - begin
    for hook in hooks:
        hook.remove()
    return {path: seconds / PASSES for path, seconds in found.items()}


def timed_layers(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Modules without modules inside, and PyTorch's attention, which calls none of those it holds."""
    whole = [path for path, module in model.named_modules() if isinstance(module, nn.MultiheadAttention)]
    return [
        (path, module)
        for path, module in model.named_modules()
        if path in whole or (path and not module._modules and not path.startswith(tuple(f"{each}." for each in whole)))
    ]


def watch(layer: nn.Module, path: str, found: dict[str, float]) -> tuple[Any, Any]:
    """The hooks, on this very layer, to be removed afterwards."""
    begun: list[float] = []

    def begin(*_: Any) -> None:
        begun.append(time.perf_counter())

    def end(*_: Any) -> None:
        found[path] += time.perf_counter() - begun.pop()

    return layer.register_forward_pre_hook(begin), layer.register_forward_hook(end)


def answer_timings() -> None:
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
        if first:  # what libraries keep from their first use on is not the first network's memory
            model, inputs = build_handed(network, "cpu")
            once = random_batch(1, inputs, setup)
            model.to(setup.device, DTYPES[setup.precision])(*once.args, **once.kwargs)
            del model
        tidy(setup.device)
        before = held_memory(setup.device)
        model, inputs = build_handed(network, "cpu")
        model = model.to(setup.device, DTYPES[setup.precision])
        for batch, finding in batches(model, inputs, setup, pace):
            send_answer(what="timed" if isinstance(finding, dict) else "note", batch=batch, finding=finding)
        image = random_batch(1, inputs, setup)
        layers = layer_seconds(model, image) if setup.device == "cpu" else {}
        send_answer(what="done", layers=layers, before=before)
    except Exception as error:  # whatever somebody's network raises
        send_answer(what="failed", why=first_line(error))


def batches(model: nn.Module, inputs: Inputs, setup: Setup, pace: float) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """For each batch its timing, or why there is none. Raises where not even one image can be run."""
    last, size = 0.0, 1
    for batch in BATCHES:
        guess = last * batch / size
        if guess > LONGEST and pace <= 1:
            yield batch, f"batch {batch} left out: one pass would take about {guess:.0f} s"
            continue
        seconds = max(SECONDS[batch], 1.2 * guess) * pace
        try:
            finding = timed(model, random_batch(batch, inputs, setup), setup, seconds, warm=batch > 1)
        except RuntimeError as error:
            if batch == 1:
                raise
            yield batch, f"batch {batch} failed: {first_line(error)}"
            continue
        last, size = finding["median"], batch
        yield batch, finding


def random_batch(batch: int, inputs: Inputs, setup: Setup) -> Call:
    """Noise; zeros for what is no float, such as the first word of a vocabulary. Raises `RuntimeError` for a batch of
    what was given whole."""
    if batch > 1 and any(argument.whole for argument in inputs):
        raise RuntimeError("what goes in was given whole, for one call")

    def leaf(argument: Argument) -> Tensor:
        numbers = argument.tensor("cpu").expand(batch, *argument.sides[1:]) if batch > 1 else argument.tensor("cpu")
        if not numbers.is_floating_point():
            return numbers.to(setup.device)
        return torch.randn(numbers.shape).to(setup.device, DTYPES[setup.precision])

    return arranged(inputs, leaf)


def timed(model: nn.Module, call: Call, setup: Setup, seconds: float, warm: bool = False) -> dict[str, Any]:
    """The quietest of a few tries: threads that wait for each other lose far more than what other programs take."""
    if not warm:
        model(
            *call.args, **call.kwargs
        )  # kernels are chosen; what finds the size of a block is the second warm-up, or the only one
    tries = [timed_once(model, call, setup, seconds)]
    while tries[-1]["busy"] > BUSY and len(tries) < TRIES:
        tries.append(timed_once(model, call, setup, seconds))
    return min(tries, key=lambda one: one["median"] if one["busy"] > BUSY else 0.0)


def timed_once(model: nn.Module, call: Call, setup: Setup, seconds: float) -> dict[str, Any]:
    others = Others()
    with Peak(setup.device) as peak:
        found = repeat("model(*args, **kwargs)", {"model": model} | call._asdict(), setup, seconds)
    times = torch.tensor(found.times, dtype=torch.float64)
    low, high = (times.quantile(share).item() for share in (0.25, 0.75))
    spread = {"median": found.median, "low": low, "high": high, "runs": len(found.times)}
    return spread | {"peak": peak.bytes, "busy": others.cores()}


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

    def fastest(statement: str) -> float:
        return min(repeat(statement, names, setup, 0.4 * pace).times)

    return {
        "name": torch.cuda.get_device_name() if setup.device == "cuda" else processor_name(),
        "torch": torch.__version__,
        "matmul": side**3 / fastest("a @ b"),
        "convolution": 8 * 28 * 28 * 256 * 256 * 9 / fastest("torch.conv2d(maps, wide, padding=1)"),
        "bandwidth": 2 * numbers.numel() * numbers.element_size() / fastest("copy.copy_(numbers)"),
        "load": mean_load(),
    }


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


if __name__ == "__main__":
    answer_timings()
