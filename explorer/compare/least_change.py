"""Of all ways to turn one sequence into another, the one that changes least."""

from collections.abc import Callable, Sequence
from itertools import takewhile

Steps = tuple[tuple[int | None, int | None], ...]  # places that go together, or one alone
Between = Callable[[int, int], float]  # what it takes to make one kind from another; infinity: it cannot be done


def least_change(first: Sequence[int], second: Sequence[int], between: Between, weights: Sequence[float]) -> Steps:
    """The sequences are numbers of kinds, `weights` says what it takes to put in one of a kind, or to take it out.

    Where several ways change equally little, the earliest that can go together do.
    """
    start = common(first, second)
    end = common(first[start:][::-1], second[start:][::-1])
    rows, columns = first[start : len(first) - end], second[start : len(second) - end]
    inner = walked(rows, columns, between, weights)
    return (
        *((place, place) for place in range(start)),
        *((None if i is None else start + i, None if j is None else start + j) for i, j in inner),
        *((len(first) - end + place, len(second) - end + place) for place in range(end)),
    )


def common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many at the beginning are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def walked(rows: Sequence[int], columns: Sequence[int], between: Between, weights: Sequence[float]) -> Steps:
    left = remaining(rows, columns, between, weights)
    steps: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(rows) or j < len(columns):
        here = left[i][j] + 1e-9
        if i < len(rows) and j < len(columns) and between(rows[i], columns[j]) + left[i + 1][j + 1] <= here:
            steps.append((i, j))
            i, j = i + 1, j + 1
        elif i < len(rows) and weights[rows[i]] + left[i + 1][j] <= here:
            steps.append((i, None))
            i += 1
        else:
            steps.append((None, j))
            j += 1
    return tuple(steps)


def remaining(
    rows: Sequence[int], columns: Sequence[int], between: Between, weights: Sequence[float]
) -> list[list[float]]:
    """What it takes at least to turn the rest of the rows, from each place on, into the rest of the columns."""
    below = [0.0]
    for column in reversed(columns):
        below.append(below[-1] + weights[column])
    table = [below[::-1]]
    for row in reversed(rows):
        under, out = table[-1], weights[row]
        line = [0.0] * len(columns) + [under[-1] + out]
        for j in range(len(columns) - 1, -1, -1):
            line[j] = min(between(row, columns[j]) + under[j + 1], out + under[j], weights[columns[j]] + line[j + 1])
        table.append(line)
    return table[::-1]
