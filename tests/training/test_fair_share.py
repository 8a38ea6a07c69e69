"""Whose turn it is on the workers, and how long all of it takes: a simulation in which no clock runs."""

import heapq

from explorer.training.scheduler.run_job import QueuedRun, choose_run, estimate_seconds_left, order_experiments


def simulated(works: tuple[float, ...], workers: int) -> tuple[float, float]:
    """When all is done, and how far apart the runs ever were, if a slice costs 20 ms and a move 300 ms more."""
    done, where, slices, busy = [0.0] * len(works), [""] * len(works), [0] * len(works), [False] * len(works)
    under_way: list[tuple[float, int, int, float]] = []
    idle, clock, apart = set(range(workers)), 0.0, 0.0
    while True:
        for worker in sorted(idle):
            lefts = [None if count < 2 else work - so for count, work, so in zip(slices, works, done, strict=True)]
            turns = [
                QueuedRun(str(i), "e", "", 0, 0, done[i] / works[i], lefts[i], where[i] or None, busy[i])
                for i in range(len(works))
                if done[i] < works[i]
            ]
            if chosen := choose_run(turns, str(worker)):
                i = int(chosen)
                cost = 0.32 if where[i] not in ("", str(worker)) else 0.02
                seconds = min(1.0 if slices[i] else 0.3, works[i] - done[i])
                heapq.heappush(under_way, (clock + seconds + cost, worker, i, seconds))
                where[i], busy[i] = str(worker), True
                idle.discard(worker)
        if not under_way:
            return clock, apart
        clock, worker, i, seconds = heapq.heappop(under_way)
        done[i], busy[i], slices[i] = done[i] + seconds, False, slices[i] + 1
        idle.add(worker)
        shares = [so / work for so, work in zip(done, works, strict=True)]
        apart = max(apart, max(shares) - min(shares))


def test_two_workers_are_busy_to_the_end_while_four_curves_grow_together() -> None:
    seconds, apart = simulated((9, 27, 11, 27), 2)
    assert seconds < 74 / 2 * 1.06 and apart < 0.3


def test_one_run_more_than_workers_is_shared_among_them() -> None:
    assert simulated((20, 20, 20), 2)[0] < 30 * 1.12


def turn(run: str, experiment: str, made: str, served: float = 0, last: float = 0, busy: bool = False) -> QueuedRun:
    return QueuedRun(run, experiment, made, served, last, 0.5, 10.0, "w" if busy else None, busy)


def test_who_comes_first_is_served_first_and_the_next_fills_what_is_idle() -> None:
    turns = [turn("late", "b", "2"), turn("early", "a", "1"), turn("early too", "a", "1", busy=True)]
    assert order_experiments(turns) == ["a", "b"] and choose_run(turns, "w") == "early"
    assert choose_run([turns[0], turns[2]], "v") == "late"
    assert estimate_seconds_left(turns, 2) == {"early": 10, "early too": 10, "late": 15}


def test_a_long_experiment_lets_a_short_one_pass() -> None:
    hours = [turn("x", "hours", "1", served=3600, last=7), turn("y", "more hours", "2", served=900, last=5)]
    assert order_experiments([*hours, turn("z", "quick", "3", served=30)]) == ["quick", "more hours", "hours"]
