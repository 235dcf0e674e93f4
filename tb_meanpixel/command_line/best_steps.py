"""The steps at which a stream was at its best: there a checkpoint is worth keeping."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from tb_meanpixel.findings.history import History
from tb_meanpixel.statistics.histogram import FloatArray

By = Literal["drift", "loss"]
BY: tuple[By, ...] = ("drift", "loss")


class BestStep(NamedTuple):
    """The step with the least value, the first of several."""

    step: int
    value: float


def best_step(history: History, by: By) -> BestStep | None:
    """The step with the least drift or loss; None if there is no finite value.

    The drift is how far the distribution of the outputs lies from that of the references: a
    distance, so the least one is the best.
    """
    values: FloatArray = history.loss if by == "loss" else history.score("drift")
    finite = np.where(np.isfinite(values), values, np.inf)
    if not np.isfinite(finite).any():
        return None
    index = int(np.argmin(finite))
    return BestStep(int(history.steps[index]), float(values[index]))
