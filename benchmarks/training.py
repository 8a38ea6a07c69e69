"""`python -m benchmarks.training`: our training loop beside the usual one, as ratios, each in a process of its own.

Both train the same networks on the same pictures, with the same batch, precision and number of threads; the usual loop
has its two `DataLoader` workers besides. Neither tests. Two arguments may follow: the key of a dataset (else Shapes-10)
and the number of threads (else one, as our workers have). Wants a quiet machine: what else runs slows both, unevenly.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from statistics import mean, median

import torch

from benchmarks.usual_loop import usual_losses
from explorer.datasets.registry import load_dataset
from explorer.models.spec import Spec
from explorer.training.engine import Session, train
from explorer.training.experiments.presets import EXPERIMENTS
from explorer.training.plan import Plan
from explorer.training.recipe import PRESETS

NETS = {
    "plain-20": (20, "none"),
    "plain-56": (56, "none"),
    "ResNet-20": (20, "identity"),
    "ResNet-56": (56, "identity"),
}
SIDE_BY_SIDE = (("plain-20", "ResNet-56"), ("ResNet-20", "plain-56"))  # one core each
DEPTH, LAST = EXPERIMENTS["degradation"], 15  # the steps whose mean is where a network ends
HURTS, HARMLESS, A_MINUTE = 0.2, 0.05, 60  # in training loss, 56 layers above 20; seconds
WARM = 3  # steps before the clock starts, where speed alone is asked for
PAIRS = 3
ROWS = (  # net, recipe, steps, and how many times as fast we should be
    ("ResNet-20", "he", 12, 1.3),
    ("plain-56", "he", 6, 1.3),
    ("plain-20", "quick", 100, 1.5),
    ("plain-56", "quick", 40, 1.5),
    ("ResNet-20", "quick", 100, 1.5),
    ("ResNet-56", "quick", 40, 1.5),
)


def plan(net: str, recipe: str, dataset: str) -> Plan:
    depth, shortcut = NETS[net]
    options = (("depth", depth), ("shortcut", shortcut), ("width", 8 if recipe == "quick" else 16))
    endless = replace(PRESETS[recipe], steps=10_000_000, evaluate_every=None)
    return Plan(Spec("model_defs", "CIFAR ResNet", options), dataset, endless)


def losses(whose: str, asked: Plan) -> Iterator[float]:
    if whose == "usual":
        return usual_losses(asked, load_dataset(asked.dataset))
    return (step.loss for step in train(Session(asked, load_dataset(asked.dataset))))


def work(whose: str, nets: str, recipe: str, dataset: str, threads: str, steps: str, warm: str) -> None:
    """What one process does: prints the seconds it took, and the mean loss of the last fifth of the steps."""
    torch.set_num_threads(int(threads))
    load_dataset(dataset)
    seconds, ends = 0.0, []
    for net in nets.split(","):
        began = time.perf_counter()
        running = losses(whose, plan(net, recipe, dataset))
        if int(warm):
            list(islice(running, int(warm)))
            began = time.perf_counter()
        found = list(islice(running, int(steps)))
        seconds += time.perf_counter() - began
        ends.append(mean(found[-max(1, int(steps) // 5) :]))
    print(seconds, mean(ends))


def measured(*arguments: object) -> tuple[float, float]:
    """Seconds and loss of one process."""
    command = [sys.executable, "-m", "benchmarks.training", "work", *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seconds, loss = map(float, done.stdout.split()[-2:])
    return seconds, loss


def pair(turn: int, *arguments: object) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ours and the usual loop's, each first every other time."""
    if turn % 2:
        ours = measured("ours", *arguments)
        return ours, measured("usual", *arguments)
    usual = measured("usual", *arguments)
    return measured("ours", *arguments), usual


def speed(net: str, recipe: str, dataset: str, threads: int, steps: int) -> tuple[float, ...]:
    """Images a second of both, their ratio, and the losses of both."""
    pairs = [pair(turn, net, recipe, dataset, threads, steps, WARM) for turn in range(PAIRS)]
    images = steps * PRESETS[recipe].batch
    ours, usual = (images / median(each[side][0] for each in pairs) for side in (0, 1))
    ratio = median(usual[0] / ours[0] for ours, usual in pairs)
    return ours, usual, ratio, *(mean(each[side][1] for each in pairs) for side in (0, 1))


