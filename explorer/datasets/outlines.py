"""The ten shapes of Shapes-10, each as the depth of any point within it, in whole numbers.

u, v (N, 32, 32) are the coordinates of every pixel as the shape sees them, r (N, 1, 1) is its radius; the depth
(N, 32, 32) is negative outside. All are lengths in 1/32 of a pixel.
"""

from collections.abc import Callable
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Shape = Callable[[Ints, Ints, Ints], Ints]
BITS = 10  # of sines and cosines after the point
COSINES = np.array([round(cos(radians(angle)) * (1 << BITS)) for angle in range(360)], np.int32)
SINES = np.array([round(sin(radians(angle)) * (1 << BITS)) for angle in range(360)], np.int32)


def disc(u: Ints, v: Ints, r: Ints) -> Ints:
    return (r * r - u * u - v * v) // (2 * r)  # the distance to the rim, to first order: there is no root to round


def ring(u: Ints, v: Ints, r: Ints) -> Ints:
    return r // 5 - np.abs(disc(u, v, r * 4 // 5))


def square(u: Ints, v: Ints, r: Ints) -> Ints:
    return r * 5 // 6 - np.maximum(np.abs(u), np.abs(v))


def triangle(u: Ints, v: Ints, r: Ints) -> Ints:
    return sides(u, v, r * 3 // 5, 3)[0]


def star(u: Ints, v: Ints, r: Ints) -> Ints:
    return sides(u, v, r * 3 // 8, 5)[1]  # a point of it is beyond one of the five lines at most


def cross(u: Ints, v: Ints, r: Ints) -> Ints:
    return np.maximum(bar(u, v, r), bar(v, u, r))


def bar(u: Ints, v: Ints, r: Ints) -> Ints:
    return np.minimum(r - np.abs(u), r * 2 // 7 - np.abs(v))


def crescent(u: Ints, v: Ints, r: Ints) -> Ints:
    return np.minimum(disc(u, v, r), -disc(u - r // 2, v, r * 4 // 5))


def half_disc(u: Ints, v: Ints, r: Ints) -> Ints:
    return np.minimum(disc(u + r // 3, v, r), u + r // 3)


def hourglass(u: Ints, v: Ints, r: Ints) -> Ints:
    return np.minimum(r - np.abs(u), (np.abs(u) * 7 >> 3) - np.abs(v))


SHAPES: tuple[Shape, ...] = (
    disc,
    ring,
    square,
    triangle,
    star,
    cross,
    bar,
    crescent,
    half_disc,
    hourglass,
)


def sides(u: Ints, v: Ints, apothem: Ints, count: int) -> tuple[Ints, Ints]:
    """The least and the second least depth behind the sides of a regular polygon."""
    least = second = np.full_like(u, 1 << 20)
    for side in range(count):
        angle = side * 360 // count
        depth = apothem - ((u * COSINES[angle] + v * SINES[angle]) >> BITS)
        second = np.minimum(second, np.maximum(least, depth))
        least = np.minimum(least, depth)
    return least, second
