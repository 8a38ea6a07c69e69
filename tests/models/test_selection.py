"""A place and its link say the same; nonsense in a link is named, never raised."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.models.constructor_options import options_of
from explorer.models.selection import ModelSelection, decode_selection, opening, selection_of
from explorer.models.spec import Spec, build, options, spec_settings
from explorer.training.experiments.presets import EXPERIMENTS
from explorer.url_params import encode_query
from model_defs import CATALOG
from model_defs.resnet import ResNet

every_preset = pytest.mark.parametrize(
    "place",
    [ModelSelection("model_defs", name, preset.name) for name, a in CATALOG.items() for preset in a.presets],
    ids=str,
)


@every_preset
def test_a_link_leads_back_to_where_it_was_copied(place):
    for option in options(place.spec):
        value = option.choices[-1] if option.choices else option.default
        place = place.turn(option, value)
    place = ModelSelection(**vars(place) | {"opened": ("stage1", "stage2"), "selected": "stage1.0", "batch": 8})
    assert decode_selection(encode_query(place)) == (place, ())


def test_the_empty_link_is_resnet_50():
    assert decode_selection({}) == (ModelSelection(), ())
    assert sum(p.numel() for p in build(ModelSelection().spec, "meta").parameters()) == 25_557_032


def test_turning_a_knob_back_is_no_change():
    width = next(option for option in options_of(ResNet) if option.name == "width")
    assert ModelSelection().turn(width, 96).changes == (("width", 96),)
    assert ModelSelection().turn(width, 96).turn(width, 64) == ModelSelection()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"model": "ResNit"}, "“ResNit”"),
        ({"width": "63"}, "from 8 to 128 in steps of 8"),
        ({"width": "nan"}, "“nan”"),
        ({"blocks": "3-4-6"}, "4 numbers"),
        ({"block": "round"}, "one of basic, bottleneck"),
        ({"source": "the moon"}, "“the moon”"),
        ({"batch": "-3"}, "1 to 1024"),
        ({"direction": "UP"}, "TB, LR"),
        ({"widht": "64"}, "“widht”"),
    ],
)
def test_a_bad_value_is_named_and_replaced(query, words):
    place, problems = decode_selection(query)
    assert place == ModelSelection() and len(problems) == 1 and words in problems[0]


def test_every_torchvision_network_has_a_place():
    assert opening("torchvision").title == "resnet50"


names = st.sampled_from(["source", "model", "preset", "open", "at", "batch", "colour", "repeats", "width", "blocks"])
likely = st.sampled_from(["model_defs", "torchvision", "own", "timm", "VGG", "1e999", "-", "3-4-6-3", "٣", ""])


@settings(max_examples=1000)
@given(st.dictionaries(names | st.text(max_size=12), likely | st.text(max_size=40), max_size=10))
def test_no_link_raises(query):
    place, problems = decode_selection(query)
    assert decode_selection(encode_query(place)) == (place, ())
    assert all(problem.endswith(".") for problem in problems)


TRAINED = [
    each for key in ("ladder", "exercise1", "exercise5", "surgery") for each in EXPERIMENTS[key].entries("quick")
]


@pytest.mark.parametrize("spec", [each.spec for each in TRAINED], ids=[each.title for each in TRAINED])
def test_a_network_that_is_trained_has_a_link_to_its_diagram(spec: Spec):
    selection = selection_of(spec)
    assert spec_settings(selection.spec) == spec_settings(spec)
    assert decode_selection(encode_query(selection)) == (selection, ())


def test_the_selection_of_a_network_is_the_preset_it_is_nearest_to():
    assert selection_of(EXPERIMENTS["degradation"].contestants[1].spec) == ModelSelection(
        "model_defs", "CIFAR ResNet", "plain-56"
    )
    assert selection_of(Spec("torchvision", "resnet18")) == ModelSelection("torchvision", "resnet18", "")
    for spec in (
        Spec("model_defs", "CIFAR ResNet", (("depth", 50),)),
        Spec("model_defs", "Gone"),
        Spec("timm", "none"),
    ):
        with pytest.raises(ValueError):
            selection_of(spec)
