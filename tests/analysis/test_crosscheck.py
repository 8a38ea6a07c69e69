"""Other counters' figures, and the reasons for each difference, which must add up to what the tools really say."""

from collections.abc import Iterator

import pytest
import thop
import torch
import torchinfo
import torchvision
from torch import nn

from explorer.analysis.crosscheck.crosscheck import (
    CounterReport,
    Counters,
    agreement_sentence,
    gap_parts,
    judge_answers,
    ours,
    torchvision_counter,
)
from explorer.analysis.crosscheck.gaps import Modules, Term, thop_macs_gaps
from explorer.analysis.crosscheck.gaps import torchinfo_macs_gaps as torchinfo_gaps
from explorer.analysis.model_summary import study
from explorer.models.inputs import arguments_of
from explorer.models.selection import ModelSelection
from explorer.models.sources import OWN, Own
from explorer.models.spec import Spec
from explorer.tracing.tracer import trace
from model_defs import CATALOG

NETWORKS = (
    *("resnet50", "vgg16", "efficientnet_b0", "vit_b_16", "mobilenet_v2", "googlenet", "convnext_tiny", "swin_v2_t"),
)
PUBLISHED = (*NETWORKS, "inception_v3", "densenet121", "regnet_y_400mf", "shufflenet_v2_x1_0", "mobilenet_v3_small")
TIMM = ("edgenext_small", "swin_tiny_patch4_window7_224")
PLACES = (
    *(ModelSelection("torchvision", name, "") for name in NETWORKS),
    *(ModelSelection("timm", name, "") for name in TIMM),
    *(ModelSelection("model_defs", name, each.presets[0].name) for name, each in CATALOG.items()),
)


@pytest.fixture(scope="module")
def counters() -> Iterator[Counters]:
    made = Counters()
    yield made
    made.close()


@pytest.fixture
def said(counters: Counters):
    def said(place: ModelSelection) -> dict[str, CounterReport]:
        found = judge_answers(study(place.spec).graph, counters.ask(place.spec))
        return dict(zip(("torch", "thop", "torchinfo"), found, strict=True))

    return said


def terms(witness: CounterReport, quantity: str) -> dict[str, int]:
    return {term.reason: term.count for term in dict(witness.counts)[quantity].terms}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.source}-{place.title}")
def test_the_reasons_add_up_to_what_every_tool_says(said, place: ModelSelection):
    for witness in said(place).values():
        assert not witness.problem
        for _, count in witness.counts:
            assert count.unexplained == 0
            assert count.value == count.ours + sum(term.count for term in count.terms)


# Measured elsewhere, with numbers in the networks: GMACs by thop 0.1.1 and torchinfo 1.8.0, parameters by thop.
@pytest.mark.parametrize(
    ("name", "thops", "torchinfos"),
    [
        ("resnet50", 4.134, 4.089),
        ("vgg16", 15.470, 15.484),
        ("efficientnet_b0", 0.415, 0.386),
        ("vit_b_16", 11.286, 0.173),
    ],
)
def test_the_tools_say_what_they_are_known_to_say(said, name: str, thops: float, torchinfos: float):
    found = said(ModelSelection("torchvision", name, ""))
    assert round(found["thop"].macs.value / 1e9, 3) == thops
    assert round(found["torchinfo"].macs.value / 1e9, 3) == torchinfos


def test_shapes_alone_give_the_tools_the_answers_that_numbers_give(said):
    model, image = torchvision.models.mobilenet_v2(weights=None), torch.zeros(1, 3, 224, 224)
    found = said(ModelSelection("torchvision", "mobilenet_v2", ""))
    macs, params, *_ = thop.profile(model, inputs=(image,), verbose=False)
    assert (found["thop"].macs.value, found["thop"].params.value) == (macs, params)
    summary = torchinfo.summary(model, input_data=image, verbose=0)
    assert (found["torchinfo"].macs.value, found["torchinfo"].params.value) == (
        summary.total_mult_adds,
        summary.total_params,
    )


def test_the_norms_that_thop_counts_are_those_that_timm_counts(said):
    """timm's table has ResNet-50 at 4.11 G: 11.11 M numbers are normed, and timm counts two operations for each."""
    norms = terms(said(ModelSelection("torchvision", "resnet50", ""))["thop"], "MACs")
    (count,) = [count for reason, count in norms.items() if "BatchNorm2d" in reason]
    assert round(count / 4 / 1e6, 2) == 11.11


def test_what_is_missed_of_attention_is_its_four_projections_and_two_products(said):
    found = said(ModelSelection("torchvision", "vit_b_16", ""))
    tokens, width, layers = 14 * 14 + 1, 768, 12
    missed = layers * (4 * tokens * width * width + 2 * tokens * tokens * width)
    for tool in ("thop", "torchinfo"):
        (count,) = [n for reason, n in terms(found[tool], "MACs").items() if "MultiheadAttention" in reason]
        assert count == -missed
    params = terms(found["thop"], "parameters")
    assert sum(params.values()) == -(layers * 4 * (width * width + width) + tokens * width + width)


