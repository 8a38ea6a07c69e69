"""Files from the network: whole, with the checksum they were published with, or not there at all."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlparse
from urllib.request import Request, urlopen

from explorer.paths import written_whole

Progress = Callable[[int, int], None]  # bytes here so far, bytes in all
PIECE, PATIENCE = 1 << 18, 30  # bytes at a time; seconds without any


@dataclass(frozen=True)
class File:
    """A file to fetch: the first address that answers with the right bytes will do."""

    path: Path
    digest: str  # or its first digits
    addresses: tuple[str, ...]
    algorithm: str = "md5"

    def is_whole(self, path: Path | None = None) -> bool:
        """Whether it, or a draft of it, is what was published."""
        return checksum(path or self.path, self.algorithm).startswith(self.digest)


def download(file: File, progress: Callable[[int], None]) -> None:
    """What `progress` raises stops it, and leaves no half file.

    Raises `ValueError` when there is no connection, no room, or other bytes than were published.
    """
    failures = []
    for address in file.addresses:
        try:
            with written_whole(file.path) as draft:
                receive(address, draft, progress)
                if file.is_whole(draft):
                    return
                draft.unlink()
            failures.append(f"{urlparse(address).netloc} sent other bytes than were published")
        except (OSError, HTTPException) as error:  # URLError and timeouts are OSErrors
            failures.append(f"{urlparse(address).netloc}: {download_problem(error)}")
    said = f"{file.path.name} could not be fetched ({'; '.join(failures)})"
    raise ValueError(f"{said}: try again, or put it into {file.path.parent}.")


def receive(address: str, draft: Path, progress: Callable[[int], None]) -> None:
    request = Request(address, headers={"User-Agent": "pytorch/vision"})  # as torchvision calls itself
    with urlopen(request, timeout=PATIENCE) as answer, draft.open("wb") as file:
        while piece := answer.read(PIECE):
            file.write(piece)
            progress(file.tell())


def download_problem(error: Exception) -> str:
    cause = error.reason if isinstance(error, URLError) else error
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__


def checksum(path: Path, algorithm: str = "md5") -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
