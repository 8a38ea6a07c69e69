"""Covering what a map names, and other weights: against sums by hand and SciPy's words for them."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.activations.witnesses import (
    COVERED,
    area,
    chance_curve,
    deletion_curve,
    mixed_state,
    rank_correlation,
    ranks,
)
from explorer.models.spec import Spec, build
from explorer.tracing.tracer import graph_of

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
