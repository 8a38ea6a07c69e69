"""A constructor's signature, read as a form: what each argument may be, in words, on screen and in a link."""

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from model_defs.architecture import Span

LABELS = {
    "phi": "φ",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "se_ratio": "Share of channels inside the gate",
    "mlp": "Width inside the MLP, times a token’s",
    "last": "Channels of the last convolution",
    "last_gamma": "γ at which a block’s last norm begins",
    "tensorflow_norm": "Norms with TensorFlow’s constants",
    "convs": "Convolutions in each stage",
    "hidden": "Width of the hidden layers",
    "group_width": "Channels a group",
    "stride_in": "Halves the map in its",
    "option": "Where the shape changes (A: zeros, B: 1×1)",
}


@dataclass(frozen=True)
class Option:
    """One argument, and the values it may take: either `choices` or a `span`, for `length` numbers at once."""

    name: str
    default: Any
    choices: tuple[Any, ...] = ()
    span: Span | None = None
    length: int = 0  # 0: one value; n: a tuple of n

    @property
    def whole(self) -> bool:
        """Whether its numbers are integers."""
        return isinstance(self.default[0] if self.length else self.default, int)

    @property
    def label(self) -> str:
        return LABELS.get(self.name) or self.name.replace("_", " ").capitalize()

    @property
    def offer(self) -> str:
        """What it may be, in words."""
        if self.span:
            low, high, step = (self.spell_one(number) for number in self.span)
            steps = "" if step == "1" else f" in steps of {step}"
            several = f"{self.length} numbers, each " if self.length else "a number "
            return f"{several}from {low} to {high}{steps}"
        return "one of " + ", ".join(self.spell(choice) for choice in self.choices)

    def spell(self, value: Any) -> str:
        """The value as it stands in a link."""
        return "-".join(map(self.spell_one, value)) if self.length else self.spell_one(value)

    def spell_one(self, value: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return f"{value:g}" if isinstance(value, float) else str(value)

    def parse(self, text: str) -> Any:
        """The value spelled out in a link. Raises `ValueError` with what would do instead."""
        for choice in self.choices:
            if self.spell(choice) == text:
                return choice
        try:
            return self.numbers(text)
        except (ValueError, OverflowError):
            raise ValueError(f"“{self.label}” cannot be “{text[:40]}”: it is {self.offer}.") from None

    def numbers(self, text: str) -> Any:
        values = tuple((int if self.whole else float)(part) for part in (text.split("-") if self.length else [text]))
        if self.span is None or len(values) != max(self.length, 1) or not all(map(self.holds, values)):
            raise ValueError
        return values if self.length else values[0]

    def bounds(self, value: Any) -> bool:
        """Whether it is one of the choices, or no number in it is larger than the span's largest."""
        if self.span is None:
            return value in self.choices
        numbers, high = value if self.length else (value,), self.span.high
        right = isinstance(numbers, tuple) and len(numbers) == max(self.length, 1)
        return right and all(type(number) in (int, float) and 0 <= number <= high for number in numbers)

    def holds(self, number: float) -> bool:
        """Whether the number lies on the span: between its ends, a whole number of steps from the low one."""
        assert self.span
        low, high, step = self.span
        return low <= number <= high and abs((steps := (number - low) / step) - round(steps)) < 1e-6


def options_of(build: Callable[..., Any]) -> tuple[Option, ...]:
    """The keyword arguments of a constructor that say in their type what they offer."""
    hints = typing.get_type_hints(build.__init__ if inspect.isclass(build) else build, include_extras=True)
    parameters = inspect.signature(build).parameters.values()
    read = (option(p.name, p.default, hints.get(p.name)) for p in parameters)
    return tuple(each for each in read if each is not None)


def option(name: str, default: Any, hint: Any) -> Option | None:
    if hint is bool:
        return Option(name, default, (False, True))
    if typing.get_origin(hint) is Literal:
        return Option(name, default, typing.get_args(hint))
    if typing.get_origin(hint) is Annotated:
        length = len(typing.get_args(hint.__origin__)) if typing.get_origin(hint.__origin__) is tuple else 0
        return Option(name, default, span=hint.__metadata__[0], length=length)
    return None
