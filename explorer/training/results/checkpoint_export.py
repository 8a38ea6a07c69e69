"""What one takes home from a run: its weights as a file that runs no code, and the lines that load it."""

from safetensors.torch import save

from explorer.models.onnx_export import python_lines
from explorer.training.plan import Plan, fitted
from explorer.training.results.predictions import CHECKPOINT, Answers
from explorer.training.runs.pretrained_weights import loaded
from explorer.training.runs.store import Store


def checkpoints(store: Store, runs: tuple[str, ...]) -> dict[str, int]:
    """The step of the checkpoint of each run that has one; the weights themselves are not read."""
    marks = ", ".join("?" * len(runs))
    with store.connection() as connection:
        query = f"SELECT run, step FROM checkpoints WHERE run IN ({marks})"
        return dict(connection.execute(query, runs).fetchall())


def noted(store: Store, run: str, step: int) -> float | None:
    """The test error that the run measured at that step, 0 … 1, if it was tested there."""
    with store.connection() as connection:
        row = connection.execute("SELECT test_error FROM steps WHERE run = ? AND step = ?", (run, step)).fetchone()
    return row[0] if row else None


def safetensors_bytes(checkpoint: bytes, about: dict[str, str]) -> bytes:
    """The network's tensors as safetensors, with `about` in the file's head; the optimiser's are left behind."""
    model = loaded(checkpoint, CHECKPOINT)["model"]
    # In rows, not channels last, and none sharing memory with another: the format knows neither.
    tensors = {name: tensor.contiguous().clone() for name, tensor in model.items()}
    return save(tensors, {"format": "pt"} | about)


def loading_lines(plan: Plan, known: Answers, file: str) -> str:
    """Python that builds this very network with its weights; only the latter where it cannot be built elsewhere."""
    channels, size, _ = known.shape
    build = python_lines(fitted(plan.spec, channels, size, len(known.classes)))
    shape = ", ".join(map(str, known.shape))
    return (
        f"{build or '# model = …: the network itself is in the program that showed it'}\n"
        "import torch\nfrom safetensors.torch import load_file\n\n"
        f'model.load_state_dict(load_file("{file}"))\nmodel.eval()\n\n'
        f"# It takes pictures (N, {shape}) with white as 1, after (pictures - mean) / std.\n"
        f"mean = torch.tensor({round_values(known.mean)})[:, None, None]\n"
        f"std = torch.tensor({round_values(known.std)})[:, None, None]\n"
    )


def round_values(values: tuple[float, ...]) -> list[float]:
    return [round(value, 6) for value in values]
