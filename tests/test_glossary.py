"""Every operation and block on show has an honest explanation."""

import re
from pathlib import Path

import pytest
import torch
import torchvision

from explorer import glossary
from explorer.glossary import explain_layer, explain_operation, explain_term, read_entries, read_glossary
from explorer.graph.graph import Block
from explorer.graph.op_kinds import KINDS
from explorer.tracing.tracer import trace
from model_defs import CATALOG


def sentence(thing: object, **attributes: object) -> str:
    entry = explain_layer(thing, tuple(attributes.items()))  # pyright: ignore
    assert entry is not None
    return entry.sentence


def test_a_convolution_is_explained_by_what_its_settings_make_it():
    kernel = (3, 3)
    plain = sentence("Conv2d", in_channels=8, kernel_size=kernel, groups=1)
    depthwise = sentence("conv2d", in_channels=8, kernel_size=kernel, groups=8)
    grouped = sentence("Conv2d", in_channels=8, kernel_size=kernel, groups=2)
    pointwise = sentence("Conv2d", in_channels=8, kernel_size=(1, 1), groups=1)
    dilated = sentence("Conv2d", in_channels=8, kernel_size=kernel, groups=1, dilation=(2, 2))
    transposed = sentence("ConvTranspose2d", in_channels=8, kernel_size=kernel, groups=1, transposed=True)
    assert len({plain, depthwise, grouped, pointwise, dilated, transposed}) == 6
    assert "each channel on its own" in depthwise


def test_a_layer_and_its_function_are_the_same_thing():
    for layer, function in {"BatchNorm2d": "batch_norm", "MaxPool2d": "max_pool2d", "ReLU": "relu_"}.items():
        assert explain_layer(layer) == explain_layer(function)


def test_one_name_in_two_files_is_two_blocks():
    mobile = explain_layer(Block("", "InvertedResidual", "torchvision.models.mobilenetv2.InvertedResidual"))
    shuffle = explain_layer(Block("", "InvertedResidual", "torchvision.models.shufflenetv2.InvertedResidual"))
    assert mobile != shuffle
    assert explain_layer(Block("", "Mystery", "somewhere.Mystery")) is None


@pytest.mark.parametrize(
    "name", ["resnet50", "mobilenet_v3_small", "vit_b_16", "swin_t", "densenet121", "convnext_tiny"]
)
def test_every_operation_of_well_known_networks_has_an_entry(name):
    with torch.device("meta"):
        graph = trace(torchvision.models.get_model(name, weights=None), (3, 224, 224))
    fallback = {node.op for node in graph.nodes if str(explain_layer(node)).find("PyTorch's operation") >= 0}
    assert fallback <= {"new_zeros", "setitem", "ne", "eq", "masked_fill"}  # swin's mask


def test_every_block_of_ours_has_an_entry():
    known = {"stage", "Sequential"}
    for architecture in CATALOG.values():
        with torch.device("meta"):
            model = architecture.build()
        for module in list(model.modules())[1:]:
            kind = type(module)
            if kind.__module__.startswith("model_defs") and kind.__name__ not in known:
                assert explain_layer(Block("", kind.__name__, f"{kind.__module__}.{kind.__qualname__}")), kind


def test_entries_are_sentences_with_a_source():
    for entry in (*read_entries("layers").values(), *read_entries("blocks").values()):
        assert re.match(r"[A-Zx].{20,300}\.$", entry.sentence), entry.sentence
        assert entry.source.url.startswith("https://")
    for texts in (read_glossary("terms"), read_glossary("options")):
        assert all(text.endswith(".") and "\n" not in text for text in texts.values())


def test_every_name_of_an_entry_stands_once_and_every_paper_is_read_somewhere():
    told = {name: read_glossary(name) for name in ("layers", "blocks")}
    for entries in told.values():
        names = [name for key, entry in entries.items() for name in (key, *entry.get("also", ()))]
        assert len(names) == len(set(names))
        assert all(set(entry) <= {"text", "paper", "also", "kinds"} for entry in entries.values())
    named = {entry["paper"] for entries in told.values() for entry in entries.values()}
    assert named == read_glossary("papers").keys()


def test_a_kind_speaks_for_the_functions_without_a_sentence_of_their_own():
    spoken_for = {kind for entry in read_glossary("layers").values() for kind in entry.get("kinds", ())}
    assert spoken_for == KINDS.keys() - {"pool", "norm", "activation"}  # of these each has its own
    for kind in spoken_for:
        assert "PyTorch's operation" not in explain_operation("some_function", kind, ()).sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[conv\n", "layers.toml cannot be read: .*line 1"),
        ('[conv]\npaper = "lenet"\n', "“conv” in assets/glossary/layers.toml is no entry"),
        ('[conv]\ntext = "Slides."\npaper = "nobody"\n', "“conv” in assets/glossary/layers.toml is no entry"),
    ],
)
def test_a_broken_file_is_named(text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    papers = (glossary.GLOSSARY / "papers.toml").read_text(encoding="utf-8")
    (tmp_path / "papers.toml").write_text(papers, encoding="utf-8")
    (tmp_path / "layers.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(glossary, "GLOSSARY", tmp_path)
    monkeypatch.setattr(glossary, "read_glossary", read_glossary.__wrapped__)
    with pytest.raises(ValueError, match=said):
        read_entries.__wrapped__("layers")


def test_nobody_blames_vanishing_gradients_for_degradation():
    texts = [entry.sentence for entry in (*read_entries("layers").values(), *read_entries("blocks").values())]
    assert not any("vanish" in text for text in texts)
    assert "unlikely" in explain_term("degradation")
