"""What there is to ask of tensors, modules and functions while a network runs."""

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

from explorer.graph import Shape


def parameter_names(modules: list[tuple[str, nn.Module]]) -> Iterator[tuple[int, str]]:
    """Each parameter's id and its full name; of a shared one, the first."""
    seen: set[int] = set()
    for path, module in modules:
        for name, parameter in module._parameters.items():
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                yield id(parameter), f"{path}.{name}" if path else name


def is_layer(module: nn.Module) -> bool:
    """PyTorch's own childless modules are drawn whole; containers and everybody else's modules are opened."""
    return not module._modules and type(module).__module__.startswith("torch.nn.modules")


def called(func: Any) -> str:
    """The name of a torch function, of an operator ("add") or of a property ("T")."""
    name = getattr(func, "__name__", type(func).__name__)
    if name == "__get__":
        name = getattr(func.__self__, "__name__", name)
    return name.strip("_")


def memory_of(tensor: Tensor) -> int:
    """Equal for tensors that share memory, on `meta` too, where no memory has an address."""
    return tensor.untyped_storage()._cdata


def image_shape(out: Tensor) -> Shape:
    """Without the batch of one, where it stands in front; windows folded into the batch stay."""
    shape = tuple(out.shape)
    return shape[1:] if shape[:1] == (1,) else shape


def moved(tree: Any) -> Any:
    """Constants that a forward makes on the CPU go where the network is."""
    if isinstance(tree, Tensor):
        return tree if tree.is_meta else tree.to("meta")
    if isinstance(tree, dict):
        return {key: moved(value) for key, value in tree.items()}
    return type(tree)(map(moved, tree)) if type(tree) in (tuple, list) else tree


def collect(tree: tuple[Any, ...] | list[Any], into: list[Tensor]) -> None:
    """All tensors in nested tuples, lists and dicts, in order."""
    for leaf in tree:
        if isinstance(leaf, Tensor):
            into.append(leaf)
        elif isinstance(leaf, tuple | list):
            collect(leaf, into)
        elif isinstance(leaf, dict):
            collect(tuple(leaf.values()), into)
