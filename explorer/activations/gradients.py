"""One picture through a network, and the way back: the gradient of any number that it computed, at any operation."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge

from explorer.activations.activations import ActivationRecorder, Activations, record_run
from explorer.tracing.recorder import Notes

NO_WAY = "no gradient comes back through this network: {}"


class GradientRecorder(ActivationRecorder):
    """Remembers of each output where its gradient will pass, before something is written over it in place."""

    def __init__(self, model: nn.Module, numbers: dict[str, Tensor]) -> None:
        super().__init__(model, numbers)
        self.edges: dict[str, GradientEdge] = {}
        self.shapes: dict[str, torch.Size] = {}

    def note(self, op: str, outs: list[Tensor], notes: Notes) -> None:
        super().note(op, outs, notes)
        if outs[0].requires_grad:
            self.edges[self.nodes[-1].name] = get_gradient_edge(outs[0])
            self.shapes[self.nodes[-1].name] = outs[0].shape


@dataclass(frozen=True, eq=False)
class GradientRun:
    """Of one picture. It holds on to all that the way back needs."""

    seen: Activations
    edges: dict[str, GradientEdge]
    shapes: dict[str, torch.Size]  # of the same outputs, with the batch, which need not stand in front

    def gradients(self, node: str, seed: Tensor, at: Sequence[str]) -> list[Tensor]:
        """Of the sum of `seed` × the output of `node`, with respect to the outputs of the nodes `at`: each of its
        node's shape; 0 where nothing of it comes by.

        Raises `ValueError` with a sentence where the network has no way back.
        """
        found = [torch.zeros_like(self.seen.outputs[name], dtype=torch.float32) for name in at]
        there = [place for place, name in enumerate(at) if name in self.edges]
        if node not in self.edges or not there:
            return found
        ends = [self.edges[at[place]] for place in there]
        try:
            shaped = seed.reshape(self.shapes[node])
            given = torch.autograd.grad([self.edges[node]], ends, [shaped], retain_graph=True, allow_unused=True)
        except RuntimeError as error:
            raise ValueError(NO_WAY.format(str(error).split("\n")[0][:120])) from None
        for place, each in zip(there, given, strict=True):
            if each is not None:
                found[place] = each.detach().reshape(found[place].shape)
        return found

    def one_number(self, node: str, index: tuple[int, ...], at: Sequence[str]) -> list[Tensor]:
        """Of the number at `index` of the node's output."""
        seed = torch.zeros_like(self.seen.outputs[node], dtype=torch.float32)
        seed[index] = 1
        return self.gradients(node, seed, at)


def gradient_run(model: nn.Module, image: Tensor) -> GradientRun:
    """`image`: (C, H, W) of numbers as the network takes them. The parameters' own gradients stay as they are.

    Raises `ValueError` with a sentence where the network stops, or would need too much memory.
    """
    with torch.enable_grad():
        given = (
            image.detach().clone().requires_grad_().clone()
        )  # which may be written over, as one that is asked may not
    recorder, seen, names = record_run(GradientRecorder, model, given, gradients=True)
    edges = {names[name]: edge for name, edge in recorder.edges.items() if name in names}
    return GradientRun(seen, edges, {names[name]: shape for name, shape in recorder.shapes.items() if name in names})
