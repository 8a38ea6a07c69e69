"""CIFAR-10 and MNIST, fetched from a small server of this test: what came is checked before it is used."""

import gzip
import hashlib
import io
import pickle
import shutil
import struct
import tarfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision.datasets

from explorer.datasets import registry, torchvision_datasets
from testing.pictures import cut_short, damage, packed_zip

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
    assert not torchvision_datasets.present("cifar10", tmp_path)
    torchvision_datasets.fetch_dataset("cifar10", tmp_path, lambda done, size: seen.append((done, size)))
    assert torchvision_datasets.present("cifar10", tmp_path)
    assert seen == sorted(seen)
    assert seen[-1] == ((tmp_path / "cifar-10-python.tar.gz").stat().st_size, 170_498_071)
    ours, theirs = (
        torchvision_datasets.read_dataset("cifar10", tmp_path),
        torchvision.datasets.CIFAR10(tmp_path, train=False),
    )
    assert ours.shape == (3, 32, 32)
    assert len(ours.train) == 20
    assert np.array_equal(ours.test.images.permute(0, 2, 3, 1), theirs.data)
    assert ours.test.labels.tolist() == theirs.targets
    assert list(ours.classes) == theirs.classes


@pytest.mark.usefixtures("small_mnist")
def test_mnist_is_read_as_torchvision_reads_it_and_a_dead_mirror_is_passed_over(tmp_path: Path) -> None:
    torchvision_datasets.fetch_dataset("mnist", tmp_path)
    ours = torchvision_datasets.read_dataset("mnist", tmp_path)
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
    torchvision_datasets.fetch_dataset("cifar10", tmp_path)
    batch = tmp_path / "cifar-10-batches-py" / "data_batch_3"
    batch.write_bytes(pickle.dumps(Bomb(tmp_path / "nothing here")))
    monkeypatch.setattr(pickle, "load", lambda *_, **__: pytest.fail("was unpickled"))
    with pytest.raises(ValueError, match=r"data_batch_3 is damaged or is another file"):
        torchvision_datasets.read_dataset("cifar10", tmp_path)
    batch.unlink()
    with pytest.raises(ValueError, match=r"data_batch_3 is missing"):
        torchvision_datasets.read_dataset("cifar10", tmp_path)


@pytest.mark.usefixtures("small_mnist")
def test_a_cut_mnist_file_is_named_and_fetching_mends_it(tmp_path: Path) -> None:
    torchvision_datasets.fetch_dataset("mnist", tmp_path)
    cut_short(tmp_path / "MNIST" / "raw" / "t10k-images-idx3-ubyte.gz")
    with pytest.raises(ValueError, match=r"t10k-images-idx3-ubyte.gz is damaged"):
        torchvision_datasets.read_dataset("mnist", tmp_path)
    torchvision_datasets.fetch_dataset("mnist", tmp_path)
    assert len(torchvision_datasets.read_dataset("mnist", tmp_path).test) == 3


@pytest.mark.usefixtures("small_cifar")
def test_without_a_connection_or_with_other_bytes_there_is_a_sentence_and_no_file(
    server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "data"
    damage(server[0] / "cifar-10-python.tar.gz")
    with pytest.raises(ValueError, match=r"sent other bytes than were published"):
        torchvision_datasets.fetch_dataset("cifar10", root)
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", "http://127.0.0.1:9/cifar-10-python.tar.gz")
    with pytest.raises(ValueError, match=r"cifar-10-python.tar.gz could not be fetched \(127.0.0.1:9: Connection"):
        torchvision_datasets.fetch_dataset("cifar10", root)
    assert not list(root.iterdir())


@pytest.mark.usefixtures("small_cifar")
def test_a_download_that_is_stopped_leaves_a_part_that_is_no_file_of_the_dataset(tmp_path: Path) -> None:
    def stop(done: int, size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        torchvision_datasets.fetch_dataset("cifar10", tmp_path / "data", stop)
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["cifar-10-python.tar.gz.part"]
    assert not torchvision_datasets.present("cifar10", tmp_path / "data")


@pytest.mark.parametrize("key", torchvision_datasets.SOURCES)
def test_what_torchvision_publishes_is_there_to_be_checked(key: str, tmp_path: Path) -> None:
    assert all(len(file.digest) == 32 and file.addresses for file in torchvision_datasets.fetched_files(key, tmp_path))
    assert all(len(each) == 32 for each in torchvision_datasets.needed(key, tmp_path).values())


@pytest.mark.usefixtures("small_mnist")
def test_what_is_at_hand_is_what_can_be_loaded(place: Path, tree: Path) -> None:
    assert registry.is_available("shapes10")
    assert not registry.is_available("mnist")
    assert registry.folders() == ()
    torchvision_datasets.fetch_dataset("mnist", place)
    shutil.copytree(tree, place / "pets")
    shutil.copy(packed_zip(tree, ""), place / "packed.zip")
    assert registry.is_available("mnist")
    assert registry.load_dataset("mnist").key == "mnist"
    assert registry.folders() == (f"folder:{place}/packed.zip", f"folder:{place}/pets")
    assert all(registry.is_available(key) and registry.load_dataset(key).key == key for key in registry.folders())
