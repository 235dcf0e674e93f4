"""Stretches of records in which something holds, and which of them are worth a finding.

docs/findings/how.md tells the rules in words.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.statistics.histogram import FloatArray

Flags = npt.NDArray[np.bool_]


class Episode(NamedTuple):
    """Indices of the first and the last record of a stretch."""

    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Sign:
    """What is wrong at each record, and how much.

    Attributes:
        wrong: bool `(n,)`, where the state begins.
        badness: float64 `(n,)`, how wrong; less is better.
        limit: badness at which the state is over.
        still: bool `(n,)`, where a state that has begun goes on: it ends at a lower level than
            it begins, or it would come and go with the noise. None: `wrong`.
        obvious: bool `(n,)`, where no image is of any use: nobody needs to wait. None: nowhere.
    """

    wrong: Flags
    badness: FloatArray
    limit: float
    still: Flags | None = None
    obvious: Flags | None = None


@dataclass(frozen=True)
class Verdict:
    """The episodes of a sign, the worst first; or one that has not lasted long enough yet.

    Attributes:
        episodes: at least one.
        needed: records that an early one must last; 0 where the episodes are certain.
    """

    episodes: tuple[Episode, ...]
    needed: int = 0

    @property
    def main(self) -> Episode:
        """The worst episode, or one that goes on and is nearly as bad."""
        return self.episodes[0]

    @property
    def is_early(self) -> bool:
        """Whether it is too early to tell."""
        return self.needed > 0


def stretches(condition: Flags) -> list[Episode]:
    """All stretches in which a condition `(n,)` holds.

    Example:
        >>> stretches(np.array([True, False, True, True]))
        [Episode(first=0, last=0), Episode(first=2, last=3)]
    """
    changes = np.flatnonzero(np.diff(np.concatenate([[False], condition, [False]])))
    return [Episode(int(first), int(end) - 1) for first, end in changes.reshape(-1, 2)]


def judge(
    sign: Sign, history: History, thresholds: Thresholds, *, patience: int | None = None
) -> Verdict | None:
    """Which stretches of a sign are worth a finding; None where it is all well.

    Untrained models look bad, and those that learn fast wander. So the earlier a stretch
    begins, the longer it must last, and while an early one gets better, and would be over soon,
    nothing is said. What has been said stays said until the stretch ends. A stretch of the very
    start, or of the time in which the loss fell most, that has ended was learning.

    Args:
        sign: what is wrong where.
        history: of the stream.
        thresholds: `lasting`, `early` and `settled`, in records.
        patience: records that an early stretch must last at most; None: `settled`.
    """
    patience = thresholds.settled if patience is None else patience
    learned = learning_records(history, thresholds)
    found: list[Episode] = []
    early: Verdict | None = None
    for episode in _with_hysteresis(sign):
        length = episode.last - episode.first + 1
        goes_on = episode.last == len(sign.wrong) - 1
        needed = _needed(episode.first, thresholds, patience, learned)
        is_obvious = sign.obvious is not None and bool(
            sign.obvious[episode.first : episode.last + 1].mean() > 0.5
        )
        if is_obvious:
            needed = thresholds.lasting
        began_early = episode.first < max(thresholds.settled, learned)
        if not goes_on and (episode.first < thresholds.early or episode.last < learned):
            continue
        if length < needed:
            if goes_on and length >= min(thresholds.lasting, needed):
                early = Verdict((episode,), needed)
            continue
        if (
            began_early
            and not is_obvious
            and not _was_ever_steady(sign, episode, needed, thresholds)
        ):
            continue
        found.append(episode)
    if found:
        return Verdict(_worst_first(found, sign))
    return early


@functools.lru_cache(maxsize=1)  # every sign of a history asks for it
def learning_records(history: History, thresholds: Thresholds) -> int:
    """Records until the loss has made nine tenths of its way; 0 where it is not known.

    A run that is recorded densely has many records of a model that has hardly begun.
    """
    loss = history.loss
    known = np.flatnonzero(np.isfinite(loss))
    if len(known) < 2 * thresholds.settled:
        return 0
    values = loss[known]
    window = min(5, len(values) // 4)
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(values, window), axis=-1)
    fall = smooth[0] - smooth.min()
    if not fall > 0:
        return 0
    there = np.flatnonzero(smooth <= smooth[0] - 0.9 * fall)
    return int(known[there[0]])


def _with_hysteresis(sign: Sign) -> list[Episode]:
    """Stretches that begin where it is wrong, and end where it is not even still so."""
    if sign.still is None:
        return stretches(sign.wrong)
    episodes = []
    for stretch in stretches(sign.wrong | sign.still):
        begins = np.flatnonzero(sign.wrong[stretch.first : stretch.last + 1])
        if begins.size:
            episodes.append(Episode(stretch.first + int(begins[0]), stretch.last))
    return episodes


def _needed(first: int, thresholds: Thresholds, patience: int, learned: int) -> int:
    if first >= max(thresholds.settled, learned):
        return thresholds.lasting
    return min(patience, thresholds.early if first >= thresholds.early else patience)


def _was_ever_steady(sign: Sign, episode: Episode, needed: int, thresholds: Thresholds) -> bool:
    """Whether at some record, once it had lasted long enough, it was not about to be over."""
    values = sign.badness[episode.first : episode.last + 1]
    ends = range(needed, len(values) + 1)
    return any(not _is_ending(values[:end], sign.limit, thresholds) for end in ends)


def _is_ending(values: FloatArray, limit: float, thresholds: Thresholds) -> bool:
    """Whether it gets clearly better, so fast that it will soon be over."""
    count = min(thresholds.lasting, len(values) // 2)
    if count == 0:
        return False
    before, now = values[-2 * count : -count].mean(), values[-count:].mean()
    if not now < 0.9 * before:
        return False
    return bool(now - limit <= (before - now) / count * thresholds.settled)


def _worst_first(episodes: list[Episode], sign: Sign) -> tuple[Episode, ...]:
    """By how bad they were; one that goes on comes before those up to twice as bad."""

    def weight(episode: Episode) -> float:
        excess = sign.badness[episode.first : episode.last + 1] - sign.limit
        size = float(np.nanmax(excess)) if np.isfinite(excess).any() else 0.0
        return size * (2 if episode.last == len(sign.wrong) - 1 else 1)

    return tuple(sorted(episodes, key=lambda episode: (-weight(episode), -episode.last)))


def level(values: FloatArray, episode: Episode) -> float:
    """What a score was in an episode: the median of its last half; NaN if unknown.

    Example:
        >>> level(np.array([0.0, 0.1, 0.2, 0.2, 0.2]), Episode(1, 4))
        0.2
    """
    part = values[episode.first : episode.last + 1]
    part = part[len(part) // 2 :]
    part = part[np.isfinite(part)]
    return float(np.median(part)) if part.size else float("nan")


def loss_levels(history: History, episode: Episode) -> tuple[float, float]:
    """Medians of up to 3 losses before the episode and at its end; NaN if one is unknown."""
    loss = history.loss
    before = loss[max(0, episode.first - 3) : max(1, episode.first)]
    now = loss[max(episode.first, episode.last - 2) : episode.last + 1]
    if not np.isfinite(np.concatenate([before, now])).all():
        return float("nan"), float("nan")
    return float(np.median(before)), float(np.median(now))


def loss_change(history: History, episode: Episode) -> float:
    """Change of the loss over the episode, relative to what it was before; NaN if unknown.

    0 where it is within three standard deviations of the loss's own jitter.
    """
    before, now = loss_levels(history, episode)
    if not before:
        return float("nan")
    loss = history.loss[np.isfinite(history.loss)]
    steps = np.diff(loss)
    jitter = (
        1.4826 * float(np.median(np.abs(steps - np.median(steps)))) / 2**0.5 if steps.size else 0.0
    )
    if abs(now - before) <= 3 * jitter:
        return 0.0
    return (now - before) / abs(before)
