"""Why a network stopped: in a sentence that says what it means and what to do, in place of PyTorch's own words."""

import re
from dataclasses import dataclass

from torch import Tensor, nn

from explorer.graph.graph import Graph
from explorer.tracing.op_attributes import function_name
from explorer.tracing.recorder import Recorder

NUMBERS = (
    "how it goes on depends on the numbers in the image, and the picture is drawn from shapes alone. Leave that "
    "question out of forward(), or show the part before it"
)
NOT_HERE = "it wants the numbers themselves, and the picture is drawn from shapes alone. Do this outside of forward()"
UNKNOWN = (
    "what it puts out is known only once it runs on numbers, and the picture is drawn from shapes alone. Show the part "
    "before it"
)
TOO_SMALL = "the map has become smaller than the filter. Give a larger image, or fewer poolings and strides"
# What PyTorch says, and what that means; the parts in brackets are put into it.
MEANINGS = tuple(
    (re.compile(pattern, re.DOTALL), meaning)
    for pattern, meaning in (
        (r"can't convert meta device type tensor to numpy|Cannot copy out of meta tensor", NOT_HERE),
        (r"register_meta function|data-dependent|item\(\) cannot be called on meta|_local_scalar_dense", NUMBERS),
        (r"no fake impl or Meta kernel|with arguments from the 'Meta' backend|not implemented for 'Meta'", UNKNOWN),
        (
            r"same reduction dim, but got \[.*?(\d+)\] X \[(\d+)",
            "it takes {1} numbers and was given {0}. Make the layer for {0}, or change what comes before it",
        ),
        (
            r"shapes cannot be multiplied \(\d+x(\d+) and (\d+)x",
            "it takes {1} numbers and was given {0}. Make the layer for {0}, or change what comes before it",
        ),
        (
            r"to have (\d+) channels, but got (\d+) channels",
            "it takes {0} channels and was given {1}. Make the layer for {1}, or change what comes before it",
        ),
        (
            r"Invalid channel dimensions",
            "its filters are for another number of channels. Make the layer for as many as it is given",
        ),
        (
            r"running_mean should contain (\d+) elements not (\d+)",
            "it was made for {1} channels and was given {0}. Make the norm for {0}",
        ),
        (r"Kernel size can't be greater than actual input|Output size is too small", TOO_SMALL),
        (
            r"broadcast a dimension of length|must match the size of tensor",
            "what it should put together has different sides. Give both the same shape, by a stride, a padding or a "
            "projection",
        ),
        (
            r"Sizes of tensors must match except in dimension (\d+)",
            "what it should put side by side differs in more than one side. Only dimension {0} may differ",
        ),
        (
            r"invalid for input of size (\d+)",
            "it was given {0} numbers, which do not fill that shape. Give a shape of {0} numbers, or -1 for one side",
        ),
        (
            r"Expected 3D \(unbatched\) or 4D \(batched\) input",
            "it takes a picture: channels, height and width. Give an input of three sides, as 3,224,224",
        ),
        (
            r"one of the following scalar types: Long, Int",
            "it takes whole numbers, such as words by their numbers. Give the input that type, as in tokens=16:int64",
        ),
    )
)


def wants_numbers(graph: Graph) -> bool:
    """Whether it broke because there were none: on real ones it goes on."""
    return any(reason in graph.broken for reason in (NUMBERS, NOT_HERE, UNKNOWN))


@dataclass(frozen=True)
class TraceFailure:
    sentence: str  # which layer stopped, on which shapes, and why
    said: str = ""  # what PyTorch said, where the sentence puts it in other words


def explain_failure(recorder: Recorder, model: nn.Module, error: Exception) -> TraceFailure:
    latest, path = recorder.stopped
    path = path if error is latest else ""
    kind = type(model.get_submodule(path)).__name__
    func, tensors = recorder.last
    given = " and ".join(tensor_words(recorder, tensor) for tensor in tensors) or "nothing"
    stopped = f"stopped at {function_name(func)} on {given}" if func else "stopped before its first operation"
    where = f"{path} ({kind})" if path else f"The network ({kind})"
    said = str(error).strip() or type(error).__name__
    meaning = meaning_of(said)
    return TraceFailure(
        f"{where} {stopped}: {f'{meaning}.' if meaning else said.splitlines()[0]}", said if meaning else ""
    )


def tensor_words(recorder: Recorder, tensor: Tensor) -> str:
    """Its shape; of what went in, where that has a name, the name too."""
    shape = "×".join(map(str, tensor.shape)) or "a single number"
    maker = recorder.makers.get(id(tensor))
    named = dict(recorder.nodes[int(maker[0])].attributes).get("argument") if maker else None
    return f"{shape} (the input “{named}”)" if named else shape


def meaning_of(said: str) -> str:
    """In other words; empty for what somebody's own code says."""
    found = ((meaning, pattern.search(said)) for pattern, meaning in MEANINGS)
    return next((meaning.format(*match.groups()) for meaning, match in found if match), "")
