"""Folders and archives of images: read to the last pixel, or refused by name and never half used."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.datasets import image_folder
from explorer.datasets.image_folder import folder
from testing.pictures import cut_short, damage, empty, overwrite

# A folder of images


def test_a_folder_is_read_to_the_last_pixel(tree: Path) -> None:
    pets = folder(tree)
    assert (pets.name, pets.classes, pets.shape) == ("pets", ("cat", "dog"), (3, 8, 8))
    assert pets.train.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert pets.test.balance(2) == (2, 2)
    pixels = np.asarray(Image.open(tree / "test" / "dog" / "1.png"))
    assert pets.origin == "10 pictures from pets"
    assert np.array_equal(pets.test.images[3].permute(1, 2, 0), pixels)


def test_grey_pictures_have_one_channel_unless_one_is_in_colour(tree: Path) -> None:
    found = sorted(tree.rglob("*.png"))
    for file in found:
        Image.open(file).convert("L").save(file)
    assert folder(tree).shape == (1, 8, 8)
    Image.new("RGB", (8, 8), (255, 0, 0)).save(found[0])
    assert folder(tree).shape == (3, 8, 8)


def test_differing_sizes_become_squares_and_the_origin_says_so(tree: Path) -> None:
    Image.new("RGB", (40, 20)).save(tree / "train" / "cat" / "wide.png")
    Image.new("RGB", (300, 200)).save(tree / "train" / "cat" / "large.jpg")
    pets = folder(tree)
    assert pets.shape == (3, 64, 64)
    assert pets.origin == "12 pictures from pets, of differing sizes and cut to squares of 64 px"


def test_pictures_of_one_size_that_is_no_square_are_cut_too(tree: Path) -> None:
    for file in tree.rglob("*.png"):
        Image.open(file).resize((12, 8)).save(file)
    pets = folder(tree)
    assert pets.shape == (3, 12, 12)
    assert pets.origin.endswith("of 12 × 8 px and cut to squares of 12 px")


@pytest.mark.parametrize("harm", [cut_short, damage, overwrite, empty])
def test_a_bad_file_is_named_and_nothing_is_used(tree: Path, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    folder(tree, tmp_path / "cache")
    harm(tree / "train" / "dog" / "1.png")
    harm(tree / "test" / "cat" / "0.png")
    with pytest.raises(ValueError, match="Nothing of pets is used") as caught:
        folder(tree, tmp_path / "cache")
    assert "train/dog/1.png is" in str(caught.value)
    assert "test/cat/0.png is" in str(caught.value)


def test_a_cut_jpeg_is_named(tree: Path) -> None:
    file = tree / "train" / "cat" / "photo.jpg"
    Image.open(tree / "train" / "cat" / "0.png").resize((64, 64)).save(file)
    cut_short(file)
    with pytest.raises(ValueError, match=r"train/cat/photo.jpg is cut short"):
        folder(tree)


def test_foreign_files_are_named_and_what_file_managers_leave_is_not(tree: Path) -> None:
    (tree / "train" / "cat" / ".DS_Store").write_bytes(b"x")
    (tree / "train" / "cat" / "Thumbs.db").write_bytes(b"x")
    (tree / "notes.txt").write_text("beside train and test, so nobody's business")
    assert len(folder(tree).train) == 6
    (tree / "train" / "cat" / "labels.csv").write_text("0,1")
    with pytest.raises(ValueError, match=r"train/cat/labels.csv is not a picture"):
        folder(tree)


def test_many_bad_files_are_counted(tree: Path) -> None:
    for number in range(20):
        (tree / "train" / "cat" / f"{number:02}.txt").write_text("x")
    with pytest.raises(ValueError, match=r"and 12 more: mend or remove"):
        folder(tree)


def test_a_wrong_layout_is_a_sentence(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"neither a folder nor"):
        folder(tmp_path / "nowhere")
    shutil.copy(tree / "train" / "cat" / "0.png", tree / "train")
    with pytest.raises(ValueError, match=r"train/0.png lies in no class"):
        folder(tree)
    (tree / "train" / "0.png").unlink()
    shutil.rmtree(tree / "test" / "dog")
    with pytest.raises(ValueError, match=r"class dog of pets has pictures in train only"):
        folder(tree)
    shutil.rmtree(tree / "test")
    with pytest.raises(ValueError, match=r"no pictures in test"):
        folder(tree)


def test_what_was_read_is_kept_until_a_file_changes(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    first = folder(tree, cache)
    with monkeypatch.context() as without:
        without.setattr(image_folder, "decode", lambda reads: pytest.fail("was read again"))
        again = folder(tree, cache)
    assert torch.equal(first.train.images, again.train.images)
    assert torch.equal(first.test.labels, again.test.labels)
    assert (first.classes, first.name, first.origin) == (again.classes, again.name, again.origin)
    (tree / "train" / "cat" / "2.png").unlink()
    assert len(folder(tree, cache).train) == 5
    (kept,) = cache.iterdir()
    damage(kept)
    assert len(folder(tree, cache).train) == 5


@pytest.mark.parametrize("name", ["x" * 120, "a\x07b", "a\udcffb"])
def test_a_class_whose_name_cannot_be_shown_is_refused_in_a_sentence_that_can(tree: Path, name: str) -> None:
    for part in ("train", "test"):
        (tree / part / "dog").rename(tree / part / name)
    with pytest.raises(ValueError, match="has a name that cannot be shown: rename it") as refused:
        folder(tree)
    str(refused.value).encode()  # no half of a character in it
