"""The weights a network may read: those its modules registered by their names, and those that nobody registered."""

from collections.abc import Iterable, Iterator
from itertools import count

from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from explorer.models.meta_init import unregistered_tensors
from explorer.tracing.tensors import memory_of

UNREGISTERED = "not registered: `parameters()` misses them, so an optimiser will too"
MADE_INSIDE = "made inside forward(): an optimiser that was made before will miss them"
SEARCHES = 32  # through all attributes, at most: each looks at every module


class Weights:
    """Names by the ids of the tensors."""

    def __init__(self, modules: list[tuple[str, nn.Module]], twins: dict[int, Tensor]) -> None:
        self.modules = modules
        self.names = dict(parameter_names(modules))
        self.twins = twins  # the weight here that stands for one of the module handed in, which a closure may read
        self.made: dict[int, Tensor] = {}  # what was made of nothing during the run, by its memory
        self.strange: dict[int, tuple[Tensor, str]] = {}  # read though nobody registered it, with a sentence
        self.numbers, self.searches = count(1), 0
        self.attributes: dict[int, str] = {}

    def known(self, tensor: Tensor) -> Tensor | None:
        """The weight that a tensor no module holds is, from now on by a name; None for what is not learned."""
        if (twin := self.twins.get(id(tensor))) is not None:
            return twin
        if not (tensor.requires_grad and tensor.is_leaf):
            return None
        why = MADE_INSIDE if memory_of(tensor) in self.made else UNREGISTERED
        self.names[id(tensor)] = ""  # a constructor reads a weight before anybody keeps it
        self.strange[id(tensor)] = tensor, why
        return tensor

    def unread(self, counted: set[int]) -> tuple[tuple[str, int], ...]:
        """The parameters that the pass did not reach, with their sizes; `counted` are the ids of those it did."""
        parameters = {id(p): p for _, module in self.modules for p in module._parameters.values() if p is not None}
        unread = ((name, parameters.get(key)) for key, name in self.names.items() if key not in counted)
        return tuple(
            (name, parameter.numel()) for name, parameter in unread if not (parameter is None or is_lazy(parameter))
        )

    def attribute_name(self, tensor: Tensor) -> str:
        """Where a module keeps it without having registered it; a number where none does, as in a closure."""
        if id(tensor) not in self.attributes and self.searches < SEARCHES:
            self.searches += 1
            late = self.modules[0][1].named_parameters()  # those of modules hung in during the run are among them
            found = (*unregistered_tensors(self.modules), *late)
            self.attributes = {id(tensor): name for name, tensor in found}
        return self.attributes.get(id(tensor)) or f"unnamed {next(self.numbers)}"

    def note(self, keys: Iterable[int]) -> str:
        """A sentence on those among these weights that nobody registered; empty where all are."""
        found: dict[str, int] = {}
        for key in keys:
            if key in self.strange:
                tensor, why = self.strange[key]
                self.names[key] = self.names[key] or self.attribute_name(tensor)
                found[why] = found.get(why, 0) + tensor.numel()
        return "; ".join(f"{size:,} parameters {why}" for why, size in found.items())


def parameter_names(modules: list[tuple[str, nn.Module]]) -> Iterator[tuple[int, str]]:
    """Each parameter's id and its full name; of a shared one, the first."""
    seen: set[int] = set()
    for path, module in modules:
        for name, parameter in module._parameters.items():
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                yield id(parameter), f"{path}.{name}" if path else name
