"""The drawings are four unlike pictures of each of CIFAR-10's classes, the same every time."""

from collections import Counter

import torch

from explorer.datasets.drawings import SCENES, draw, drawings
from explorer.datasets.image_folder import CIFAR


def test_there_are_four_unlike_ones_of_each_class():
    assert Counter(each.label for each in drawings()) == dict.fromkeys(CIFAR, 4)
    assert len({each.name for each in drawings()}) == len({each.image.numpy().tobytes() for each in drawings()}) == 40


def test_each_is_a_colour_picture_with_something_on_it():
    for each in drawings():
        assert each.image.shape == (3, 96, 96) and each.image.dtype == torch.uint8
        rim = torch.cat((each.image[:, :4].flatten(1), each.image[:, :, :4].flatten(1)), 1).float().mean(1)
        middle = each.image[:, 32:64, 32:64].float()
        assert (middle - rim[:, None, None]).abs().mean() > 15, each.name  # levels of 255


def test_they_are_the_same_every_time():
    (first, *_), before = drawings(), drawings()[0].image.clone()
    assert torch.equal(draw(SCENES["airplane"][0], first.name), before)