def test_biases_and_norms_are_what_torchinfo_adds_to_a_convolutional_network(said):
    found = terms(said(ModelSelection("torchvision", "vgg16", ""))["torchinfo"], "MACs")
    widths = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
    positions = [224 * 224 // 4**stage for stage in range(5)]
    convolutions = sum(width * area for stage, area in zip(widths, positions, strict=True) for width in stage)
    assert found == {
        "biases of Conv2d layers counted as multiply-adds": convolutions,
        "biases of Linear layers counted as multiply-adds": 4096 + 4096 + 1000,
    }


def test_torchvisions_metadata_agrees_to_its_last_digit():
    for name in PUBLISHED:
        metadata = torchvision_counter(ModelSelection("torchvision", name, ""))
        assert metadata and metadata.macs and metadata.macs.difference == 0
        assert all(count.unexplained == 0 for _, count in metadata.counts)


def test_metadata_that_counts_what_does_not_run_is_explained():
    """Inception's second head serves training only: (17×17 → 5×5) 768 → 128 → 768 → 1000."""
    metadata = torchvision_counter(ModelSelection("torchvision", "inception_v3", ""))
    head = 768 * 128 + 2 * 128 + 128 * 768 * 25 + 2 * 768 + 768 * 1000 + 1000
    assert metadata and metadata.params and metadata.params.difference == head
    assert "do not run" in gap_parts(metadata.params)[0][1]


def test_metadata_is_not_shown_for_another_network_than_it_is_of():
    assert torchvision_counter(ModelSelection())  # the lesson's ResNet-50 is torchvision's
    assert torchvision_counter(ModelSelection(changes=(("width", 32),))) is None
    assert torchvision_counter(ModelSelection("torchvision", "resnet50", "", (("num_classes", 10),))) is None
    assert torchvision_counter(ModelSelection("torchvision", "resnet50", "", (("image_size", 100),))) is None


def test_what_nobody_can_explain_is_called_unexplained():
    graph = study(Spec("model_defs", "LeNet")).graph
    answer = {"params": graph.params, "macs": graph.macs + 1234, "version": "9"}
    odd = judge_answers(graph, {"torch": answer, "thop": answer, "torchinfo": answer})[0]
    assert odd.macs and odd.macs.unexplained == 1234
    assert "1.23 k of it unexplained" in agreement_sentence(odd) and gap_parts(odd.macs) == [
        ("+1.23 k", "unexplained: the graph does not tell why")
    ]


class Strange(nn.Module):
    """Upsampling, a softmax layer, a transposed convolution, an average pool: what few networks have."""

    def __init__(self) -> None:
        super().__init__()
        self.grow = nn.Upsample(scale_factor=2)
        self.back = nn.ConvTranspose2d(4, 6, 2, stride=2, bias=False)
        self.pool = nn.AvgPool2d(2)
        self.soft = nn.Softmax(dim=1)
        self.slope = nn.PReLU()

    def forward(self, x):
        return self.slope(self.soft(self.pool(self.back(self.grow(x)))))


def added(found: tuple[Term, ...] | list) -> int:
    return sum(gap.count for gap in found)


def test_rare_layers_are_counted_as_the_tools_count_them():
    model = Strange().eval()
    graph = trace(model, (4, 8, 8))
    theirs, *_ = thop.profile(Strange(), inputs=(torch.zeros(1, 4, 8, 8),), verbose=False)
    assert graph.macs + added(list(thop_macs_gaps(Modules(graph)))) == theirs
    summary = torchinfo.summary(Strange(), input_size=(1, 4, 8, 8), verbose=0)
    assert graph.macs + added(list(torchinfo_gaps(Modules(graph)))) == summary.total_mult_adds


def test_a_network_of_another_program_is_refused_in_a_sentence(counters: Counters, monkeypatch):
    monkeypatch.setitem(OWN, "theirs", Own(arguments_of((1, 28, 28)), graph=study(Spec("model_defs", "LeNet")).graph))
    with pytest.raises(ValueError, match="only its graph is here"):
        counters.ask(Spec("own", "theirs"))


def test_a_network_that_no_tool_can_run_is_an_answer_with_the_reason(counters: Counters):
    place = ModelSelection("torchvision", "squeezenet1_1", "", (("image_size", 4),))
    found = judge_answers(study(place.spec).graph, counters.ask(place.spec))
    assert all(witness.problem for witness in found)
    assert "cannot count this network" in agreement_sentence(found[0])


def test_a_detector_is_run_with_numbers_by_every_tool(counters: Counters):
    """torchinfo hides behind a sentence of its own that it is the values that are missing."""
    name = "ssdlite320_mobilenet_v3_large"
    published = next(iter(torchvision.models.get_model_weights(name))).meta["num_params"]
    said = counters.ask(Spec("tasks", name))
    assert {tool: counts.get("params") for tool, counts in said.items()} == dict.fromkeys(said, published)


def test_our_own_row_says_what_is_counted():
    row = ours(ModelSelection("torchvision", "resnet50", ""))
    assert row.params and row.macs and (row.params.value, row.macs.value) == (25_557_032, 4_089_184_256)
    assert "multiply-add" in agreement_sentence(row)


def test_a_worker_that_ended_is_replaced_and_one_that_hangs_is_ended(counters: Counters):
    assert counters.client.process
    counters.client.process.kill()
    counters.client.process.wait()
    assert counters.ask(Spec("torchvision", "resnet34"))["torch"]["params"] == 21_797_672
    hanging, counters.seconds = counters.client.process, 1e-6
    with pytest.raises(ValueError, match="took more than 1e-06 s"):
        counters.ask(Spec("torchvision", "resnet101"))
    assert hanging and hanging.poll() is not None and not counters.client.running
