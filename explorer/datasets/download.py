"""Files from the network: whole, with the checksum they were published with, or not there at all."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlparse
from urllib.request import Request, urlopen

PIECE, PATIENCE = 1 << 18, 30  # bytes at a time; seconds without any


@dataclass(frozen=True)
class File:
    """A file to fetch: the first address that answers with the right bytes will do."""

    path: Path
    md5: str
    addresses: tuple[str, ...]


def download(file: File, progress: Callable[[int], None]) -> None:
    failures = []
    for address in file.addresses:
        try:
            file.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=file.path.parent) as folder:
                draft = Path(folder, file.path.name)
                receive(address, draft, progress)
                if checksum(draft) == file.md5:
                    os.replace(draft, file.path)
                    return
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


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
