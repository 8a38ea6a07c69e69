"""He et al.'s warm-up: a low rate until the training error has come below 80 %, 2015, Sec. 4.2."""

ENOUGH = 0.8
MEMORY = 0.95  # of the running mean of the batches' errors, one batch being too few to judge by


class WarmUp:
    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self.running_error = 1.0
        self.over = rate is None

    def note(self, error: float) -> None:
        self.running_error = MEMORY * self.running_error + (1 - MEMORY) * error
        self.over = self.over or self.running_error < ENOUGH

    def state(self) -> dict[str, float | bool]:
        return {"running_error": self.running_error, "over": self.over}

    def restore(self, state: dict[str, float | bool]) -> None:
        self.running_error, self.over = float(state["running_error"]), bool(state["over"])
