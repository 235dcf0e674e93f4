"""Stretches of steps in which something holds, and what the loss did meanwhile."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.statistics.histogram import FloatArray


class Episode(NamedTuple):
    """Indices of the first and the last record of a stretch."""

    first: int
    last: int


def stretches(condition: npt.NDArray[np.bool_]) -> list[Episode]:
    """All stretches in which a condition `(n,)` holds.

    Example:
        >>> stretches(np.array([True, False, True, True]))
        [Episode(first=0, last=0), Episode(first=2, last=3)]
    """
    changes = np.flatnonzero(np.diff(np.concatenate([[False], condition, [False]])))
    return [Episode(int(first), int(end) - 1) for first, end in changes.reshape(-1, 2)]


def lasting(
    condition: npt.NDArray[np.bool_],
    badness: FloatArray,
    thresholds: Thresholds,
    *,
    patience: int | None = None,
) -> Episode | None:
    """The stretch that is worth a finding: the one that goes on, else the latest one.

    Untrained models look bad, and those that learn fast wander. So the earlier a
    stretch begins, the longer it must last. One that begins before the model has
    settled counts only while `badness` (less is better) no longer falls, and one from
    the very start only if it goes on.

    Args:
        condition: bool `(n,)`, where something is wrong.
        badness: float64 `(n,)`, how wrong.
        thresholds: `lasting`, `early` and `settled`, in records.
        patience: records that an early stretch must last at most; None: `settled`.
    """
    patience = thresholds.settled if patience is None else patience
    for first, last in reversed(stretches(condition)):
        goes_on = last == len(condition) - 1
        if first >= thresholds.settled:
            needed = thresholds.lasting
        else:
            needed = min(patience, thresholds.early if first >= thresholds.early else patience)
            if not goes_on and first < thresholds.early:
                continue
            if goes_on and _is_falling(badness[first : last + 1], thresholds.lasting):
                continue
        if last - first + 1 >= needed:
            return Episode(first, last)
    return None


def _is_falling(values: FloatArray, count: int) -> bool:
    """Whether the last `count` values lie clearly below those before them."""
    count = min(count, len(values) // 2)
    if count == 0:
        return False
    before, now = values[-2 * count : -count].mean(), values[-count:].mean()
    return bool(now < 0.9 * before)


def loss_levels(history: History, episode: Episode) -> tuple[float, float]:
    """Medians of up to 3 losses before the episode and at its end; NaN if one is unknown."""
    loss = history.loss
    before = loss[max(0, episode.first - 3) : max(1, episode.first)]
    now = loss[max(episode.first, episode.last - 2) : episode.last + 1]
    if not np.isfinite(np.concatenate([before, now])).all():
        return float("nan"), float("nan")
    return float(np.median(before)), float(np.median(now))


def loss_change(history: History, episode: Episode) -> float:
    """Change of the loss over the episode, relative to what it was before; NaN if unknown."""
    before, now = loss_levels(history, episode)
    return (now - before) / abs(before) if before else float("nan")
