"""The ready-made experiments, in the order of the menu."""

from explorer.training.experiments.depth import DEGRADATION, LADDER, PRE_ACTIVATION, SURGERY
from explorer.training.experiments.equal_macs import SCALING
from explorer.training.experiments.exercises import EXERCISE_1, EXERCISE_2, EXERCISE_3, EXERCISE_5, OWN
from explorer.training.experiments.experiment import Experiment
from explorer.training.experiments.transfer import TRANSFER

EXPERIMENTS: dict[str, Experiment] = {
    each.key: each
    for each in (
        DEGRADATION,
        EXERCISE_1,
        EXERCISE_2,
        EXERCISE_3,
        EXERCISE_5,
        LADDER,
        PRE_ACTIVATION,
        SURGERY,
        SCALING,
        TRANSFER,
        OWN,
    )
}
