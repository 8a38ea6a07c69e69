"""Datasets: what is read is what lies there, and what is damaged is named and never used."""

import gzip
import hashlib
import io
import pickle
import shutil
import struct
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision.datasets
from PIL import Image
from torch.nn import functional as F
from torchvision.transforms.functional import resize as resize_by_torchvision

from explorer.datasets import folders, shelf, vision
from explorer.datasets.dataset import Split
from explorer.datasets.folders import folder

GENERATOR = torch.Generator().manual_seed(0)


def random_split(count: int = 30, size: int = 32) -> Split:
    images = torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=GENERATOR)
    return Split(images, torch.arange(count) % 3)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own."""
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two classes of noise: three pictures each to train on, two to test."""
    noise = np.random.default_rng(0)
    for part, count in (("train", 3), ("test", 2)):
        for label in ("cat", "dog"):
            (tmp_path / "pets" / part / label).mkdir(parents=True)
            for number in range(count):
                pixels = noise.integers(0, 256, (8, 8, 3), np.uint8)
                Image.fromarray(pixels).save(tmp_path / "pets" / part / label / f"{number}.png")
    return tmp_path / "pets"


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


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)


def overwrite(file: Path) -> None:
    file.write_text("not a picture at all")


def empty(file: Path) -> None:
    file.write_bytes(b"")


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
        without.setattr(folders, "decode", lambda reads: pytest.fail("was read again"))
        again = folder(tree, cache)
    assert torch.equal(first.train.images, again.train.images)
    assert torch.equal(first.test.labels, again.test.labels)
    assert (first.classes, first.name, first.origin) == (again.classes, again.name, again.origin)
    (tree / "train" / "cat" / "2.png").unlink()
    assert len(folder(tree, cache).train) == 5
    (kept,) = cache.iterdir()
    damage(kept)
    assert len(folder(tree, cache).train) == 5


# An archive of such a folder


def packed_zip(tree: Path, within: str) -> Path:
    with zipfile.ZipFile(tree.with_suffix(".zip"), "w") as archive:
        for file in sorted(tree.rglob("*.png")):
            archive.write(file, within + file.relative_to(tree).as_posix())
    return tree.with_suffix(".zip")


def packed_tar(tree: Path, within: str) -> Path:
    with tarfile.open(tree.with_suffix(".tar.gz"), "w:gz") as archive:
        for part in ("train", "test"):
            archive.add(tree / part, within + part)
    return tree.with_suffix(".tar.gz")


@pytest.mark.parametrize("pack", [packed_zip, packed_tar])
@pytest.mark.parametrize("within", ["", "pets/"])
def test_an_archive_is_what_its_folder_is(tree: Path, pack: Callable[[Path, str], Path], within: str) -> None:
    there, here = folder(tree), folder(pack(tree, within))
    assert torch.equal(there.train.images, here.train.images)
    assert torch.equal(there.test.labels, here.test.labels)
    assert here.name == "pets"


@pytest.mark.parametrize("pack", [packed_zip, packed_tar])
def test_an_archive_that_is_cut_or_damaged_is_named(tree: Path, pack: Callable[[Path, str], Path]) -> None:
    for harm in (cut_short, damage, overwrite, empty):
        archive = pack(tree, "")
        harm(archive)
        with pytest.raises(ValueError, match=rf"The archive {archive.name} is damaged or cut short"):
            folder(archive)


