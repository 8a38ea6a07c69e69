"""What follows from measured speeds: where the points lie, what the words say, how others' figures compare."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from explorer.analysis.model_summary import study
from explorer.analysis.stage_costs import Costs, macs_shares, time_shares, touched_numbers
from explorer.diff.charts import Level, levels_chart
from explorer.formatting import literal
from explorer.models.spec import Spec
from explorer.profiler.charts import latency_chart, roofline_chart
from explorer.profiler.findings import BENCHES, disturbed, not_drawn, published_lines, speed_findings
from explorer.profiler.measurements import Speed, Timing
from explorer.profiler.roofline import RooflinePoint, attainable, ridge, roofline_points, share_reached
from explorer.tracing.tracer import trace
from explorer.ui.compare.speed import above_roof, speed_cells, speed_row
from testing.speeds import ROOF, speed


class Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wide = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.deep = nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False)
        self.last = nn.Conv2d(8, 4, 1, bias=False)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.wide(x)
        return self.act(self.last(self.deep(y) + y).flatten(1))


def test_the_numbers_a_network_touches_are_counted_by_hand():
    graph = trace(Tiny(), (3, 10, 10))
    convolutions = (300 + 800) + (800 + 800) + (800 + 400)  # read, and written
    addition, flatten, activation = 800 + 800 + 800, 0, 400 + 400
    assert touched_numbers(graph) == convolutions + addition + flatten + activation
    weights = 3 * 8 * 9 + 8 * 9 + 8 * 4
    known = replace(speed("tiny", 1), macs=graph.macs, params=weights, touched=touched_numbers(graph))
    assert known.intensity(1) == graph.macs / (4 * (touched_numbers(graph) + weights))
    assert known.intensity(10**9) == pytest.approx(graph.macs / (4 * touched_numbers(graph)))


def test_work_is_told_apart_by_what_it_reuses():
    graph = trace(Tiny(), (3, 10, 10))
    shares = macs_shares(graph)
    whole = 100 * (216 + 72 + 32)
    assert {kind: round(share * whole) for kind, share in shares.items() if share} == {
        "full convolutions": 21_600,
        "depthwise convolutions": 7_200,
        "1×1 convolutions": 3_200,
    }
    spent = time_shares(graph, {"wide": 1.0, "deep": 2.0, "last": 0.5, "act": 0.5, "": 5.0})
    assert spent["depthwise convolutions"] == 0.4 and spent["between the layers"] == pytest.approx(0.2)


def test_the_same_work_is_found_in_the_real_networks():
    """MobileNetV2's depthwise convolutions: each of 17 blocks one, 3×3."""
    shares = macs_shares(study(Spec("torchvision", "mobilenet_v2")).graph)
    assert 0.05 < shares["depthwise convolutions"] < 0.1 and shares["1×1 convolutions"] > 0.8


def test_the_roof_is_the_lower_of_arithmetic_and_memory():
    assert ridge(ROOF) == 100e9 / 20e9
    assert attainable(ROOF, 1) == 20e9 and attainable(ROOF, 5) == 100e9 and attainable(ROOF, 500) == 100e9


def test_the_words_name_who_is_slower_with_fewer_macs_and_why():
    work, shares = (
        (("depthwise convolutions", 0.1), ("1×1 convolutions", 0.9)),
        (("depthwise convolutions", 0.5), ("norms", 0.3)),
    )
    found = roofline_points(
        (
            speed("resnet50", 0.04, 4 * 10**9, touched=10**8),
            speed("slow_net", 0.05, 4 * 10**8, work=work, shares=shares, touched=2 * 10**8),
            speed("vgg16", 0.05, 16 * 10**9, work=(("full convolutions", 0.99),)),
        ),
        1,
    )
    said = speed_findings(found, ROOF, str)
    assert said[0].startswith("**slow_net** needs 400 M MACs for an image, **resnet50** 4.00 G")
    assert "takes 1.2× as long" in said[0]
    (slow,) = [each for each in said[1:] if each.startswith("**slow_net**")]
    assert "needs 0.10× the MACs of resnet50 and 1.2× its time: it reaches 8 % of what this machine can do" in slow
    assert "depthwise convolutions are 10 % of the MACs and 50 % of the time" in slow and "is 30 % of the time" in slow
    (quick,) = [each for each in said[1:] if each.startswith("**vgg16**")]
    assert (
        "4.0× the MACs of resnet50 and 1.2× its time" in quick and "99 % of its MACs are in full convolutions" in quick
    )


