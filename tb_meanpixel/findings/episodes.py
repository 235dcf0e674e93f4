"""Stretches of epochs in which something holds, and how to say when that was."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.findings.words import percent
from tb_meanpixel.statistics.histogram import FloatArray


class Episode(NamedTuple):
    """Indices of the first and the last epoch of a stretch."""

    first: int
    last: int


def stretches(condition: npt.NDArray[np.bool_]) -> list[Episode]:
    """All stretches in which a condition `(epochs,)` holds.

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

    Untrained models look bad, and those that learn fast wander: the earlier a
    stretch begins, the longer it must last. One that begins before the training has
    settled counts only while `badness` (less is better) does not fall any more; one
    from the very start must go on, too. `patience` is for how many epochs at most to
    wait with that, by default until a training has settled.
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


def _is_falling(values: FloatArray, epochs: int) -> bool:
    """Whether the last epochs lie clearly below those before them."""
    epochs = min(epochs, len(values) // 2)
    if epochs == 0:
        return False
    before, now = values[-2 * epochs : -epochs].mean(), values[-epochs:].mean()
    return bool(now < 0.9 * before)


def when(history: History, episode: Episode) -> str:
    """Example: "since epoch 14", "in epochs 14 to 20", "in epoch 3"."""
    first, last = (int(history.steps[index]) for index in episode)
    if episode.last == len(history.steps) - 1 and first != last:
        return f"since epoch {first}"
    return f"in epoch {first}" if first == last else f"in epochs {first} to {last}"


def loss_before_and_now(history: History, episode: Episode) -> tuple[float, float]:
    """Medians of the loss of up to 3 epochs: before the episode, and at its end; NaN if unknown."""
    loss = history.loss
    before = loss[max(0, episode.first - 3) : max(1, episode.first)]
    now = loss[max(episode.first, episode.last - 2) : episode.last + 1]
    if not np.isfinite(np.concatenate([before, now])).all():
        return float("nan"), float("nan")
    return float(np.median(before)), float(np.median(now))


def loss_change(history: History, episode: Episode) -> float:
    """Change of the loss over the episode, relative to what it was before; NaN if unknown."""
    before, now = loss_before_and_now(history, episode)
    return (now - before) / abs(before) if before else float("nan")


def loss_words(history: History, episode: Episode) -> str:
    """What the loss did meanwhile, as the end of a sentence; nothing if it is not known."""
    before, now = loss_before_and_now(history, episode)
    change = loss_change(history, episode)
    if not np.isfinite(change):
        return ""
    if abs(change) < 0.005:
        return ", while the loss stayed as it was"
    moved = "fell" if change < 0 else "rose"
    if abs(change) > 1:  # through zero, or to a multiple: a percentage would say little
        return f", while the loss {moved} from {before:.4g} to {now:.4g}"
    return f", while the loss {moved} {percent(abs(change))}"