@pytest.mark.parametrize("name", ["../evil.png", "/evil.png", "train/../../evil.png"])
def test_a_member_that_leads_out_is_refused(tree: Path, name: str) -> None:
    archive = packed_zip(tree, "")
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(name, b"x")
    with pytest.raises(ValueError, match="leads out of its folder"):
        folder(archive)
    with tarfile.open(tree.with_suffix(".tgz"), "w:gz") as file:
        file.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(ValueError, match="leads out of its folder"):
        folder(tree.with_suffix(".tgz"))
    assert not list(tree.parent.rglob("evil*"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_a_link_or_device_in_an_archive_is_refused(tmp_path: Path, kind: bytes) -> None:
    link = tarfile.TarInfo("train/cat/link.png")
    link.type, link.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "links.tar.gz", "w:gz") as file:
        file.addfile(link)
    with pytest.raises(ValueError, match=r"train/cat/link.png is a link"):
        folder(tmp_path / "links.tar.gz")


# torchvision's datasets, small ones in the place of the real ones


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which its files are served."""
    (tmp_path / "served").mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

    running = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served")))
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    yield tmp_path / "served", f"http://127.0.0.1:{running.server_port}/"
    running.shutdown()
    running.server_close()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def small_cifar(server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """CIFAR-10 with four pictures to a file, at an address of its own."""
    noise = np.random.default_rng(0)
    names = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]
    pixels = {name: noise.integers(0, 256, (4, 3072), np.uint8) for name in names}
    contents = {name: pickle.dumps({"data": pixels[name], "labels": [0, 1, 2, 9]}) for name in names}
    contents["batches.meta"] = pickle.dumps({"label_names": [f"class {number}" for number in range(10)]})
    archive = server[0] / "cifar-10-python.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    theirs, sums = torchvision.datasets.CIFAR10, {name: md5(content) for name, content in contents.items()}
    monkeypatch.setattr(theirs, "url", server[1] + archive.name)
    monkeypatch.setattr(theirs, "tgz_md5", md5(archive.read_bytes()))
    monkeypatch.setattr(theirs, "train_list", [[name, sums[name]] for name in names[:5]])
    monkeypatch.setattr(theirs, "test_list", [["test_batch", sums["test_batch"]]])
    monkeypatch.setattr(theirs, "meta", theirs.meta | {"md5": sums["batches.meta"]})


@pytest.fixture
def small_mnist(server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    resources = []
    for name, _ in torchvision.datasets.MNIST.resources:
        count = 6 if name.startswith("train") else 3
        shape = (count, 28, 28) if "images" in name else (count,)
        content = np.random.default_rng(count).integers(0, 10, shape, np.uint8)
        header = struct.pack(f">HBB{len(shape)}i", 0, 8, len(shape), *shape)
        (server[0] / name).write_bytes(gzip.compress(header + content.tobytes()))
        resources.append((name, md5((server[0] / name).read_bytes())))
    monkeypatch.setattr(torchvision.datasets.MNIST, "resources", resources)
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", ["http://127.0.0.1:9/", server[1]])


@pytest.mark.usefixtures("small_cifar")
def test_cifar_is_fetched_with_progress_and_read_as_torchvision_reads_it(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    assert not vision.present("cifar10", tmp_path)
    vision.fetch("cifar10", tmp_path, lambda done, size: seen.append((done, size)))
    assert vision.present("cifar10", tmp_path)
    assert seen == sorted(seen)
    assert seen[-1] == ((tmp_path / "cifar-10-python.tar.gz").stat().st_size, 170_498_071)
    ours, theirs = vision.read("cifar10", tmp_path), torchvision.datasets.CIFAR10(tmp_path, train=False)
    assert ours.shape == (3, 32, 32)
    assert len(ours.train) == 20
    assert np.array_equal(ours.test.images.permute(0, 2, 3, 1), theirs.data)
    assert ours.test.labels.tolist() == theirs.targets
    assert list(ours.classes) == theirs.classes


@pytest.mark.usefixtures("small_mnist")
def test_mnist_is_read_as_torchvision_reads_it_and_a_dead_mirror_is_passed_over(tmp_path: Path) -> None:
    vision.fetch("mnist", tmp_path)
    ours = vision.read("mnist", tmp_path)
    theirs = torchvision.datasets.MNIST(tmp_path, train=True, download=True)
    assert ours.shape == (1, 28, 28)
    assert torch.equal(ours.train.images[:, 0], theirs.data)
    assert torch.equal(ours.train.labels, theirs.targets)
    assert len(ours.test) == 3


class Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return open, (f"{self.path}",)


@pytest.mark.usefixtures("small_cifar")
def test_a_foreign_file_is_named_before_it_is_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vision.fetch("cifar10", tmp_path)
    batch = tmp_path / "cifar-10-batches-py" / "data_batch_3"
    batch.write_bytes(pickle.dumps(Bomb(tmp_path / "nothing here")))
    monkeypatch.setattr(pickle, "load", lambda *_, **__: pytest.fail("was unpickled"))
    with pytest.raises(ValueError, match=r"data_batch_3 is damaged or is another file"):
        vision.read("cifar10", tmp_path)
    batch.unlink()
    with pytest.raises(ValueError, match=r"data_batch_3 is missing"):
        vision.read("cifar10", tmp_path)


@pytest.mark.usefixtures("small_mnist")
def test_a_cut_mnist_file_is_named_and_fetching_mends_it(tmp_path: Path) -> None:
    vision.fetch("mnist", tmp_path)
    cut_short(tmp_path / "MNIST" / "raw" / "t10k-images-idx3-ubyte.gz")
    with pytest.raises(ValueError, match=r"t10k-images-idx3-ubyte.gz is damaged"):
        vision.read("mnist", tmp_path)
    vision.fetch("mnist", tmp_path)
    assert len(vision.read("mnist", tmp_path).test) == 3


@pytest.mark.usefixtures("small_cifar")
def test_without_a_connection_or_with_other_bytes_there_is_a_sentence_and_no_file(
    server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "data"
    damage(server[0] / "cifar-10-python.tar.gz")
    with pytest.raises(ValueError, match=r"sent other bytes than were published"):
        vision.fetch("cifar10", root)
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", "http://127.0.0.1:9/cifar-10-python.tar.gz")
    with pytest.raises(ValueError, match=r"cifar-10-python.tar.gz could not be fetched \(127.0.0.1:9: Connection"):
        vision.fetch("cifar10", root)
    assert not list(root.iterdir())


@pytest.mark.usefixtures("small_cifar")
def test_a_download_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vision.fetch("cifar10", tmp_path / "data", stop)
    assert not list((tmp_path / "data").iterdir())


@pytest.mark.parametrize("key", vision.SOURCES)
def test_what_torchvision_publishes_is_there_to_be_checked(key: str, tmp_path: Path) -> None:
    assert all(len(file.md5) == 32 and file.addresses for file in vision.fetched(key, tmp_path))
    assert all(len(each) == 32 for each in vision.needed(key, tmp_path).values())


# The shelf


def test_two_who_ask_at_once_are_given_the_same(place: Path, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []

    def slow(path: Path, cache: Path) -> object:
        reads.append(cache)
        return folder(path, cache)

    monkeypatch.setattr(shelf, "folder", slow)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(shelf.load(f"folder:{tree}"))) for _ in range(8)]
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
        shelf.load(f"folder:{tree}")
    (tree / "train" / "cat" / "bad.png").unlink()
    assert len(shelf.load(f"folder:{tree}").train) == 6


def test_an_unknown_key_is_a_sentence(place: Path) -> None:
    with pytest.raises(ValueError, match=r"There is no dataset imagenet: take shapes10"):
        shelf.load("imagenet")
    assert not shelf.at_hand("imagenet")


@pytest.mark.usefixtures("small_mnist")
def test_what_is_at_hand_is_what_can_be_loaded(place: Path, tree: Path) -> None:
    assert shelf.at_hand("shapes10")
    assert not shelf.at_hand("mnist")
    assert shelf.folders() == ()
    vision.fetch("mnist", place)
    shutil.copytree(tree, place / "pets")
    shutil.copy(packed_zip(tree, ""), place / "packed.zip")
    assert shelf.at_hand("mnist")
    assert shelf.load("mnist").key == "mnist"
    assert shelf.folders() == (f"folder:{place}/packed.zip", f"folder:{place}/pets")
    assert all(shelf.at_hand(key) and shelf.load(key).key == key for key in shelf.folders())


def test_the_data_folder_itself_may_be_the_dataset(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tree))
    assert shelf.folders() == (f"folder:{tree}",)
    assert len(shelf.load(shelf.folders()[0]).test) == 4
