"""A network as the user chose it: where it comes from, its name and its options."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from explorer.graph.graph import Graph
from explorer.models.constructor_options import Option
from explorer.models.inputs import Inputs, arguments_of, parse_arguments, spell_argument
from explorer.models.meta_init import blank
from explorer.models.sources import OWN, SOURCES, named_model


@dataclass(frozen=True)
class Spec:
    """Hashable, so it can key a cache and travel in a link. Options left out stand at their defaults."""

    source: str  # a key of `SOURCES`
    name: str
    options: tuple[tuple[str, Any], ...] = ()
    seed: int | None = None  # by which it was run on real numbers, where it asks for them
    picture: str = ""  # a digest of what it was run on then; empty: noise


def options(spec: Spec) -> tuple[Option, ...]:
    """What the network's form offers."""
    return SOURCES[spec.source].options(spec.name)


def spec_settings(spec: Spec) -> dict[str, Any]:
    """Every option with its value, defaults included."""
    return {option.name: option.default for option in options(spec)} | dict(spec.options)


def build(spec: Spec, device: str = "cpu") -> nn.Module:
    """The live network. On "meta" it has shapes but no numbers, and costs next to nothing.

    Raises `ValueError` with a reason for an unknown name and for options that do not go together.
    """
    check_known(spec)
    source = SOURCES[spec.source]
    try:
        if device == "meta":
            return blank(lambda: source.build(spec.name, dict(spec.options)))
        with torch.device(device):
            return source.build(spec.name, dict(spec.options))
    except ValueError:
        raise
    except Exception as error:
        how = " with these settings" if spec.options else ""
        raise ValueError(f"{spec.name} cannot be built{how}: {error}") from error


def given(spec: Spec) -> Graph | None:
    """The graph of a network whose module lives in another program; None for all that are built here."""
    check_known(spec)
    return SOURCES[spec.source].graph(spec.name)


def check_known(spec: Spec) -> None:
    if spec.source not in SOURCES:
        raise ValueError(f"There is no source “{spec.source[:40]}”: choose {', '.join(SOURCES)}.")
    if spec.name not in SOURCES[spec.source].names():
        raise ValueError(f"{SOURCES[spec.source].title} has no network “{spec.name[:60]}”: choose one from the list.")
    strangers = dict(spec.options).keys() - {option.name for option in options(spec)}
    if strangers:
        raise ValueError(f"{spec.name} has no setting “{sorted(strangers)[0]}”.")


def check_settings(spec: Spec) -> None:
    """Raises `ValueError` with a reason for a network that is unknown, or beyond what its form offers.

    Smaller ones than the form has, and values between its steps, were trained by experiments and earlier versions.
    """
    check_known(spec)
    offered = {option.name: option for option in options(spec)}
    for name, value in spec.options:
        if not offered[name].bounds(value):
            raise ValueError(f"“{offered[name].label}” cannot be “{str(value)[:40]}”: it is {offered[name].offer}.")


def inputs_of(spec: Spec, model: nn.Module) -> Inputs:
    """What the network takes: of most one image, (C, H, W)."""
    return arguments_of(SOURCES[spec.source].inputs(spec.name, dict(spec.options), model))


Handed = tuple[str, str, tuple[tuple[str, Any], ...], tuple[str, ...]]  # a network as another process is told of it


def hand_over(spec: Spec) -> Handed:
    """Raises `ValueError` for a network that lives in another program."""
    inputs: tuple[str, ...] = ()
    if spec.source == "own":
        if OWN[spec.name].graph is not None:
            raise ValueError(f"{spec.name} lives in the program that showed it: only its graph is here.")
        inputs = tuple(map(spell_argument, OWN[spec.name].inputs))
    return spec.source, spec.name, spec.options, inputs


def build_handed(network: Handed, device: str = "cpu") -> tuple[nn.Module, Inputs]:
    """The network, in evaluation mode, and what it takes. Raises `ValueError` with a reason."""
    source, name, options, inputs = network
    spec = Spec(source, name, options)
    if spec.source == "own":
        OWN[spec.name] = named_model(spec.name, parse_arguments(inputs))
    model = build(spec, device).eval()
    return model, inputs_of(spec, model)
