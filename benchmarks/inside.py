"""`python -m benchmarks.inside`: how soon every box has its thumbnail, a click its answer, a laboratory its result."""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from playwright.sync_api import Page, sync_playwright
from torch import Tensor, nn

from benchmarks.timing import seconds
from explorer.activations.ablation import measure_ablation
from explorer.activations.activations import Activations, activations
from explorer.activations.breakdown import break_down
from explorer.activations.feature_maps import thumbnail
from explorer.activations.gradient_flow import SIDE, flow_spec, measure_flow
from explorer.activations.networks import live_network
from explorer.activations.reasons import METHODS, Question, find_reason
from explorer.activations.top_pictures import top_pictures
from explorer.analysis.input_windows import input_windows
from explorer.analysis.model_summary import study
from explorer.models.spec import Spec, build
from explorer.training.results.predictions import Intake
from explorer.training.results.weight_space import PICTURES, PLANE, WeightSpace, random_directions
from testing.browser import launch, serve, settle

NETWORKS = {  # with its side in pixels, and the milliseconds and bytes that are asked for
    "ResNet-56": (Spec("model_defs", "CIFAR ResNet", (("depth", 56),)), 32, 400, 1_000_000),
    "ResNet-50": (Spec("torchvision", "resnet50"), 224, 1500, 1_000_000),
}
STEP = 100  # milliseconds for one number spelled out
SEARCHED = 2000  # pictures, for the nine that a channel answers to most
QUICK = Spec("model_defs", "CIFAR ResNet", (("depth", 56), ("image_size", 16), ("width", 8)))  # of the quick experiment
TIMES = 7


def milliseconds(call: Callable[[], object], times: int = TIMES) -> float:
    call()
    return 1e3 * median(seconds(call) for _ in range(times))


def painted(seen: Activations) -> int:
    """The bytes of the thumbnails of every operation, which is more than any picture shows."""
    return sum(len(thumbnail(output)) for output in seen.outputs.values())


def steps(model: nn.Module, seen: Activations) -> list[float]:
    """Milliseconds to spell out a number of each kind of operation, the slowest last."""
    one_of_each = {(node.op, node.attribute("kernel_size")): node for node in seen.graph.operations}
    middles = [(node, tuple(side // 2 for side in seen.outputs[node.name].shape)) for node in one_of_each.values()]
    return sorted(milliseconds(lambda node=node, at=at: break_down(model, seen, node, at), 3) for node, at in middles)


def line(what: str, value: float, most: float, unit: str = "ms") -> bool:
    print(f"| {what} | {value:,.0f} {unit} | ≤ {most:,} {unit} | {'yes' if value <= most else 'NO'} |")
    return value <= most


def networks() -> list[bool]:
    held = []
    for name, (spec, side, most, heaviest) in NETWORKS.items():
        model, image = build(spec).eval(), torch.randn(3, side, side)
        seen = activations(model, image)
        taken = milliseconds(lambda model=model, image=image: painted(activations(model, image)))
        held += [
            line(f"{name}, {side} px: picture → all thumbnails", taken, most),
            line(f"{name}: all thumbnails, as sent", painted(seen), heaviest, "bytes"),
            line(f"{name}: one number spelled out, the slowest kind", steps(model, seen)[-1], STEP),
        ]
        print(f"| {name}: a plain run beside it | {milliseconds(lambda: plain(model, image)):,.0f} ms | | |")  # noqa: B023
    return held


def plain(model: nn.Module, image: Tensor) -> Tensor:
    with torch.no_grad():
        return model(image[None])


def laboratories() -> list[bool]:
    """On one thread, as their workers run: twins of 1,202 layers, which have a process each; a sweep of ResNet-56."""
    torch.set_num_threads(1)
    numbers, labels = torch.randn(10, 3, SIDE, SIDE), torch.arange(10)
    spent = [1e3 * seconds(lambda twin=twin: flow(twin, numbers, labels)) for twin in (False, True)]
    shown = torch.randn(1000, 3, SIDE, SIDE), torch.arange(1000) % 10
    model, came = build(flow_spec(56, True, False)), []
    begun = time.perf_counter()
    for _ in measure_ablation(model, shown, "one"):
        came.append(1e3 * (time.perf_counter() - begun))
    quick, drawn = build(QUICK), torch.randn(PICTURES, 3, 16, 16)
    space = WeightSpace(quick, drawn, torch.arange(PICTURES) % 10, random_directions(quick, 0))
    plane = 1e3 * seconds(lambda: [space.loss(point) for point in PLANE])
    return [
        line("Gradients back through 1,202 layers, the slower of the twins", max(spent), 10_000),
        line("ResNet-56: the first bar of a sweep", came[2], 1000),
        line("ResNet-56: each of 27 blocks taken out, 1,000 pictures", came[-1], 15_000),
        line(f"ResNet-56, quick: the loss at {len(PLANE)} points of a plane, {PICTURES} pictures", plane, 30_000),
    ]


def questions() -> list[bool]:
    """Of ResNet-56 at 32 px: what a channel of its last block answers to most, and what a class hangs on."""
    spec, side, *_ = NETWORKS["ResNet-56"]
    intake = Intake(tuple(map(str, range(10))), (3, side, side), (0.5,) * 3, (0.2,) * 3)
    live = live_network("ResNet-56", spec, build(spec).state_dict(), intake)
    pictures = torch.randint(0, 256, (SEARCHED, 3, side, side), dtype=torch.uint8)
    graph = study(spec).graph
    last = next(node for node in reversed(graph.nodes) if node.path[-1:] == ("stage3.8.act2",))
    box = last, input_windows(graph)[last.name]
    sought = 1e3 * seconds(lambda: top_pictures(live, box, 0, pictures.__getitem__, SEARCHED))
    image = intake.numbers(pictures[0])
    asked = [Question(method, "ResNet-56", "noise", 0, live, image, node=last.name) for method in METHODS]
    reasons = 1e3 * seconds(lambda: [find_reason(each) for each in asked])
    print(f"| ResNet-56: four maps of a class, each with its curve | {reasons:,.0f} ms | | |")
    return [line(f"ResNet-56: the nine of {SEARCHED:,} pictures that a channel answers to most", sought, 8000)]


def flow(shortcut: bool, numbers: Tensor, labels: Tensor) -> None:
    measure_flow(build(flow_spec(1202, shortcut, False)), numbers, labels)


def clicks(page: Page) -> list[bool]:
    """In Chromium: a box and a number clicked → what is said of them."""
    panel, taken = page.locator(".st-key-inside-details"), []
    for at in ("norm1", "conv2", "act2", "conv1") * 2:
        start = time.perf_counter()
        page.locator(f"svg.diagram [data-id='stage1.0.{at}']").click()
        panel.locator("h4", has_text=at).wait_for()
        taken.append(time.perf_counter() - start)
        settle(page)
    return [line("A box clicked → its figures, in Chromium", 1e3 * median(taken[1:]), 1000)]


def bench_inside() -> int:
    print("| What | Median | Should be | Holds |\n|---|--:|--:|---|")
    held = networks() + questions() + laboratories()
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder) / "log.txt") as url,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        if browser is None:
            print("No Chromium here: the clicks were not timed.")
            return 1
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{url}/inside?open=stage1,stage1.0")
        page.wait_for_selector("svg.diagram image.map")
        settle(page)
        held += clicks(page)
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(bench_inside())
