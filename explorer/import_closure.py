"""Which of our own modules a module comes down to, itself included, read from the sources without running them."""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = ("explorer", "model_defs")


def digest_sources(module: str) -> bytes:
    """Another one as soon as a line is another in what `module` comes down to, and in nothing else."""
    digest = hashlib.sha256()
    for file in import_closure(module):
        digest.update(f"{file.relative_to(ROOT).as_posix()}\n".encode() + file.read_bytes())
    return digest.digest()


def import_closure(module: str) -> tuple[Path, ...]:
    """The files of the module and of all of ours that it imports, anywhere in them and at any remove."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in found and (file := source_file(name)):
            found[name] = file
            waiting += [name.rpartition(".")[0], *imported_names(file)]
    return tuple(sorted(found.values()))


def source_file(name: str) -> Path | None:
    """None for what is not ours, and for a name inside a module."""
    if name.partition(".")[0] not in OURS:
        return None
    path = ROOT.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def imported_names(file: Path) -> Iterator[str]:
    """Of modules, and of what is taken from them, which may be modules too.

    What a package's own functions import is for those who call them, not for all who pass through the package.
    """
    tree = ast.parse(file.read_bytes())
    for node in tree.body if file.name == "__init__.py" else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
