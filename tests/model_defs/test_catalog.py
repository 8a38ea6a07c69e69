"""The contents page of `model_defs` lists every family, oldest first, with presets the form offers."""

import inspect
import pkgutil

from torch import nn

import model_defs
from explorer.models.constructor_options import options_of
from model_defs import CATALOG
from model_defs.architecture import Architecture, Preset
from testing.networks import PRESETS, each, every_family


def test_every_file_is_in_the_catalog():
    files = {module.name for module in pkgutil.iter_modules(model_defs.__path__)} - {"architecture"}
    assert files == {architecture.build.__module__.split(".")[-1] for architecture in CATALOG.values()}


def test_families_stand_oldest_first_and_the_exercises_last():
    *families, last = CATALOG.values()
    assert last.name == "Exercise nets"
    assert [family.year for family in families] == sorted(family.year for family in families)


def test_no_two_presets_share_a_name():
    names = [preset.name for _, preset in PRESETS]
    assert len(names) == len(set(names))


@every_family
def test_the_first_preset_is_what_the_knobs_show_at_first(name: str):
    defaults = {option.name: option.default for option in options_of(CATALOG[name].build)}
    assert defaults | dict(CATALOG[name].presets[0].options) == defaults


@each(PRESETS)
def test_presets_are_settings_that_the_form_offers(architecture: Architecture, preset: Preset):
    options = {option.name: option for option in options_of(architecture.build)}
    assert {"num_classes", "in_channels", "image_size"} <= options.keys()
    for name, value in preset.options:
        assert options[name].parse(options[name].spell(value)) == value


@every_family
def test_every_class_says_what_it_is_for(name: str):
    module = inspect.getmodule(CATALOG[name].build)
    assert module
    classes = [each for _, each in inspect.getmembers(module, inspect.isclass) if each.__module__ == module.__name__]
    assert classes
    assert [each.__name__ for each in classes if issubclass(each, nn.Module) and not each.__doc__] == []
