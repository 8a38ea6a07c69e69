"""Shapes-10: the same pictures everywhere, of the shapes they are called."""

import hashlib
from math import pi, sqrt

import numpy as np
import pytest
import torch

from explorer.datasets.dataset import Dataset
from explorer.datasets.shapes10 import CENTRES, PIXEL, SHAPES, Shape, draw_shapes10, paint_layer


@pytest.fixture(scope="module")
def shapes() -> Dataset:
    return draw_shapes10()


def test_the_pictures_are_the_same_to_the_last_bit_on_every_machine(shapes: Dataset) -> None:
    """Whoever changes this sum changes the dataset: recorded runs were made on the one with this sum."""
    parts = (shapes.train.images, shapes.train.labels, shapes.test.images, shapes.test.labels)
    total = hashlib.sha256(b"".join(part.numpy().tobytes() for part in parts))
    assert total.hexdigest() == "1bd140c52662a5b50ec40e12600d336b1a8f134797060074b44e958159767213"


def test_nothing_process_wide_is_seeded_or_drawn_from() -> None:
    before = torch.get_rng_state(), np.random.get_state(legacy=False)["state"]["key"]
    draw_shapes10(100, 20)
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state(legacy=False)["state"]["key"])


def test_every_class_has_as_many_pictures(shapes: Dataset) -> None:
    assert shapes.train.balance(10) == (1000,) * 10
    assert shapes.test.balance(10) == (200,) * 10
    assert shapes.shape == (3, 32, 32)
    assert len(shapes.classes) == len(set(shapes.classes)) == 10


def test_no_picture_is_there_twice(shapes: Dataset) -> None:
    pictures = [image.tobytes() for part in (shapes.train, shapes.test) for image in part.images.numpy()]
    assert len(set(pictures)) == 12_000


def test_classes_come_in_mixed_order(shapes: Dataset) -> None:
    assert len(shapes.train.labels[:100].unique()) == 10


def area(shape: Shape, radius: int) -> float:
    """In pixels, as it is painted: white on black."""
    images = np.zeros((1, 3, 32, 32), np.int16)
    u, v = np.meshgrid(CENTRES, CENTRES)
    paint_layer(images, shape(u[None], v[None], np.array([[[radius * PIXEL]]])), np.full((1, 3, 1, 1), 64, np.int16))
    return float(images[0, 0].sum()) / 64


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("disc", pi),
        ("ring", pi * (1.0**2 - 0.6**2)),
        ("square", (2 * 5 / 6) ** 2),
        ("triangle", 3 * sqrt(3) * 0.6**2),
        ("bar", 2 * 4 / 7),
        ("cross", 2 * 2 * 4 / 7 - (4 / 7) ** 2),
        ("half_disc", pi / 2),
        ("hourglass", 2 * 7 / 8),
    ],
)
def test_a_shape_has_the_area_geometry_gives_it(name: str, units: float) -> None:
    shape = next(shape for shape in SHAPES if shape.__name__ == name)
    assert area(shape, 12) == pytest.approx(units * 12**2, rel=0.03)


def test_nothing_but_the_shape_tells_the_class(shapes: Dataset) -> None:
    """The mean colours of a picture, fitted by least squares, are worth no more than guessing."""
    features = torch.cat([shapes.train.images.float().mean((2, 3)) / 255, torch.ones(10_000, 1)], 1)
    wanted = torch.nn.functional.one_hot(shapes.train.labels, 10).float()
    fitted = torch.linalg.lstsq(features, wanted).solution
    seen = torch.cat([shapes.test.images.float().mean((2, 3)) / 255, torch.ones(2_000, 1)], 1)
    correct = (seen @ fitted).argmax(1) == shapes.test.labels
    assert correct.float().mean() < 0.15
