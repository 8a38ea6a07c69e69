"""What is worked out for an answer to “why this class”, and how it is laid over the picture."""

import io
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.activations.activations import activations
from explorer.activations.networks import Look, initial_weights, live_network
from explorer.activations.reasons import (
    CHANCE,
    COVERED,
    METHODS,
    Question,
    area,
    box_with_maps,
    chance_curve,
    deletion_curve,
    find_reason,
    laid_over,
    mixed_state,
    rank_correlation,
    ranks,
)
from explorer.models.spec import Spec, build
from explorer.tracing.tracer import graph_of
from explorer.training.results.predictions import Intake
from tests.activations.test_activations import noise

pytestmark = pytest.mark.usefixtures("one_thread")
SMALL = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 4)))
INTAKE = Intake(tuple("abcdefghij"), (3, 32, 32), (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))


@cache
def small_look() -> Look:
    state = torch.load(io.BytesIO(initial_weights(SMALL)), weights_only=True)["model"]  # others may give a blank map
    live = live_network("small", SMALL, state, INTAKE)
    picture = (noise(3, 32, 32).sigmoid() * 255).byte()
    return Look(live, picture, "noise", activations(live.model, INTAKE.numbers(picture)))


def question(method: str, node: str = "") -> Question:
    look = small_look()
    return Question(method, "small", "noise", 3, look.live, INTAKE.numbers(look.picture), node)


@pytest.mark.parametrize("method", METHODS)
def test_each_method_gives_a_map_and_the_fall_of_the_share_from_what_the_network_gives_to_grey(method: str) -> None:
    look = small_look()
    found = find_reason(question(method, box_with_maps(look)))
    assert found.shown and found.curve is not None and len(found.curve) == COVERED + 1 and found.area
    with torch.no_grad():
        whole, grey = look.live.model(torch.stack([INTAKE.numbers(look.picture), torch.zeros(3, 32, 32)])).softmax(1)
    assert found.curve[[0, -1]] == pytest.approx([float(whole[3]), float(grey[3])], abs=1e-6)


def test_what_is_asked_alike_is_one_question_and_of_chance_there_is_no_map() -> None:
    assert question("gradient") == question("gradient") != question("occlusion")
    found = find_reason(question(CHANCE))
    assert found.shown is None and found.curve is not None


def test_the_box_with_maps_is_the_last_before_the_vectors() -> None:
    look = small_look()
    node = look.known.graph.by_name[box_with_maps(look)]
    assert len(node.shape) == 3 and node.shape[-1] > 1
    after = look.known.graph.nodes[[each.name for each in look.known.graph.nodes].index(node.name) + 1]
    assert after.kind == "pool"


def test_red_speaks_for_it_blue_against_it_and_what_is_0_is_the_pale_picture() -> None:
    picture = torch.full((1, 4, 4), 100, dtype=torch.uint8)
    values = np.array([[1.0, -1.0], [0.0, 0.0]], np.float32)
    over: Tensor = laid_over(picture, values)
    assert over.shape == (3, 4, 4)
    red, blue, grey = over[:, 0, 0].tolist(), over[:, 1, 3].tolist(), over[:, 3, 0].tolist()
    assert (
        red[0] > 2 * red[2] and blue[2] > 2 * blue[0] and grey == [201, 201, 201]
    )  # by hand: 0.35·100 + 0.65·255 = 200.75


# Covering what a map names, and other weights: against sums by hand

SIDE = 8


class Corner(nn.Module):
    """Knows class 1 by the upper left pixel alone."""

    def forward(self, x: Tensor) -> Tensor:
        seen = x[:, 0, 0, 0]
        return torch.stack([torch.zeros_like(seen), seen], 1)


def test_the_share_falls_when_what_it_hangs_on_is_covered() -> None:
    image, important = torch.full((1, SIDE, SIDE), 2.0), np.zeros((SIDE, SIDE), np.float32)
    important[0, 0] = 1
    first = deletion_curve(Corner(), image, 1, important)
    last = deletion_curve(Corner(), image, 1, -important)
    whole = 1 / (1 + np.exp(-2))
    assert first == pytest.approx([whole, *[0.5] * COVERED]) and last == pytest.approx([*[whole] * COVERED, 0.5])
    assert area(first) == pytest.approx((whole / 2 + 0.5 * (COVERED - 0.5)) / COVERED)
    assert area(first) < area(chance_curve(Corner(), image, 1)) < area(last)


def test_by_chance_is_the_same_every_time_and_as_long() -> None:
    image = torch.full((1, SIDE, SIDE), 2.0)
    assert (chance_curve(Corner(), image, 1) == chance_curve(Corner(), image, 1)).all()
    assert len(chance_curve(Corner(), image, 1)) == COVERED + 1


@pytest.mark.parametrize(("share", "others"), [(0.0, {"head"}), (1.0, None)])
def test_layers_from_the_end_have_other_weights(share: float, others: set[str] | None) -> None:
    spec = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 4)))
    trained, initial = (build(spec).state_dict() for _ in range(2))
    mixed = mixed_state(graph_of(spec), trained, initial, share)
    assert list(mixed) == list(trained)
    changed = {name.rpartition(".")[0] for name in mixed if mixed[name] is initial[name]}
    assert {name.split(".")[0] for name in changed} == (others or {name.split(".")[0] for name in trained})


def test_half_of_the_layers_are_those_that_run_last() -> None:
    spec = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 4)))
    trained, initial = (build(spec).state_dict() for _ in range(2))
    mixed = mixed_state(graph_of(spec), trained, initial, 0.5)
    parts = {name.split(".")[0]: mixed[name] is initial[name] for name in mixed}
    assert not parts["stem"] and parts["stage3"] and parts["head"]


def test_equal_numbers_share_their_rank() -> None:
    assert ranks([3.0, 1.0, 3.0, 2.0]).tolist() == [3.5, 1, 3.5, 2]  # by hand


def test_ranks_that_agree_are_1_and_a_map_of_one_value_has_none() -> None:
    one = np.arange(6.0).reshape(2, 3)
    assert rank_correlation(one, np.exp(one)) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    assert rank_correlation(one, np.zeros((2, 3))) is None
    # 1 - 6 Σd² / (n (n² - 1)), by hand: d = 0 0 1 1 0 0
    swapped = np.array([[0.0, 1.0, 3.0], [2.0, 4.0, 5.0]])
    assert rank_correlation(one, swapped) == pytest.approx(1 - 6 * 2 / (6 * 35))
