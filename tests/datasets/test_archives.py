"""An archive of images is what its folder is, and leads nowhere else."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from explorer.datasets.image_folder import folder
from testing.pictures import cut_short, damage, empty, overwrite, packed_tar, packed_zip


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
