"""Who counts what: what became of the networks that were held against torch is said as the file has it."""

import re
from pathlib import Path

from explorer.ui.compare.crosscheck import proof_table
from tests.conftest import OpenPage

LINES = Path("assets/proof.csv").read_text(encoding="utf-8").splitlines()[1:]


def test_the_page_says_of_every_network_what_the_file_says(open_page: OpenPage) -> None:
    app = open_page("compare", view="witnesses", of="source=torchvision&model=squeezenet1_1")
    assert not app.exception
    assert f"{len(LINES):,} networks held against PyTorch" in [each.label for each in app.expander]
    verdict = next(line.split(",")[4] for line in LINES if line.startswith("squeezenet1_1,torchvision,"))
    assert f"In the proof, squeezenet1\\_1 is **{verdict}**." in [each.value for each in app.caption]


def test_each_row_of_the_summary_adds_up() -> None:
    rows = [{"source": "timm", "verdict": verdict} for verdict in ("exact", "exact", "skipped")]
    table = proof_table([*rows, {"source": "tasks", "verdict": "refused"}])
    figures = [
        [int(each) for each in re.findall(r">(\d+)<", row)]
        for row in re.findall(r"<tr>.*?</tr>", table)
        if "<td" in row
    ]  # examined, exact, said, differs, refused, skipped
    assert figures == [[0] * 6, [1, 0, 0, 0, 1, 0], [3, 2, 0, 0, 0, 1], [4, 2, 0, 0, 1, 1]]
