"""Forty of the networks that `make proof` holds against torch and against their own numbers, in every test run."""

import pytest
from torchvision.models import get_model_weights

from benchmarks.proof import README, with_summary
from explorer.analysis.crosscheck.crosscheck import read_proof
from testing.proof import ONE_WAY, examine

NETWORKS = {
    "torchvision": (
        *("squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5", "mobilenet_v3_small", "resnet18", "googlenet"),
        *("efficientnet_b0", "swin_t"),
    ),
    "tasks": ("lraspp_mobilenet_v3_large", "quantized_shufflenet_v2_x0_5", "r3d_18", "raft_small"),
    "timm": (
        *("test_byobnet", "test_coatnet", "test_convnext", "test_efficientnet_evos", "test_mambaout", "test_maxvit"),
        *("test_nfnet", "test_resnet", "test_vit", "test_vit3", "test_vit_relpos", "tiny_vit_5m_224", "ghostnet_050"),
        *("mobilevit_xxs", "edgenext_xx_small", "levit_128s", "lambda_resnet26t", "poolformer_s12", "pvt_v2_b0"),
        *("repvgg_a0", "visformer_tiny", "fasternet_t0", "hrnet_w18_small", "gcvit_xxtiny", "convit_tiny"),
        *("skresnet18", "dla46_c", "gmixer_12_224", "swiftformer_xs"),
    ),
}


@pytest.mark.parametrize(("source", "name"), [(source, name) for source in NETWORKS for name in NETWORKS[source]])
def test_parameters_macs_and_every_edge_are_exact(source: str, name: str) -> None:
    finding = examine(source, name)
    assert (finding.verdict, finding.reason) == ("exact", "")


def test_the_way_that_numbers_take_through_a_detector_is_exact() -> None:
    name = "ssdlite320_mobilenet_v3_large"
    finding = examine("tasks", name)
    assert (finding.verdict, finding.reason) == ("exact", ONE_WAY)
    published = next(iter(get_model_weights(name))).meta
    assert finding.parameters == published["num_params"]
    assert round(finding.macs / 1e9, 3) == published["_ops"]


def test_the_readme_says_what_the_file_says() -> None:
    text, rows = README.read_text(encoding="utf-8"), read_proof()
    assert rows and with_summary(text, rows) == text
    assert {row["name"]: row["reason"] for row in rows if row["verdict"] == "differs"} == {}
