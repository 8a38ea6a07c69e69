"""One network and all that is worked out from it, each thing once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod

from explorer.backward import training_kept
from explorer.depth import depth, weighted_layers
from explorer.diagram import Picture, draw, text_alternative
from explorer.fields import Field, receptive_fields
from explorer.graph import Graph, Shape
from explorer.memory import inference_peak
from explorer.outline import Outline, outline
from explorer.specs import Spec
from explorer.tracing import graph_of
from explorer.views import View, default_view


@dataclass(frozen=True)
class Study:
    spec: Spec
    graph: Graph

    @cached_property
    def outline(self) -> Outline:
        return outline(self.graph)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        return receptive_fields(self.graph)

    @cached_property
    def field(self) -> Field:
        """The widest before the image is brought together in one place."""
        return max(self.fields.values(), key=lambda field: field.size)

    @cached_property
    def sees_all(self) -> bool:
        """Whether a map, not only the vector after it, depends on the whole image: by attention, or by gates."""
        return any(self.fields[node.name].whole and positions(node.shape) > 1 for node in self.graph.nodes)

    @cached_property
    def depth(self) -> int:
        return depth(self.graph)

    @cached_property
    def weighted_layers(self) -> int:
        return weighted_layers(self.graph)

    @cached_property
    def peak(self) -> int:
        """Bytes of activations at the fullest moment of inference, one image, fp32."""
        return inference_peak(self.graph).bytes

    @cached_property
    def kept(self) -> int:
        """Bytes of activations that training keeps for the backward pass, one image, fp32."""
        return training_kept(self.graph).bytes

    @cached_property
    def words(self) -> str:
        """The picture as a nested list."""
        return text_alternative(self.outline)

    @cached_property
    def view(self) -> View:
        """What is open before anybody opens anything."""
        return default_view(self.outline)


def positions(shape: Shape) -> int:
    """Of a map (C, H, W), or of tokens (T, D)."""
    return prod(shape[1:]) if len(shape) == 3 else shape[0] if len(shape) == 2 else 1


@lru_cache(maxsize=128)
def study(spec: Spec) -> Study:
    """Raises `ValueError` with a reason where the network cannot be built."""
    return Study(spec, graph_of(spec))


@lru_cache(maxsize=256)
def picture(spec: Spec, view: View) -> Picture:
    """Raises `ValueError` where there is too much to draw."""
    known = study(spec)
    return draw(known.outline, view, {name: round(field.size[0]) for name, field in known.fields.items()})
