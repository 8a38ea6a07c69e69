"""What a lesson computes, held against hand arithmetic, torchvision's metadata and the recorded files themselves."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from torchvision.models import ResNet34_Weights, ResNet50_Weights

from explorer.lessons.answers import judge
from explorer.lessons.lesson import LessonQuestion, Passage
from explorer.lessons.quantities import ComputedQuantity, NotMeasured, Subject, asked_speeds, computed, holds
from explorer.models.selection import ModelSelection
from explorer.profiler.measurements import Setup, Timing, first_setup, measurements
from explorer.training.runs.recorded_runs import collection
from testing.speeds import speed

RESNET = ModelSelection("model_defs", "ResNet", "ResNet-50").spec
OTHER = ModelSelection("model_defs", "ResNet", "ResNet-34").spec
NETWORKS = Subject({"": RESNET, "A": RESNET, "B": OTHER})
BLOCK = 256 * 64 + 64 * 64 * 9 + 64 * 256 + 2 * (64 + 64 + 256)


def top_1(weights):
    return weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]


@pytest.mark.parametrize(
    ("words", "value", "spelled"),
    [
        ("params of stage1.1", BLOCK, f"{BLOCK:,}"),
        ("macs of stage1.1.conv2", 64 * 64 * 9 * 56 * 56, "116 M"),
        ("memory of stage1.1.conv3", 256 * 56 * 56 * 4, "3.06 MiB"),
        ("channels of stage1.1", 256, "256"),
        ("height of stage2", 28, "28"),
        ("parts of stage3", 6, "6"),
        ("field of stem.0", 7, "7 px"),
        ("depth", 50, "50"),
        ("params of B", ResNet34_Weights.IMAGENET1K_V1.meta["num_params"], "21,797,672"),
        ("params of stage1.0.conv1 in B", 64 * 64 * 9, "36,864"),
        ("ratio of params of stage1.1.conv2 to params of stage1.1.conv1", 36864 / 16384, "2.25"),
        ("difference of height of stage1 and height of stage2", 28, "28"),
        ("difference of height of stage2 and height of stage1", -28, "−28"),
        ("12.5", 12.5, "12.5"),
        ("ratio of 10916 to 5", 2183.2, "2,180"),
        ("resolution by the law at 3", 1.15**3, "1.52"),
        ("depth by the law at 0.5", 1.2**0.5, "1.1"),
        ("macs by the law at 7", (1.2 * 1.1**2 * 1.15**2) ** 7, "96.3"),
    ],
)
def test_quantities_of_networks(words, value, spelled):
    found = computed(words, NETWORKS)
    assert found.value == pytest.approx(value, rel=1e-12) and found.words == spelled


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("params of layer3", "no part “layer3”"),
        ("params of stage1.0.conv9", "the nearest is stage1.0.conv"),
        ("params of C", "shows no network C"),
        ("channels", "needs a part"),
        ("depth of stage1", "one of the whole network"),
        ("height of head", "puts out no map"),
        ("__import__('os')", "nothing that is computed"),
        ("training loss of plain-56", "shows no recorded run"),
        ("ratio of params to 0", "no value"),
        ("published top-1 by nobody", "“nobody” published no top-1 of it: .*IMAGENET1K_V1"),
        ("published beauty by torchvision", "of ResNet nobody published “beauty”"),
        ("published top-1 of C by torchvision", "shows no network C"),
        ("measured images a second of C", "shows no network C"),
        ("width by the law at 8", "φ = 8 is beyond the law: it goes up to 7."),
        ("width by the law at -1", "nothing that is computed"),
        ("", "nothing that is computed"),
    ],
)
def test_what_cannot_be_computed_is_a_sentence(words, sentence):
    with pytest.raises(ValueError, match=sentence):
        computed(words, NETWORKS)


def test_what_was_published_is_torchvisions_and_says_so():
    old, new = ResNet50_Weights.IMAGENET1K_V1, ResNet50_Weights.IMAGENET1K_V2
    two = "published top-1 by IMAGENET1K_V2", "published top-1 of A by IMAGENET1K_V1"
    first, second, gain = (computed(words, NETWORKS) for words in (*two, f"difference of {two[0]} and {two[1]}"))
    assert first.value == pytest.approx(top_1(new), abs=0.005) and first.source == "torchvision, IMAGENET1K_V2"
    assert second.words == f"{top_1(old):.2f} %"
    assert gain.words == "4.73 points" and gain.source == f"{first.source}; {second.source}"
    assert not computed("params of A", NETWORKS).source


def test_a_published_speed_is_found_by_torchvisions_name():
    small = Subject({"": ModelSelection("torchvision", "efficientnet_b0").spec, "B": RESNET})
    one, other = (f"published images a second{of} by rtx4090" for of in ("", " of B"))
    found = computed(f"ratio of {one} to {other}", small)
    assert found.value == 9831.68 / 5088.39 and found.source.startswith("timm, ")


def test_a_speed_is_what_was_measured_last_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    words = "ratio of measured images a second of A to measured images a second of B"
    with pytest.raises(NotMeasured, match="how fast ResNet-50 is has not been measured on this machine yet"):
        computed(words, NETWORKS)
    assert asked_speeds((words,), NETWORKS) == {RESNET: None, OTHER: None}
    here = {"setup": first_setup(), "title": "x"}
    elsewhere = {"machine": "another", "spec": RESNET} | here
    batches = (Timing(8, 0.2, 0.19, 0.21, 5, 2**28),)
    for each in (
        *(speed("", 9, **elsewhere), speed("", 9, spec=RESNET, setup=Setup("cpu", "bf16", 1))),
        *(speed("", 9, spec=RESNET, **here), speed("", 0.04, spec=RESNET, **here)),
        speed("", 0.2, spec=OTHER, timings=batches, **here),
    ):
        measurements().add(each)
    assert [bool(found) for found in asked_speeds((words,), NETWORKS).values()] == [True, False]  # of 8 at once only
    measurements().add(speed("", 0.02, spec=OTHER, **here))
    one, both = computed("measured images a second", NETWORKS), computed(words, NETWORKS)
    assert one.words == "25" and one.measured and both.value == 0.5 and both.measured
    assert holds("measured images a second of B > measured images a second of A", NETWORKS)
    told = judge(number_of(words), "1/2", NETWORKS).sentence
    assert told == f"Exactly: 0.5. Measured on {measurements().latest()[first_setup()][OTHER].source}."
    busy = replace(speed("", 0.02, spec=OTHER, **here).timings[0], busy=1.25)
    measurements().add(speed("", 0.02, spec=OTHER, timings=(busy,), **here))
    assert "other programs used up to 1.2 cores" in judge(number_of(words), "2", NETWORKS).sentence


def number_of(words: str) -> LessonQuestion:
    return LessonQuestion("number", Passage(), 1, words)


def test_conditions():
    assert holds("params of A > params of B", NETWORKS) and not holds("params of A < params of B", NETWORKS)
    assert holds("macs of stage1.1.conv1 = macs of stage1.1.conv3", NETWORKS) and holds("depth > 49", NETWORKS)
    with pytest.raises(ValueError, match="no condition"):
        holds("params", NETWORKS)


def test_a_run_is_spoken_of_by_the_mean_of_its_seeds():
    runs = collection().of("degradation", "quick")
    subject = Subject(runs=runs)
    plain = [collection()[run.id] for run in runs if run.title == "plain-56"]
    assert len(plain) == 3
    errors = [float(record.test_error[-1]) for record in plain]
    assert computed("test error of plain-56", subject).value == pytest.approx(np.mean(errors))
    assert holds("training loss of plain-56 > training loss of plain-20", subject)
    with pytest.raises(ValueError, match="no recorded run of “plain-57”: the nearest is plain-5"):
        computed("training loss of plain-57", subject)


def test_what_is_spelled_nought_has_no_sign() -> None:
    assert ComputedQuantity(-0.0001, "share of points").words == "0.0 points"
    assert ComputedQuantity(-0.001, "share of points").words == "−0.1 points"
