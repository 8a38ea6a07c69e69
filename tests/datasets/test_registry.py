"""Datasets: what is read is what lies there, and what is damaged is named and never used."""

import threading
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F
from torchvision.transforms.functional import resize as resize_by_torchvision

from explorer.datasets import registry
from explorer.datasets.dataset import Split
from explorer.datasets.image_folder import folder

GENERATOR = torch.Generator().manual_seed(0)


def random_split(count: int = 30, size: int = 32) -> Split:
    images = torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=GENERATOR)
    return Split(images, torch.arange(count) % 3)


# A split


def test_a_split_refuses_labels_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="2 pictures need as many"):
        Split(torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.zeros(3, dtype=torch.int64))
    with pytest.raises(ValueError, match="uint8"):
        Split(torch.zeros(2, 1, 4, 4), torch.zeros(2, dtype=torch.int64))


def test_mean_and_deviation_are_torchs_own() -> None:
    split = random_split()
    mean, std = split.mean_and_std()
    floats = split.images.double() / 255
    assert mean == pytest.approx(floats.mean((0, 2, 3)).tolist())
    assert std == pytest.approx(floats.std((0, 2, 3), correction=0).tolist())


def test_half_the_size_is_the_mean_of_four_pixels_each() -> None:
    split = random_split()
    assert torch.equal(split.resized(16).images, F.avg_pool2d(split.images.float(), 2).round().to(torch.uint8))
    assert split.resized(32) is split


def test_other_sizes_are_those_of_torchvision() -> None:
    split = random_split()
    theirs = resize_by_torchvision(split.images, [24, 24], antialias=True)
    assert (split.resized(24).images.int() - theirs.int()).abs().max() <= 1


def test_a_balanced_part_has_as_many_of_each_class() -> None:
    labels = torch.tensor([0] * 10 + [1] * 10 + [2] * 2)
    split = Split(torch.arange(22, dtype=torch.uint8).view(22, 1, 1, 1), labels)
    part = split.balanced(9)
    assert part.balance(3) == (4, 3, 2)
    assert part.images.flatten().tolist() == [0, 1, 2, 3, 10, 11, 12, 20, 21]
    assert split.balanced(99) is split


# The shelf


def test_two_who_ask_at_once_are_given_the_same(place: Path, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []

    def slow(path: Path, cache: Path) -> object:
        reads.append(cache)
        return folder(path, cache)

    monkeypatch.setattr(registry, "folder", slow)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(registry.load_dataset(f"folder:{tree}"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reads == [place / "cache"]
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_a_folder_that_was_mended_is_read_anew(place: Path, tree: Path) -> None:
    (tree / "train" / "cat" / "bad.png").write_text("x")
    with pytest.raises(ValueError, match=r"bad.png"):
        registry.load_dataset(f"folder:{tree}")
    (tree / "train" / "cat" / "bad.png").unlink()
    assert len(registry.load_dataset(f"folder:{tree}").train) == 6


def test_an_unknown_key_is_a_sentence(place: Path) -> None:
    with pytest.raises(ValueError, match=r"There is no dataset imagenet: take shapes10"):
        registry.load_dataset("imagenet")
    assert not registry.is_available("imagenet")


def test_the_data_folder_itself_may_be_the_dataset(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tree))
    assert registry.folders() == (f"folder:{tree}",)
    assert len(registry.load_dataset(registry.folders()[0]).test) == 4
