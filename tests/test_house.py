"""The rules of the house that no linter knows."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = [file for folder in ("explorer", "model_defs", "pages") for file in sorted((ROOT / folder).rglob("*.py"))]
HOUSE = CODE + [file for folder in ("benchmarks", "testing", "tests") for file in sorted((ROOT / folder).rglob("*.py"))]
SEES_STREAMLIT = ("explorer/app.py", "explorer/ui/", "pages/")
PROCESS_WIDE = {"FlopCounterMode", "symbolic_trace", "set_default_device", "set_default_dtype", "seed_everything"}
PURE = (  # folders and modules that never load torch
    *(
        "explorer/graph",
        "explorer/diagram",
        "explorer/diff",
        "explorer/analysis",
        "explorer/formatting",
        "explorer/colors",
    ),
    *("explorer/glossary", "explorer/background", "explorer/paths", "explorer/url_params", "explorer/subprocess_"),
    *(
        "explorer/scaling/compound_law",
        "explorer/scaling/charts",
    ),
    *("explorer/models/facts", "explorer/models/published_numbers", "explorer/training/runs/curves"),
)
LOADS_TORCH = (  # of those: they build networks
    *("explorer.diff.comparison", "explorer.analysis.model_summary"),
    *("explorer.analysis.crosscheck.counters_worker", "explorer.analysis.crosscheck.crosscheck"),
    "explorer.analysis.crosscheck.efficiency",
)
WORKERS = [file for file in CODE if file.name.endswith("_worker.py")]  # run in a process of their own
LONGEST_FUNCTION, LONGEST_FILE = 35, 300  # lines
MOST_AT_TOP, MOST_IN_A_PACKAGE = 16, 20  # modules


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def files(*folders: str) -> list[Path]:
    return [file for file in CODE if name_of(file).startswith(folders)]


@cache
def text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(text(file))))


@cache
def imports(file: Path) -> set[str]:
    """The packages a file imports, wherever in the file."""
    names = [alias.name for node in nodes(file) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes(file) if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


def called(node: ast.AST) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def pure() -> list[str]:
    """The modules that draw, count or compare what was traced before."""
    found = [file.relative_to(ROOT).with_suffix("") for file in files(*PURE)]
    names = [".".join(file.parts).removesuffix(".__init__") for file in found]
    return [name for name in names if name not in LOADS_TORCH]


def offenders(found: Iterable[Path], offences: Callable[[Path], Iterable[str]]) -> list[str]:
    """Each offence with the file that it is in."""
    return [f"{name_of(file)}: {offence}" for file in found for offence in sorted(offences(file))]


def test_a_network_imports_torch_and_its_own_kind_only() -> None:
    allowed = sys.stdlib_module_names | {"torch", "model_defs"}
    assert offenders(files("model_defs/"), lambda file: imports(file) - allowed) == []


def test_only_pages_and_widgets_know_streamlit() -> None:
    below = [file for file in CODE if not name_of(file).startswith(SEES_STREAMLIT)]
    assert offenders(below, lambda file: imports(file) & {"streamlit"}) == []


def test_a_page_computes_nothing_itself() -> None:
    assert offenders(files("pages/"), lambda file: imports(file) & {"torch", "torchvision", "numpy"}) == []


def test_nothing_below_imports_a_page() -> None:
    assert offenders(files("explorer/", "model_defs/"), lambda file: imports(file) & {"pages"}) == []


def test_what_is_drawn_does_not_know_who_shows_it() -> None:
    below = [file for file in files("explorer/") if not name_of(file).startswith(SEES_STREAMLIT)]
    assert [name_of(file) for file in below if "explorer.ui" in text(file)] == []


def test_drawing_and_counting_never_load_torch() -> None:
    program = f"import sys, {', '.join(pure())}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0


def test_no_file_beside_the_entry_point_hides_a_package_that_pandas_looks_for() -> None:
    # Streamlit puts the folder first on the path whenever a fragment runs, and pandas may be imported there.
    program = "from pandas.compat._optional import VERSIONS; print(*VERSIONS)"
    sought = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {file.stem for file in (ROOT / "explorer").iterdir()}.isdisjoint(sought)


def test_what_runs_in_a_process_of_its_own_is_imported_nowhere() -> None:
    ways = [way for file in WORKERS for way in (f"import {file.stem}", f"{file.stem} import")]
    assert WORKERS
    assert offenders(CODE, lambda file: [way for way in ways if way in text(file)]) == []


def test_nothing_process_wide_is_patched_or_seeded() -> None:
    seeds = {"torch.manual_seed", "manual_seed", "torch.seed", "random.seed", "np.random.seed"}

    def offences(file: Path) -> set[str]:
        words = {node.id for node in nodes(file) if isinstance(node, ast.Name)}
        words |= {node.attr for node in nodes(file) if isinstance(node, ast.Attribute)}
        words |= {alias.name for node in nodes(file) if isinstance(node, ast.ImportFrom) for alias in node.names}
        seeded = {called(node) for node in nodes(file)} & seeds  # a generator of one's own may be seeded
        return words & PROCESS_WIDE | seeded

    assert offenders([file for file in CODE if file not in WORKERS], offences) == []


def test_no_module_or_class_of_others_is_assigned_to() -> None:
    def offences(file: Path) -> set[str]:
        statements = [node for node in nodes(file) if isinstance(node, ast.Import | ast.ImportFrom)]
        borrowed = {alias.asname or alias.name.split(".")[0] for each in statements for alias in each.names}
        targets = [target for node in nodes(file) if isinstance(node, ast.Assign) for target in node.targets]
        set_on = {ast.unparse(target.value) for target in targets if isinstance(target, ast.Attribute)}
        return {owner for owner in set_on if owner.split(".")[0] in borrowed and "_state" not in owner}

    assert offenders(CODE, offences) == []


# `streamlit run explorer/app.py` puts explorer/ first on sys.path.
def test_no_file_of_ours_hides_a_package() -> None:
    ours = {file.stem for file in (ROOT / "explorer").iterdir() if not file.name.startswith(("_", "."))}
    assert not ours & (sys.stdlib_module_names | packages_distributions().keys())


def test_a_file_says_in_a_sentence_what_it_is() -> None:
    silent = [file for file in HOUSE if text(file) and not ast.get_docstring(ast.parse(text(file)))]
    assert [name_of(file) for file in silent] == []


def test_files_stay_short() -> None:
    lengths = {name_of(file): len(text(file).splitlines()) for file in CODE}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_functions_stay_short() -> None:
    def offences(file: Path) -> list[str]:
        functions = [node for node in nodes(file) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        lengths = [(node.name, (node.end_lineno or 0) - node.lineno + 1) for node in functions]
        return [f"{name}, {lines} lines" for name, lines in lengths if lines > LONGEST_FUNCTION]

    assert offenders(HOUSE, offences) == []


def test_a_package_can_be_read_at_a_glance() -> None:
    counts = Counter(file.parent for file in files("explorer/") if file.name != "__init__.py")
    most = {ROOT / "explorer": MOST_AT_TOP}
    crowded = {folder: count for folder, count in counts.items() if count > most.get(folder, MOST_IN_A_PACKAGE)}
    assert {name_of(folder): count for folder, count in crowded.items()} == {}


def defined(kind: type[ast.ClassDef] | type[ast.FunctionDef]) -> dict[str, list[Path]]:
    """The files of `explorer` that define a class, or a function, of each name at their top."""
    found: dict[str, list[Path]] = {}
    for file in files("explorer/"):
        for node in ast.parse(text(file)).body:
            if isinstance(node, kind):
                found.setdefault(node.name, []).append(file)
    return found


def test_a_class_is_the_only_one_of_its_name() -> None:
    doubled = {name: found for name, found in defined(ast.ClassDef).items() if len(found) > 1}
    assert {name: [name_of(file) for file in found] for name, found in doubled.items()} == {}


def test_a_public_function_is_the_only_one_of_its_name_in_its_package() -> None:
    places = {name: Counter(file.parent for file in found) for name, found in defined(ast.FunctionDef).items()}
    public = {name: counts for name, counts in places.items() if not name.startswith("_") and name != "main"}
    doubled = {name: [name_of(each) for each, count in counts.items() if count > 1] for name, counts in public.items()}
    assert {name: folders for name, folders in doubled.items() if folders} == {}


def test_few_functions_share_their_name() -> None:
    counts = {name: len(found) for name, found in defined(ast.FunctionDef).items() if name != "main"}
    shared = {name: count for name, count in counts.items() if count > 1}
    assert sum(shared.values()) <= 0.1 * sum(counts.values()), sorted(shared, key=lambda name: -shared[name])
