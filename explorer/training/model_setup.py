"""The network of a plan, made for its pictures, with the weights that its seed gives it."""

import torch
from torch import Tensor, nn

from explorer.models.spec import build
from explorer.training.dataloader import chance
from explorer.training.plan import Plan, fitted


def build_network(plan: Plan, shape: tuple[int, int, int], classes: int, device: torch.device) -> nn.Module:
    """Made on the CPU, so that a seed starts alike on every device; channels last, which convolutions like best.

    A frozen one never enters training mode: its norms keep their averages, and a picture always has the same features.
    Raises `ValueError` with a sentence if it cannot class pictures of `shape` (C, H, W).
    """
    with chance(plan.recipe.seed, "weights", 0, torch.device("cpu")):
        model = build(fitted(plan.spec, shape[0], shape[1], classes))
    model = model.to(device).to(memory_format=torch.channels_last)
    check_fit(plan.spec.name, model, shape, classes, device)
    if not plan.frozen:
        return model.train()
    last = head_prefix(model)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith(last))
    return model.eval()


def check_fit(name: str, model: nn.Module, shape: tuple[int, int, int], classes: int, device: torch.device) -> None:
    wanted = "×".join(map(str, shape))
    try:
        with torch.no_grad():
            logits = model.eval()(torch.zeros(2, *shape, device=device))
    except Exception as error:
        reason = str(error).split("\n")[0][:160]
        raise ValueError(f"{name} cannot take pictures of {wanted}: {reason}") from error
    found = tuple(logits.shape) if isinstance(logits, torch.Tensor) else ()
    if found != (2, classes):
        raise ValueError(f"{name} does not answer with {classes} numbers a picture, one for each class.")


def weighted_parameters(model: nn.Module) -> dict[str, nn.Parameter]:
    """Name and weight of every layer that multiplies by a matrix or a kernel, first first; norms do not count."""
    return {
        name.removesuffix("weight").rstrip("._") or "weight": parameter
        for name, parameter in model.named_parameters()
        if name.endswith("weight") and parameter.ndim >= 2
    }


def head_prefix(model: nn.Module) -> str:
    """What the names of its last layer's weights begin with: those that belong to the classes."""
    *_, last = weighted_parameters(model)
    return f"{last}."


def take_over(model: nn.Module, weights: dict[str, Tensor]) -> None:
    """All but those of the last layer. Raises `ValueError` with a sentence if they are of another network."""
    last = head_prefix(model)
    backbone = {name: tensor for name, tensor in weights.items() if not name.startswith(last)}
    for name, tensor in model.state_dict().items():
        if name in backbone and backbone[name].shape != tensor.shape:
            found, wanted = ("×".join(map(str, each.shape)) for each in (backbone[name], tensor))
            raise ValueError(f"The weights to start from do not fit these pictures: {name} is {found}, not {wanted}.")
    missing, strange = model.load_state_dict(backbone, strict=False)
    # Older files know no count of batches; nothing depends on it.
    missing = [name for name in missing if not name.startswith(last) and not name.endswith("num_batches_tracked")]
    if missing or strange:
        raise ValueError(f"The weights to start from are of another network: see {(missing + strange)[0]}.")
