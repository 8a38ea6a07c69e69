"""The networks behind the stage: B0 after φ = 0 to 7 in steps of a quarter, and B0 to B7 as they were shipped."""

from collections.abc import Mapping
from functools import lru_cache

from explorer.models.spec import Spec
from explorer.scaling.base_models import BASES, SIDE, preset_spec
from explorer.scaling.compound_law import PAPER, implied

QUARTERS = tuple(step / 4 for step in range(29))
SHIPPED = range(8)


@lru_cache(maxsize=1)
def exact_specs() -> Mapping[float, Spec]:
    """By φ."""
    return {phi: BASES["EfficientNet-B0"].at(PAPER, phi).spec for phi in QUARTERS}


@lru_cache(maxsize=1)
def shipped_specs() -> Mapping[int, Spec]:
    """By k of Bk."""
    return {index: preset_spec(index) for index in SHIPPED}


@lru_cache(maxsize=1)
def ordered_specs() -> tuple[Spec, ...]:
    """Both ends first, then the whole numbers, then what was shipped, then what lies between."""
    exact = exact_specs()
    ends, whole = (0.0, 7.0), tuple(float(step) for step in range(1, 7))
    halves = tuple(phi for phi in QUARTERS if phi % 1 == 0.5)
    rest = tuple(phi for phi in QUARTERS if phi % 0.5)
    order = [exact[phi] for phi in (*ends, *whole)] + list(shipped_specs().values())
    return tuple(dict.fromkeys((*order, *(exact[phi] for phi in (*halves, *rest)))))  # B0 is φ = 0


def factors_of(spec: Spec) -> tuple[float, float, float]:
    """Depth, width and resolution of a shipped network beside B0's."""
    options = dict(spec.options)
    return options["depth"], options["width"], options["image_size"] / SIDE


def implied_phis(spec: Spec) -> tuple[float, float, float]:
    """Which φ its depth, its width and its resolution stand for."""
    depth, width, resolution = factors_of(spec)
    return implied(depth, PAPER.alpha), implied(width, PAPER.beta), implied(resolution, PAPER.gamma)
