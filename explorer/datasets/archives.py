"""Archives of pictures, read where they lie: a member is bytes in memory, so nothing can be unpacked anywhere."""

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ENDINGS = (".zip", ".tar.gz", ".tgz")
ALL_BYTES = 2 << 30  # all members together, unpacked: what is larger has to be unpacked into a folder first


def is_archive(path: Path) -> bool:
    return path.name.lower().endswith(ENDINGS)


def archive_members(path: Path) -> dict[str, bytes]:
    """Every file of a .zip, .tar.gz or .tgz by its name.

    Raises ValueError for an archive that is damaged or cut short anywhere, that is too large to hold, or with a member
    that is a link or would lie outside the folder it is unpacked to.
    """
    files: dict[str, bytes] = {}
    left = ALL_BYTES
    try:
        for name, content in unzipped(path) if path.suffix.lower() == ".zip" else untarred(path):
            left -= len(content)
            if left < 0:
                raise ValueError(f"{path.name} holds more than {ALL_BYTES >> 30} GB: unpack it and take the folder.")
            files[name] = content
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, gzip.BadGzipFile, NotImplementedError) as error:
        raise ValueError(f"The archive {path.name} is damaged or cut short: fetch or pack it again.") from error
    return files


def untarred(path: Path) -> Iterator[tuple[str, bytes]]:
    with gzip.open(path) as stream:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                check_member(path, member.name, member.isfile() or member.isdir(), member.size)
                file = tar.extractfile(member)
                if file is not None:
                    yield member.name, file.read()
        while stream.read(1 << 20):  # the checksum of the whole stands after its last byte
            pass


def unzipped(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            kind = stat.S_IFMT(member.external_attr >> 16)
            check_member(path, member.filename, kind in (0, stat.S_IFREG, stat.S_IFDIR), member.file_size)
            if member.flag_bits & 1:
                raise ValueError(f"The archive {path.name} is locked with a password: pack it without one.")
            if not member.is_dir():
                yield member.filename, archive.read(member)


def check_member(path: Path, name: str, plain: bool, size: int) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not plain or not name or ".." in parts or name.startswith(("/", "\\")) or ":" in (parts or ("",))[0]:
        raise ValueError(f"{path.name} is not read: its member {name} is a link or leads out of its folder.")
    if size > ALL_BYTES:
        raise ValueError(f"{path.name} holds more than {ALL_BYTES >> 30} GB: unpack it and take the folder.")
