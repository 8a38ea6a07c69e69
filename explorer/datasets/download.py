"""Files from the network: whole, with the checksum they were published with, or as a part that the next try goes on
from, under another name; and archives, unpacked."""

import gzip
import hashlib
import stat
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from threading import Lock, Thread
from urllib.error import HTTPError, URLError
from urllib.parse import urlparse
from urllib.request import Request, urlopen

from filelock import FileLock, Timeout

Progress = Callable[[int, int], None]  # bytes here so far, bytes in all
PIECE, PATIENCE = 1 << 18, 30  # bytes at a time; seconds without any


@dataclass(frozen=True)
class File:
    """A file to fetch: the first address that answers with the right bytes will do."""

    path: Path
    digest: str  # or its first digits
    addresses: tuple[str, ...]
    algorithm: str = "md5"

    @property
    def part(self) -> Path:
        """What has come of it so far, where the fetching was broken off."""
        return self.path.with_name(f"{self.path.name}.part")

    def here(self) -> int:
        """Bytes of it that need not be fetched any more."""
        return next((each.stat().st_size for each in (self.path, self.part) if each.is_file()), 0)

    def is_whole(self, path: Path | None = None) -> bool:
        """Whether it, or its part, is what was published."""
        return checksum(path or self.path, self.algorithm).startswith(self.digest)

    def by_hand(self) -> str:
        """What one does where this computer has no network."""
        return f"fetch {self.addresses[0]} by other means, and put it into {self.path.parent}"


def download(file: File, progress: Callable[[int], None]) -> None:
    """Goes on where an earlier try was broken off. What `progress` raises stops it, and its part is kept.

    Raises `ValueError` when there is no connection, no room, or other bytes than were published.
    """
    failures = []
    for address in file.addresses:
        try:
            with only_one(file):
                if fetched(file, address, progress):
                    return
            failures.append(f"{urlparse(address).netloc} sent other bytes than were published")
        except (OSError, HTTPException) as error:  # URLError and timeouts are OSErrors
            failures.append(f"{urlparse(address).netloc}: {download_problem(error)}")
    said = f"{file.path.name} could not be fetched ({'; '.join(failures)})"
    raise ValueError(f"{said}: try again, or {file.by_hand()}.")


@contextmanager
def only_one(file: File) -> Iterator[None]:
    """Of all threads and programs: two that write to one part would spoil it. Raises `OSError`."""
    file.path.parent.mkdir(parents=True, exist_ok=True)
    name = file.path.with_name(f"{file.path.name}.lock")
    with FileLock(name, PATIENCE):
        try:
            yield
        finally:
            with suppress(OSError):  # Windows keeps what is open
                name.unlink()


def fetched(file: File, address: str, progress: Callable[[int], None]) -> bool:
    """Whether the file is now there, as it was published; what is not leaves nothing. Raises `OSError`."""
    if file.path.is_file() and file.is_whole():  # another has fetched it meanwhile
        return True
    receive(address, file.part, progress)
    if file.is_whole(file.part):
        file.part.replace(file.path)
        return True
    file.part.unlink()
    return False


def receive(address: str, part: Path, progress: Callable[[int], None]) -> None:
    """Adds what the part lacks; begins anew where the server cannot go on in the middle."""
    here = part.stat().st_size if part.is_file() else 0
    headers = {"User-Agent": "pytorch/vision"}  # as torchvision calls itself
    request = Request(address, headers=headers | ({"Range": f"bytes={here}-"} if here else {}))
    try:
        with urlopen(request, timeout=PATIENCE) as answer:
            goes_on = (answer.headers["Content-Range"] or "").startswith(f"bytes {here}-")
            with part.open("ab" if goes_on else "wb") as file:
                progress(file.tell())
                while piece := answer.read(PIECE):
                    file.write(piece)
                    progress(file.tell())
            if answer.length:  # bytes that were announced, and have not come
                raise ConnectionError("the connection broke off")
    except HTTPError as error:
        if not here or error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        part.unlink()  # as long as the whole, or longer
        receive(address, part, progress)


def download_problem(error: Exception) -> str:
    if isinstance(error, Timeout):
        return "another program is fetching it"
    cause = error.reason if isinstance(error, URLError) else error
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__


def checksum(path: Path, algorithm: str = "md5") -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


# Under way: each on a thread of its own, one for all who ask for the same

LATE = 2.0  # seconds without an answer after which one is told: with what a page needs to say it, three


class Unwanted(Exception):
    """Raised inside a download that was stopped."""


class SharedDownload:
    """How far one is. Written by its own thread alone, but for `unwanted`."""

    def __init__(self, size: int) -> None:
        self.size, self.done = size, 0  # bytes
        self.begun = time.monotonic()
        self.answered = self.over = self.unwanted = False
        self.problem = ""  # a sentence, where it failed

    @property
    def late(self) -> bool:
        """Nobody has answered for so long that there may be no network: to look up a name may take half a minute, and
        so may each of a server's addresses, before the system gives up."""
        return not self.answered and time.monotonic() - self.begun > LATE

    def progress(self, done: int, size: int) -> None:
        if self.unwanted:
            raise Unwanted
        self.done, self.size, self.answered = done, size, True

    def run(self, action: Callable[[Progress], None]) -> None:
        try:
            action(self.progress)
        except Unwanted:
            pass
        except Exception as error:  # else it would seem to be under way for ever
            self.problem = str(error) or type(error).__name__
        finally:
            self.over = True


class SharedDownloads:
    """By what they are called. May be used from any thread."""

    def __init__(self) -> None:
        self.lock, self.known = Lock(), dict[str, SharedDownload]()

    def begin(self, key: str, size: int, action: Callable[[Progress], None]) -> None:
        """Unless it is under way."""
        with self.lock:
            if key in self.known and not self.known[key].over:
                return
            begun = self.known[key] = SharedDownload(size)
        Thread(target=begun.run, args=(action,), name="download", daemon=True).start()  # the program may end before it

    def find(self, key: str) -> SharedDownload | None:
        """The last of that name; None where it was stopped."""
        with self.lock:
            return self.known.get(key)

    def stop(self, key: str) -> None:
        """At once to all who look. Its thread may still wait for an answer: it ends when that comes."""
        with self.lock:
            if stopped := self.known.pop(key, None):
                stopped.unwanted = True


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
