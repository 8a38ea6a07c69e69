"""What one takes home: the Python that builds this network, and its ONNX file."""

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from explorer.models.selection import ModelSelection
from explorer.models.sources import OWN
from explorer.models.spec import Spec, build, hand_over
from explorer.models.torchvision_tasks import builder_arguments
from explorer.subprocess_client import ProcessEnded, SubprocessClient

ONNX_WORKER = "explorer.models.onnx_export_worker"
ONNX_SECONDS = 300
ONE_AT_A_TIME = threading.Lock()  # each holds all weights several times over, and a class may press at once


def python_lines(spec: Spec) -> str:
    """The lines that build this very network; none for one that lives in another program."""
    values = dict(spec.options)
    if spec.source == "torchvision":
        size = values.pop("image_size", None)
        if spec.name.startswith("vit_") and size:
            values["image_size"] = size
        given = arguments({"weights": None} | values)
        return f"import torchvision\n\nmodel = torchvision.models.{spec.name}({given})\n"
    if spec.source == "tasks":
        given = arguments(builder_arguments(spec.name, values))
        return f"import torchvision\n\nmodel = torchvision.models.get_model({spec.name!r}, {given})\n"
    if spec.source == "timm":
        values.pop("image_size", None)
        rest = arguments({"pretrained": False} | values)
        return f"import timm\n\nmodel = timm.create_model({spec.name!r}, {rest})\n"
    if spec.source == "own":
        return OWN[spec.name].python
    return (
        "# run where the explorer's folder model_defs lies\nfrom model_defs import CATALOG\n\n"
        f"model = CATALOG[{spec.name!r}].build({arguments(values)})\n"
    )


def arguments(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


@contextmanager
def export_turn() -> Iterator[None]:
    if not ONE_AT_A_TIME.acquire(timeout=5):
        raise ValueError("Another network is being exported just now: try again in a minute.")
    try:
        yield
    finally:
        ONE_AT_A_TIME.release()


def onnx(place: ModelSelection) -> bytes:
    """The network as an ONNX file without trained weights, as Netron opens it.

    The exporter changes things for the whole process while it runs, so it gets a process of its own.
    Raises `ValueError` with a sentence if it fails or takes too long.
    """
    network = hand_over(place.spec)
    build(place.spec, "meta")  # refuse early, with the reason
    client = SubprocessClient(ONNX_WORKER)
    with export_turn(), tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "network.onnx")
        try:
            problem = client.request((network, str(target)), ONNX_SECONDS)["problem"]
        except TimeoutError:
            raise ValueError(f"The ONNX export took more than {ONNX_SECONDS} s: try a smaller network.") from None
        except ProcessEnded as ended:
            problem = str(ended)
        finally:
            client.end()
        if problem:
            raise ValueError(f"PyTorch could not export {place.title} to ONNX: {problem}")
        return target.read_bytes()