def experiment(dataset: str) -> tuple[float, ...]:
    """Seconds of the whole quick experiment: two processes of one thread each, beside one that has both cores."""
    steps, cores = PRESETS["quick"].steps, len(SIDE_BY_SIDE)
    with ThreadPoolExecutor(cores) as pool:
        jobs = [pool.submit(measured, "ours", ",".join(nets), "quick", dataset, 1, steps, 0) for nets in SIDE_BY_SIDE]
        found = [job.result() for job in jobs]
    usual = measured("usual", ",".join(NETS), "quick", dataset, cores, steps, 0)
    ours = max(seconds for seconds, _ in found)
    return ours, usual[0], usual[0] / ours, mean(loss for _, loss in found), usual[1]


def train_whole(nets: str, dataset: str, seed: str) -> None:
    """What one process does of the quick experiment on depth: prints where the loss of each network ends."""
    torch.set_num_threads(1)
    entries = {each.title: each for each in DEPTH.entries("quick")}
    for net in nets.split(","):
        recipe = replace(DEPTH.quick, seed=int(seed))
        found = [step.loss for step in train(Session(Plan(entries[net].spec, dataset, recipe), load_dataset(dataset)))]
        print(net, mean(found[-LAST:]), flush=True)


def gaps(dataset: str, seed: int) -> bool:
    """A line: how long the experiment took on two cores, and what it showed. Whether it showed both halves."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.training", "whole"]
    started = [
        subprocess.Popen([*command, ",".join(nets), dataset, str(seed)], stdout=subprocess.PIPE, text=True)
        for nets in SIDE_BY_SIDE
    ]
    told = " ".join(each.communicate()[0] for each in started).split()
    seconds, ends = time.perf_counter() - began, dict(zip(told[::2], map(float, told[1::2]), strict=True))
    plain, residual = ends["plain-56"] - ends["plain-20"], ends["ResNet-56"] - ends["ResNet-20"]
    holds = plain >= HURTS and residual <= HARMLESS and seconds <= A_MINUTE
    name = load_dataset(dataset).name
    print(
        f"| {name} | {seed} | {seconds:.0f} | {plain:+.2f} | {residual:+.2f} | {'yes' if holds else 'NO'} |", flush=True
    )
    return holds


def report(what: str, found: tuple[float, ...], at_least: float) -> bool:
    ours, usual, ratio, our_loss, usual_loss = found
    holds = ratio >= at_least
    ends = f"{our_loss:.2f} | {usual_loss:.2f}"
    asked = f"≥ {at_least} | {'yes' if holds else 'NO'}"
    print(f"| {what} | {ours:,.0f} | {usual:,.0f} | {ratio:.2f} | {asked} | {ends} |", flush=True)
    return holds


def main(dataset: str = "shapes10", threads: str = "1") -> bool:
    """Whether every ratio is what it should be."""
    print("| What | Ours | Usual loop | Ratio | Should be | Holds | Our loss | Its loss |")
    print("|---|--:|--:|--:|---|---|--:|--:|")
    held = [
        report(
            f"{net}, {recipe}: images/s, threads: {threads}", speed(net, recipe, dataset, int(threads), steps), ratio
        )
        for net, recipe, steps, ratio in ROWS
    ]
    held.append(report("The four quick nets: seconds on two cores", experiment(dataset), 2.5))
    print("\n| Quick experiment on depth | Seed | Seconds, ≤ 60 | Plain, ≥ 0.20 | Residual, ≤ 0.05 | Holds |")
    print("|---|--:|--:|--:|--:|---|")
    held += [gaps(each, seed) for each in dict.fromkeys(("shapes10", dataset)) for seed in range(3)]
    return all(held)


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(*sys.argv[2:])
    elif sys.argv[1:2] == ["whole"]:
        train_whole(*sys.argv[2:])
    else:
        sys.exit(not main(*sys.argv[1:]))
