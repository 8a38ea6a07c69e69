"""The ready-made experiments are fair: their networks can be built for their pictures, twins differ in one thing."""

import pytest
import torch
from torch import nn

from explorer.models.facts import Fact
from explorer.models.spec import spec_settings
from explorer.tracing.tracer import graph_of
from explorer.training.experiments.experiment import AT_ONCE, Contestant, Experiment, begun, everything
from explorer.training.experiments.presets import EXPERIMENTS
from explorer.training.plan import Plan, fitted
from explorer.training.recipe import Recipe
from explorer.training.results.reference_errors import reference_figures
from model_defs import CATALOG
from model_defs.cifar_resnet import Block, CifarResNet

SHAPES = {"cifar10": (3, 32), "mnist": (1, 28)}
READY = [experiment for experiment in EXPERIMENTS.values() if experiment.contestants]
each_experiment = pytest.mark.parametrize("experiment", READY, ids=[experiment.key for experiment in READY])


@each_experiment
@pytest.mark.parametrize("length", ["quick", "full"])
def test_every_network_takes_the_pictures_it_is_meant_for(experiment: Experiment, length: str):
    channels, size = SHAPES[experiment.dataset]
    recipe = experiment.recipe(length)  # type: ignore[arg-type]
    for contestant in experiment.entries(length):  # type: ignore[arg-type]
        if contestant.chosen:
            graph = graph_of(fitted(contestant.spec, channels, recipe.size or size, 10))
            assert not graph.broken and graph.nodes[-1].shape == (10,)


@each_experiment
def test_no_more_take_part_than_a_chart_can_show(experiment: Experiment):
    titles = [contestant.title for contestant in experiment.contestants]
    assert len(set(titles)) == len(titles)
    assert 2 <= sum(contestant.chosen for contestant in experiment.contestants) <= AT_ONCE


@pytest.mark.parametrize("length", ["quick", "full"])
def test_plain_and_residual_twins_have_exactly_the_same_parameters(length: str):
    entries = {each.title: each for each in EXPERIMENTS["ladder"].entries(length)}  # type: ignore[arg-type]
    for depth in (20, 32, 44, 56):
        plain, residual = (params(entries[f"{kind}-{depth}"]) for kind in ("plain", "ResNet"))
        assert plain == residual
    if length == "full":
        assert params(entries["plain-56"]) == 853_018  # He et al. 2015, Table 6: 0.85 M


@pytest.mark.parametrize("key", ["degradation", "ladder"])
def test_the_networks_on_depth_differ_in_depth_and_shortcut_alone(key: str):
    chosen = [each for each in EXPERIMENTS[key].entries("quick") if each.chosen]
    settings = [spec_settings(each.spec) for each in chosen]
    for kind in ("none", "identity"):
        alike = [each for each in settings if each["shortcut"] == kind]
        assert {name for name in alike[0] if len({each[name] for each in alike}) > 1} == {"depth"}
    assert {each["last_gamma"] for each in settings if each["shortcut"] == "none"} == {1.0}
    assert len({each["last_gamma"] for each in settings if each["shortcut"] == "identity"}) == 1
    assert {name for name in settings[0] if len({each[name] for each in settings}) > 1} == {
        *("depth", "shortcut", "last_gamma")
    }


def test_he_et_als_own_start_is_offered_beside_the_quick_one_and_is_that_of_the_full_run():
    lab = EXPERIMENTS["degradation"]
    quick = {each.title: spec_settings(each.spec) for each in lab.entries("quick")}
    for contestant in lab.contestants[2:]:
        ours, theirs = quick[contestant.title], quick[f"{contestant.title}, γ = 1"]
        assert theirs == ours | {"last_gamma": 1.0} != ours
        assert spec_settings(contestant.spec)["last_gamma"] == 1.0


@pytest.mark.parametrize("shortcut", ["identity", "none"])
def test_a_small_gamma_makes_what_a_block_adds_smaller_by_as_much(shortcut: str):
    images = torch.rand(2, 3, 16, 16)
    usual, small = (blocks(shortcut, gamma)(images) for gamma in (1.0, 0.2))
    assert torch.allclose(small, usual * 0.2, atol=1e-6)


def blocks(shortcut: str, gamma: float) -> nn.Module:
    """A stem and the branch of the first block, its norms with the statistics of the batch."""
    torch.manual_seed(0)
    network = CifarResNet(depth=8, width=4, image_size=16, shortcut=shortcut, last_gamma=gamma)  # type: ignore[arg-type]
    block = network.stage1[0]
    assert isinstance(block, Block)
    return nn.Sequential(network.stem, block.conv1, block.norm1, block.act1, block.conv2, block.norm2)


def test_the_third_network_of_exercise_1_has_the_resnets_depth_and_lacks_its_shortcuts_alone():
    plain, between, residual = (graph_of(each.spec) for each in EXPERIMENTS["exercise1"].contestants)
    projections = 32 * 64 + 2 * 64 + 64 * 128 + 2 * 128  # 1×1 convolutions with their norms
    assert residual.params - between.params == projections
    weighted = [
        sum(node.kind in ("convolution", "linear") for node in graph.nodes) for graph in (plain, between, residual)
    ]
    assert weighted == [7, 14, 16]  # six convolutions and a linear layer; two of the last stand on shortcuts


@each_experiment
def test_every_question_has_an_answer(experiment: Experiment):
    assert all(answer for _, answer in experiment.ask)


def test_the_figures_in_the_answers_are_counted():
    said = " ".join(answer for _, answer in EXPERIMENTS["scaling"].ask)
    for contestant in EXPERIMENTS["scaling"].contestants:
        assert f"{params(contestant):,}" in said
    said = " ".join(answer for _, answer in EXPERIMENTS["transfer"].ask)
    graph = graph_of(fitted(EXPERIMENTS["transfer"].contestants[0].spec, 3, 64, 10))
    assert f"{graph.params:,}" in said and f"{graph.nodes[-1].params:,}" in said
    quick, full = EXPERIMENTS["transfer"].quick, EXPERIMENTS["transfer"].full
    for recipe in (quick, full):
        assert f"{recipe.subset:,} " in said and f"{recipe.steps:,}" in said
    assert (
        (quick.steps or 0) * (full.subset or 0) == (full.steps or 0) * (quick.subset or 0) > 0
    )  # each picture is seen as often


def params(contestant: Contestant) -> int:
    return graph_of(contestant.spec).params


def test_published_errors_stand_only_with_the_networks_they_were_measured_on():
    lab = EXPERIMENTS["degradation"]
    found = {each.title: [figure.value for figure in figures(each, lab.full)] for each in lab.entries("full")}
    assert 8.75 in found["ResNet-20"] and 6.97 in found["ResNet-56"]  # He et al. 2015, Table 6
    assert all(not figures(each, lab.quick) for each in lab.entries("quick"))


def figures(contestant: Contestant, recipe: Recipe) -> tuple[Fact, ...]:
    return reference_figures(Plan(contestant.spec, "cifar10", recipe), "CIFAR-10")


def test_any_preset_of_the_lesson_may_be_trained():
    assert len(everything()) == sum(len(family.presets) for family in CATALOG.values())


def test_110_layers_warm_up_in_the_full_recipe_alone():
    (deep,) = (each for each in EXPERIMENTS["ladder"].contestants if each.title == "ResNet-110")
    assert begun(deep.spec, EXPERIMENTS["ladder"].full).warm_up == 0.01  # He et al. 2015, Sec. 4.2
    assert begun(deep.spec, EXPERIMENTS["ladder"].quick) == EXPERIMENTS["ladder"].quick