def test_where_time_follows_macs_no_network_is_singled_out():
    assert speed_findings(roofline_points((speed("a", 0.01, 10**9), speed("b", 0.02, 2 * 10**9)), 1), ROOF, str) == []


def test_resnet_50_is_what_others_are_compared_with_whatever_it_is_called():
    found = roofline_points(
        (speed("resnet50", 0.04, 4 * 10**9, title="another"), speed("x", 0.04, 10**9, title="resnet50")), 1
    )
    assert any(
        "**resnet50** needs 0.25× the MACs of another" in sentence for sentence in speed_findings(found, ROOF, str)
    )


def test_titles_are_shown_as_they_are_in_words_and_on_charts():
    odd = "a*b_c [x](y) <b>%{x}"
    found = roofline_points((speed("odd", 0.5, 10**8, title=odd), speed("resnet50", 0.04, 4 * 10**9)), 1)
    assert all(literal(odd) in sentence for sentence in speed_findings(found, None, literal))
    figure, shown = latency_chart(found, ROOF, {}), "a*b_c [x](y) &lt;b&gt;%{x}"
    marks = figure.data[-1]
    assert figure.layout.meta["labels"][0][0] == odd and odd not in marks.customdata[0] + marks.hovertemplate
    levels = (Level(1, "56×56", ("stage<1>",), Costs(1, 2, 3)),)
    for bar in levels_chart([("A", odd, levels)]).data:
        assert bar.name == f"A · {shown}" and "%{x}</b>" not in bar.hovertemplate
        assert bar.customdata[0][0] == shown and bar.customdata[0][2] == "stage&lt;1&gt;"


def test_a_busy_machine_is_named():
    calm, busy = speed("a", 0.01), busy_speed("b", 0.01)
    assert disturbed([calm], str) == ""
    assert "(up to 1.4 cores) while b was measured: its figures compare nothing" in disturbed([calm, busy], str)
    assert "while 10 of these 11 networks were measured: the figures with a ⚠" in disturbed([calm, *10 * [busy]], str)


def busy_speed(name: str, seconds: float, macs: int = 10**9) -> Speed:
    return speed(name, seconds, macs, timings=(Timing(1, seconds, seconds, seconds, 5, 0, busy=1.4),))


def test_nothing_follows_from_what_was_measured_while_the_machine_was_busy():
    slow, quick = busy_speed("resnet50", 0.635, 4 * 10**9), busy_speed("vgg16", 0.1, 16 * 10**9)
    assert speed_findings(roofline_points((slow, quick), 1), ROOF, str) == []
    calm = speed("a", 0.01, 10**8), speed("b", 0.04, 4 * 10**9)
    said = speed_findings(roofline_points((slow, quick, *calm), 1), ROOF, str)
    assert said == speed_findings(roofline_points(calm, 1), ROOF, str) and len(said) == 1
    labels = latency_chart(roofline_points((slow, *calm), 1), None, {}).layout.meta["labels"]
    assert [label[0] for label in labels] == ["⚠ resnet50", "a", "b"]
    assert speed_row(slow, ROOF)["network"] == "⚠ resnet50" and speed_row(slow, ROOF)["1"] == 635


def test_more_than_all_is_no_share_of_what_the_machine_can_do():
    found = roofline_points((speed("resnet50", 0.04, 3 * 10**9), speed("vgg16", 0.04, 6 * 10**9)), 1)
    below, above = found
    assert share_reached(below, ROOF) == pytest.approx(0.75) and share_reached(above, ROOF) is None
    said = speed_findings(found, ROOF, str)
    assert (
        said[0].startswith("**vgg16** needs 2.0× the MACs of resnet50 and 1.0× its time") and "reaches" not in said[0]
    )
    assert speed_row(above.speed, ROOF)["reached"] is None
    assert "vgg16 did more than that" in above_roof(found, ROOF) and above_roof([below], ROOF) == ""


def test_nobody_is_told_that_memory_holds_back_what_is_faster_than_memory():
    """Small maps stay in the cache: 4 MACs a byte allow 20 G MACs a second here, and it does 25 G."""
    found = roofline_points(
        (speed("resnet50", 0.04, 4 * 10**9, touched=0), speed("small", 0.04, 10**9, touched=24 * 10**7)), 1
    )
    (said,) = speed_findings(found, ROOF, str)
    assert found[1].rate > attainable(ROOF, found[1].intensity) and "memory could keep up" not in said


