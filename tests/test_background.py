"""Values worked out in the background: one by one, in the order asked for, and a failure is nobody's end."""

import threading

from explorer.background import AllFail, BackgroundCache, Failure


class Inverse:
    """1 / number, once the gate is open; keeps account of what was asked for."""

    def __init__(self) -> None:
        self.gate, self.asked = threading.Event(), list[int]()

    def __call__(self, number: int) -> float:
        self.gate.wait(5)
        self.asked.append(number)
        return 1 / number


def test_values_come_one_by_one_and_a_failure_takes_no_other_with_it() -> None:
    inverse = Inverse()
    found = BackgroundCache(inverse)
    found.want((2, 0, 4))
    assert not found.settled((2,)) and found.found((2, 0, 4)) == {}
    inverse.gate.set()
    assert found.wait((2, 0, 4), 5) and found.found((2, 0, 4)) == {2: 0.5, 4: 0.25}
    assert "division" in found.problems((2, 0, 4))[0]


def test_what_somebody_looks_at_comes_first_and_nothing_is_made_twice() -> None:
    inverse = Inverse()
    found = BackgroundCache(inverse)
    found.want((1, 2, 3, 4))
    found.first((4, 3))
    inverse.gate.set()
    assert found.wait((1, 2, 3, 4), 5)
    found.want((4, 3, 2, 1))
    assert sorted(inverse.asked) == [1, 2, 3, 4] and inverse.asked[0] == 1 and inverse.asked[-1] == 2


def test_what_failed_is_tried_again_after_a_while_if_somebody_wants_it() -> None:
    answers = iter([ValueError("busy"), 7])

    def make(_: str) -> int:
        if isinstance(answer := next(answers), Exception):
            raise answer
        return answer

    found = BackgroundCache(make)
    found.want("a")
    assert found.wait("a", 5) and found.problems("a") == {"a": "busy"}
    found.want("a")
    assert found.problems("a") == {"a": "busy"}  # not yet
    found.failed["a"] = Failure("busy", until=0)
    found.want("a")
    assert found.wait("a", 5) and found.found("a") == {"a": 7} and not found.problems("a")


def test_only_so_many_are_kept() -> None:
    found = BackgroundCache(abs, kept=3)
    found.want(range(5))
    assert found.wait((4,), 5) and found.found(range(5)) == {2: 2, 3: 3, 4: 4}


def test_where_nothing_can_be_made_all_that_waits_fails_at_once_and_rest_comes_last() -> None:
    gate, asked, rests = threading.Event(), list[int](), list[int]()

    def make(number: int) -> int:
        gate.wait(5)
        asked.append(number)
        raise AllFail("no room")

    found = BackgroundCache(make, rest=lambda: rests.append(len(asked)))
    found.want((1, 2, 3))
    gate.set()
    assert found.wait_for_rest(5) and found.problems((1, 2, 3)) == dict.fromkeys((1, 2, 3), "no room")
    assert asked == [1] and rests == [1]
    found.want((1, 2, 4))
    assert found.wait_for_rest(5) and asked == [1, 4]  # the others are not tried again so soon
