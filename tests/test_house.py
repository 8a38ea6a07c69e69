"""The rules of the house that no linter knows."""

import ast
import subprocess
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = [file for folder in ("explorer", "model_defs", "pages") for file in sorted((ROOT / folder).rglob("*.py"))]
HOUSE = CODE + [file for folder in ("benchmarks", "tests") for file in sorted((ROOT / folder).rglob("*.py"))]
PURE = (
    *("graph", "outline", "folding", "nesting", "stages", "views", "diagram", "dot", "layout", "placing", "svg"),
    *("labels", "palette", "charts", "costs", "depth", "fields", "memory", "backward", "glossary", "narrowing"),
    *("cards", "scene", "columns", "turning", "parting", "obstacles", "lettering", "parcel", "terms", "papers"),
    *("words", "links", "background", "paths", "subprocess_client", "parent_watchdog"),
    *(f"compare.{name}" for name in ("facts", "families", "units", "likeness", "alignment", "differing", "changes")),
    *(
        f"compare.{name}"
        for name in ("naming", "telling", "laid", "abreast", "lowering", "bench_charts", "evolution_charts")
    ),
    *(
        f"compare.{name}"
        for name in ("belonging", "counterparts", "reasons", "thop_rules", "torchinfo_rules", "simplicity", "work")
    ),
    *(f"scaling.{name}" for name in ("law", "printed", "charts", "rounding_charts", "returns", "stands", "asking")),
)
SEES_STREAMLIT = ("explorer/app.py", "explorer/ui/", "pages/")
PROCESS_WIDE = {"FlopCounterMode", "symbolic_trace", "set_default_device", "set_default_dtype", "seed_everything"}
LONGEST_FUNCTION, LONGEST_FILE = 40, 230  # lines; lower them when you can


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def files(*folders: str) -> list[Path]:
    return [file for file in CODE if name_of(file).startswith(folders)]


def each(found: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("file", found, ids=name_of)


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def imports(file: Path) -> set[str]:
    """The packages a file imports, wherever in the file."""
    nodes = list(ast.walk(tree(file)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


def called(node: ast.AST) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


@each(files("model_defs/"))
def test_a_network_imports_torch_and_its_own_kind_only(file: Path) -> None:
    assert imports(file) - sys.stdlib_module_names <= {"torch", "model_defs"}


@each([file for file in CODE if not name_of(file).startswith(SEES_STREAMLIT)])
def test_only_pages_and_widgets_know_streamlit(file: Path) -> None:
    assert "streamlit" not in imports(file)


@each(files("pages/"))
def test_a_page_computes_nothing_itself(file: Path) -> None:
    assert imports(file).isdisjoint({"torch", "torchvision", "numpy"})


@each(files("explorer/", "model_defs/"))
def test_nothing_below_imports_a_page(file: Path) -> None:
    assert "pages" not in imports(file)


@each([file for file in files("explorer/") if not name_of(file).startswith(SEES_STREAMLIT)])
def test_what_is_drawn_does_not_know_who_shows_it(file: Path) -> None:
    assert "explorer.ui" not in file.read_text(encoding="utf-8")


def test_drawing_and_counting_never_load_torch() -> None:
    modules = [f"explorer.{name}" for name in PURE]
    program = f"import sys, {', '.join(modules)}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0


def test_no_file_beside_the_entry_point_hides_a_package_that_pandas_looks_for() -> None:
    # Streamlit puts the folder first on the path whenever a fragment runs, and pandas may be imported there.
    program = "from pandas.compat._optional import VERSIONS; print(*VERSIONS)"
    sought = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {file.stem for file in (ROOT / "explorer").iterdir()}.isdisjoint(sought)


WORKERS = [file for file in CODE if file.name.endswith("_worker.py")]  # run in a process of their own


@each(WORKERS)
def test_what_runs_in_a_process_of_its_own_is_imported_nowhere(file: Path) -> None:
    ways = (f"import {file.stem}", f"{file.stem} import")
    texts = {name_of(other): other.read_text(encoding="utf-8") for other in CODE}
    assert [name for name, text in texts.items() if any(way in text for way in ways)] == []


@each([file for file in CODE if file not in WORKERS])
def test_nothing_process_wide_is_patched_or_seeded(file: Path) -> None:
    nodes = list(ast.walk(tree(file)))
    words = {node.id for node in nodes if isinstance(node, ast.Name)}
    words |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    words |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    seeds = {"torch.manual_seed", "manual_seed", "torch.seed", "random.seed", "np.random.seed"}
    assert not words & PROCESS_WIDE
    assert not {called(node) for node in nodes} & seeds  # a generator of one's own may be seeded


@each(CODE)
def test_no_module_or_class_of_others_is_assigned_to(file: Path) -> None:
    nodes = list(ast.walk(tree(file)))
    borrowed = {
        alias.asname or alias.name.split(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    targets = [target for node in nodes if isinstance(node, ast.Assign) for target in node.targets]
    set_on = {ast.unparse(target.value) for target in targets if isinstance(target, ast.Attribute)}
    assert not {owner for owner in set_on if owner.split(".")[0] in borrowed and "_state" not in owner}


# `streamlit run explorer/app.py` puts explorer/ first on sys.path.
def test_no_file_of_ours_hides_a_package() -> None:
    ours = {file.stem for file in (ROOT / "explorer").iterdir() if not file.name.startswith(("_", "."))}
    assert not ours & (sys.stdlib_module_names | packages_distributions().keys())


@each([file for file in HOUSE if file.stat().st_size])
def test_a_file_says_in_a_sentence_what_it_is(file: Path) -> None:
    assert ast.get_docstring(tree(file))


@each(CODE)
def test_files_stay_short(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@each(HOUSE)
def test_functions_stay_short(file: Path) -> None:
    functions = [node for node in ast.walk(tree(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {f.name: (f.end_lineno or 0) - f.lineno + 1 for f in functions}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