def test_what_is_not_drawn_is_named_with_the_reason():
    long = speed("vgg16", 0.4, notes=("batch 32 left out: one pass would take about 13 s",))
    idle = speed("pool", 0.001, macs=0)
    assert (
        roofline_points((long, idle), 32) == ()
        and roofline_points((idle,), 1) == ()
        and not_drawn((long,), 1, str) == ""
    )
    said = not_drawn((long, idle), 32, str)
    assert said.startswith("**Not on these charts** (2): vgg16 (one pass would take about 13 s)")
    assert "pool (it has no MACs" in said


def test_the_charts_hold_each_point_where_it_was_measured():
    found = roofline_points((speed("resnet50", 0.04, 4 * 10**9), speed("vgg16", 0.1, 16 * 10**9)), 1)
    figure = latency_chart(found, ROOF, {})
    marks = figure.data[-1]
    assert list(marks.x) == [4 * 10**9, 16 * 10**9] and list(marks.y) == [0.04, 0.1]
    assert [label[:3] for label in figure.layout.meta["labels"]] == [("resnet50", 4e9, 0.04), ("vgg16", 16e9, 0.1)]
    roof, marks = roofline_chart(found, ROOF, {}).data
    assert max(roof.y) == 100e9 and list(marks.y) == pytest.approx([1e11, 1.6e11])
    assert list(marks.x) == [point.intensity for point in found]


def test_the_name_of_a_rate_stands_where_no_point_lies():
    def name(*measured: tuple[float, float]) -> float:
        points = roofline_points([speed(f"n{macs}", seconds, int(macs)) for macs, seconds in measured], 1)
        notes = latency_chart(points, None, {}).layout.annotations
        return next(10**note.x for note in notes if note.text == "10 G MACs/s")

    assert name((1e8, 0.01), (1e10, 1.0)) == pytest.approx(1.6e10)  # the end
    assert name((1e8, 0.01), (1e10, 1.0), (8e9, 1.5)) < 1e10


def test_published_rates_become_parts_of_resnet_50s_time():
    """timm on an RTX 4090: ResNet-50 5,088 images a second, EfficientNet-B0 9,832, VGG-16 2,905."""
    here = {each.spec: each for each in (speed("resnet50", 0.04), speed("vgg16", 0.12))}
    found = {line.title: line for line in published_lines(here)}
    assert found["efficientnet_b0"].there[0] == pytest.approx(5088 / 9832, abs=1e-4)
    assert found["vgg16"].there[0] == pytest.approx(5088 / 2905, abs=1e-3)
    assert found["efficientnet_b0"].here_one is None and found["vgg16"].here_one == pytest.approx(3)
    assert all("results/benchmark-infer-" in bench.source and "PyTorch 2.4.0" in bench.source for bench in BENCHES)
    assert found["vgg16"].macs == pytest.approx(15.470 / 4.089, abs=0.001)


def test_where_one_image_is_the_best_batch_its_time_is_not_told_twice():
    eight = Timing(8, 0.16, 0.16, 0.16, 5, 0)
    both = speed("efficientnet_b0", 0.04, timings=(Timing(1, 0.04, 0.04, 0.04, 5, 0), eight))
    here = {each.spec: each for each in (speed("resnet50", 0.04), speed("vgg16", 0.12), both)}
    cells = {line.title: [cell.text for cell in speed_cells(line)] for line in published_lines(here)}
    assert cells["vgg16"][2:4] == ["3.00×", "one image"] and cells["efficientnet_b0"][2:4] == ["1.00×", "0.50×"]
    assert cells["convnext_tiny"][2:4] == ["–", "–"]


def test_points_speak_of_the_whole_batch():
    known = speed("resnet50", 0.04, 4 * 10**9, timings=(Timing(8, 0.2, 0.2, 0.2, 5, 0),))
    point = RooflinePoint(known, known.timings[0])
    assert point.macs == 32 * 10**9 and point.rate == 160e9


def test_a_network_of_whose_work_not_all_is_known_has_no_place_among_the_points() -> None:
    lacking = speed("own", 0.01, uncounted=2)
    assert roofline_points((lacking, speed("resnet18", 0.01)), 1)[0].title == "resnet18"
    assert "what some of its operations multiply is not known" in not_drawn((lacking,), 1, literal)
    row = speed_row(lacking, ROOF)
    assert row["macs"] is None and row["reached"] is None and "1.00 G MACs at least" in str(row["notes"])
