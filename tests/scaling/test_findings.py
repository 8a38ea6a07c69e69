"""What the Scale page says of one dimension against all three follows from the printed rows and their counts."""

import pytest

from explorer.scaling.charts import Bought, returns_sentences
from explorer.scaling.family_table import SCALED
from explorer.ui.scale.equal_budget_tab import bought_of


def rows(title: str) -> list[Bought]:
    return [bought_of(title, each) for each in SCALED[title]]


def test_table_7_is_told_with_what_its_networks_count_to():
    # Recounted by hand from B0's layers: 1.575, 1.450 and 1.538 G, where Tan & Le print 1.8, 1.8 and 1.9.
    said = returns_sentences(rows("EfficientNet-B0"))
    assert (
        "78.9 to 79.1 %, all three together **81.1 %** (published: Tan & Le 2019, Table 7, arXiv 1905.11946 v1)" in said
    )
    assert "depth ×4 takes 1.58 G (printed: 1.8 G), width ×2 takes 1.45 G (printed: 1.8 G)" in said
    assert "resolution ×2 takes 1.54 G (printed: 1.9 G)" in said and "Of B0 and the compound network the count" in said


@pytest.mark.parametrize("title, compound", [("ResNet-50", 78.8), ("MobileNetV2", 77.4)])
def test_what_the_table_does_not_let_one_build_is_not_counted(title: str, compound: float):
    said = returns_sentences(rows(title))
    assert f"**{compound} %**" in said and "Not counted: the compound network" in said and "Table 3" in said


def test_other_counts_give_other_words():
    cheap = [each._replace(counted=each.printed) for each in rows("EfficientNet-B0")]
    assert "takes" not in returns_sentences(cheap) and "1.80 G to 1.90 G MACs" in returns_sentences(cheap)
