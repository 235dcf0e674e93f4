"""Validation beside training: how much outputs vary in inference mode against training mode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.losses import at_steps
from tb_meanpixel.statistics.histogram import FloatArray

#: The name of the ratio among the scores of a history. No file holds it: it is of two streams.
MODE_GAP = "mode_gap"


def with_mode_gap(histories: Sequence[History]) -> list[History]:
    """The histories of a run; those of a validation with their ratio to the training.

    The ratio is the spread of the outputs' pixels as a share of the references', over the same
    share of the training stream: what augmentation does is in both of its parts. 1 is no gap.
    """
    by_name = {history.stream: history for history in histories}
    found = []
    for history in histories:
        head, line, tail = history.stream.partition("_")
        training = by_name.get(f"train{line}{tail}") if head == "validation" else None
        if training is None or not (history.paired and training.paired):
            found.append(history)
            continue
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = _spread(history) / at_steps(history.steps, _Spread(training))
        found.append(replace(history, scores={**history.scores, (MODE_GAP, ""): ratio}))
    return found


def _spread(history: History) -> FloatArray:
    """Spread of the outputs' pixels as a share of the references', inside channels.

    A tint would hide a gap: it is a spread between channels that no mode changes.
    """
    names = history.channels[1:] or ("",)
    squares = [
        np.mean([history.score(f"{side}_std", name) ** 2 for name in names], axis=0)
        for side in ("output", "reference")
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt(squares[0] / squares[1]))


class _Spread:
    """The same as a series by step."""

    def __init__(self, history: History) -> None:
        self.steps, self.values = history.steps, _spread(history)
