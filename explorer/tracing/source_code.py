"""The source code of a module's class, and the lines that make one part of a network."""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from textwrap import dedent
from types import FunctionType

TRIES = 3
ADDING = ("add_module", "append", "extend", "insert")
GIVEN: dict[str, str] = {}  # of classes that live in another program, by qualified name; filled when the app starts


@dataclass(frozen=True)
class Excerpt:
    """Lines of a program."""

    title: str  # "VGG.forward"
    code: str
    where: str  # "vgg.py, lines 53–55"; empty where no file is known


@lru_cache(maxsize=256)
def source_of(qualname: str) -> str:
    """The class as written; empty where Python has no source of it. Looks only at what is already imported."""
    if qualname in GIVEN:
        return GIVEN[qualname]
    return code_of(found) if (found := loaded_class(qualname)) else ""


def loaded_class(qualname: str) -> type | None:
    thing: object = None
    parts = qualname.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        if thing := sys.modules.get(".".join(parts[:cut])):
            for part in parts[cut:]:
                thing = getattr(thing, part, None)
            break
    return thing if isinstance(thing, type) else None


def code_of(kind: type | FunctionType) -> str:
    """Empty where Python has no source of it."""
    for _ in range(TRIES):
        try:
            return inspect.getsource(kind)
        except SystemError:  # Python 3.11 may miscount its depth where two threads parse code at once
            continue
        except (OSError, TypeError):
            return from_cell(kind) if isinstance(kind, type) else ""
    return ""


def from_cell(kind: type) -> str:
    """Of a class written in a notebook: only its functions know the cell they stand in."""
    functions = (thing for thing in vars(kind).values() if inspect.isfunction(thing))
    try:
        cell = "".join(inspect.findsource(next(functions))[0])
        found = (node for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.ClassDef))
        own = next(node for node in found if node.name == kind.__name__)
        return f"{ast.get_source_segment(cell, own, padded=True)}\n"
    except (StopIteration, OSError, TypeError, SyntaxError):
        return ""


@lru_cache(maxsize=256)
def class_excerpts(qualname: str) -> tuple[Excerpt, ...]:
    """A class: how it runs first, then all of it."""
    code = source_of(qualname)
    name = qualname.rpartition(".")[2]
    kind = None if qualname in GIVEN else loaded_class(qualname)
    forward = vars(kind).get("forward") if kind else None
    ways = [function_excerpt(forward, f"{name}.forward")] if isinstance(forward, FunctionType) else []
    whole = Excerpt(name, code, place_of(kind, code) if kind else "")
    return tuple(each for each in (*ways, whole) if each.code)


@lru_cache(maxsize=256)
def making_excerpts(owner: str, attribute: str) -> tuple[Excerpt, ...]:
    """The lines of the class `owner` that set `self.attribute`, and its module's functions that they call.

    Nothing where they are not found: the class lives in another program, or sets it in a way of its own.
    """
    kind = None if owner in GIVEN else loaded_class(owner)
    for base in kind.__mro__ if kind else ():
        start = vars(base).get("__init__")
        if not isinstance(start, FunctionType) or base.__module__.startswith("torch.nn."):
            continue
        code = code_of(start)
        if chosen := making_statements(parsed_body(code), attribute):
            parts = "\n".join(
                dedent(f"{' ' * each.col_offset}{ast.get_source_segment(dedent(code), each)}") for each in chosen
            )
            span = chosen[0].lineno, chosen[-1].end_lineno or chosen[-1].lineno
            excerpt = Excerpt(f"{base.__name__}.{attribute}", f"{parts}\n", place_of(start, code, span))
            return excerpt, *(function_excerpt(each, each.__name__) for each in called(chosen, base))
    return ()


def parsed_body(code: str) -> list[ast.stmt]:
    """The statements of a function; none where its source cannot be read by itself."""
    try:
        tree = ast.parse(dedent(code))
    except SyntaxError:
        return []
    return tree.body[0].body if tree.body and isinstance(tree.body[0], ast.FunctionDef) else []


def making_statements(statements: list[ast.stmt], attribute: str) -> list[ast.stmt]:
    """Those that set the attribute, and those that make the variables they read, in their order."""
    setting = [statement for statement in statements if attribute in set_attributes(statement)]
    read = {node.id for each in setting for node in ast.walk(each) if isinstance(node, ast.Name)}
    return [each for each in statements if each in setting or read & made_names(each)]


def set_attributes(statement: ast.stmt) -> Iterator[str]:
    """Those that it sets, or adds parts to."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ADDING:
            yield getattr(node.func.value, "attr", "")


def made_names(statement: ast.stmt) -> set[str]:
    """The variables that it sets, or appends to."""
    nodes = list(ast.walk(statement))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    grown = (node.func.value for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))
    return stored | {each.id for each in grown if isinstance(each, ast.Name) and each.id not in ("self", "nn", "torch")}


def called(statements: list[ast.stmt], kind: type) -> Iterator[FunctionType]:
    """The functions of the class's own module, and its methods, that the statements call; each once."""
    scope = vars(sys.modules[kind.__module__])
    found: dict[str, FunctionType] = {}
    for node in (node for each in statements for node in ast.walk(each) if isinstance(node, ast.Call)):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        own = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "self"
        thing = getattr(kind, name, None) if own else scope.get(name) if isinstance(node.func, ast.Name) else None
        if isinstance(thing, FunctionType) and thing.__module__ == kind.__module__:
            found[name] = thing
    yield from found.values()


def function_excerpt(function: FunctionType, title: str) -> Excerpt:
    code = code_of(function)
    return Excerpt(title, dedent(code), place_of(function, code))


def place_of(thing: type | FunctionType, code: str, span: tuple[int, int] | None = None) -> str:
    """`span` are lines of it, the first being 1; without, all of it."""
    try:
        file, (_, start) = inspect.getsourcefile(thing), inspect.getsourcelines(thing)
    except (OSError, TypeError, SystemError):
        return ""
    first, last = span or (1, len(code.splitlines()))
    words = f"line {start + first - 1}" if first == last else f"lines {start + first - 1}–{start + last - 1}"
    return f"{Path(file).name}, {words}" if file and code else ""
