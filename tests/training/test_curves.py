"""Curves are smoothed, thinned and joined over seeds as arithmetic has it."""

import numpy as np
import pytest

from explorer.training.runs.curves import Curve, evaluated, join_series, measured, smoothed, thinned


def curve(loss: list[float], width: int = 1, tests: tuple[tuple[int, float], ...] = ()) -> Curve:
    steps, values = np.arange(1, len(loss) + 1) * width, np.array(loss)
    found = np.array(tests, dtype=float).reshape(-1, 2)
    return Curve(width, steps, values, values, found[:, 0], found[:, 1])


def test_smoothing_is_the_mean_of_the_last_twenty_steps():
    values = np.random.default_rng(0).random(100)
    by_hand = [values[max(0, end - 20) : end].mean() for end in range(1, 101)]
    assert smoothed(values, 1) == pytest.approx(np.array(by_hand))
    assert smoothed(values, 4)[50] == pytest.approx(values[46:51].mean())  # each stands for four steps


def test_seeds_are_averaged_where_all_of_them_have_been():
    line = measured([curve([1, 2, 3]), curve([3, 4])], "loss", smooth=False)
    assert line.x.tolist() == [1, 2] and line.y.tolist() == [2, 3]
    assert line.low.tolist() == [1, 2] and line.high.tolist() == [3, 4]


def test_a_seed_that_is_further_and_thinned_is_still_compared():
    line = measured([curve([1, 3, 5, 7]), curve([4, 8], width=2)], "loss", smooth=False)
    assert line.x.tolist() == [2, 4] and line.y.tolist() == [3, 7]


def test_thinned_points_are_means_at_their_last_step():
    steps, values = thinned(np.array([1, 2, 3, 4, 5]), np.array([1.0, 3, 5, 7, 9]), 2)
    assert steps.tolist() == [2, 4, 5] and values.tolist() == [2, 6, 9]


def test_test_errors_stand_where_they_were_measured():
    line = evaluated([curve([1], tests=((50, 0.8), (100, 0.6)))])
    assert line.x.tolist() == [50, 100] and line.last == 0.6


def test_nothing_measured_is_an_empty_line():
    assert np.isnan(join_series([]).last) and not len(measured([], "loss", smooth=True).x)
