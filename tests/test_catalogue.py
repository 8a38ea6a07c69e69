"""Every published figure is a number, and says where it was read."""

from math import isfinite

import pytest

from explorer.catalogue import published
from explorer.sources import torchvision_names


@pytest.mark.parametrize("name", torchvision_names())
def test_torchvision_publishes_four_numbers_of_each_network(name: str):
    figures = published("torchvision", name, "")
    assert {figure.quantity for figure in figures} == {"parameters", "MACs", "top-1", "top-5"}
    assert all(isfinite(figure.value) and figure.value > 0 and figure.source for figure in figures)
