"""Where a difference is no accident of which images were drawn."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from tb_meanpixel.findings.episodes import Flags
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.thresholds import Thresholds

# Findings of samples that are tested: together they hold the level.
_TESTS = 8


def is_sure(
    history: History, thresholds: Thresholds, name: str, channel: str = "", *, looked_at: int = 1
) -> Flags:
    """Where the p-value `name` is small enough `(n,)`, for so many channels looked at.

    Of pairs only `bias_p` and `cast_p` are tested. Where no p-value was recorded, as by older
    versions, a bias of pairs is tested by its `paired_t`, and all else counts as sure; where it
    is undefined there are too few images to tell.
    """
    level = thresholds.p / looked_at
    if not history.paired:
        level /= _TESTS
    if (name, channel) in history.scores and (history.has("image_count") or not history.paired):
        return np.asarray(history.score(name, channel) < level)
    if history.paired and name in ("bias_p", "cast_p"):
        t = np.abs(history.score("paired_t", channel))
        return ~(t < NormalDist().inv_cdf(1 - level / 2))
    return np.ones(len(history.steps), bool)


def are_samples_sure(history: History, thresholds: Thresholds, name: str) -> Flags:
    """The same for scores that pairs need no test of: there both sides are the same images."""
    if history.paired:
        return np.ones(len(history.steps), bool)
    return is_sure(history, thresholds, name)
