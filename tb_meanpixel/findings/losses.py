"""The losses of a run at the steps of a stream: those that a history holds beside the scores."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Protocol

import numpy as np

from tb_meanpixel.findings.curves import LOSS_SPLITS, Curve, loss_curve
from tb_meanpixel.statistics.histogram import FloatArray, IntArray

# Names of a Kullback-Leibler divergence among a run's logs: kl, kl_loss, KLD, train/kl.
_KL = re.compile(r"(?<![a-z])kld?(?![a-z])|kullback", re.IGNORECASE)


class Series(Protocol):
    """Values by step: `steps` is int64 `(n,)`, rising, `values` float64 `(n,)`."""

    @property
    def steps(self) -> IntArray: ...

    @property
    def values(self) -> FloatArray: ...


def losses(steps: IntArray, curves: Mapping[Curve, Series]) -> dict[str, FloatArray]:
    """The loss of each split at some steps, as `History.losses` describes them.

    Args:
        steps: int64 `(n,)`, rising, of the stream.
        curves: of the run, in the order of `with_primary`. Only the steps that a loss
            shares with the stream count.
    """
    found = {}
    for name, split in LOSS_SPLITS.items():
        curve = loss_curve(list(curves), split)
        if curve is not None and np.isin(curves[curve].steps, steps).any():
            found[name] = _carried_forward(steps, curves[curve])
    return found


def has_posterior(curves: Iterable[Curve]) -> bool:
    """Whether one of them is a Kullback-Leibler divergence, as VAEs log it."""
    return any(_KL.search(curve.tag) for curve in curves)


def at_steps(steps: IntArray, series: Series) -> FloatArray:
    """The values at some steps `(n,)`, NaN where the series has none.

    Example:
        >>> from types import SimpleNamespace
        >>> series = SimpleNamespace(steps=np.array([1, 3]), values=np.array([0.5, 0.25]))
        >>> at_steps(np.array([1, 2, 3]), series)
        array([0.5 ,  nan, 0.25])
    """
    if np.array_equal(steps, series.steps):
        return series.values
    joined = np.full(len(steps), np.nan)
    _, here, there = np.intersect1d(steps, series.steps, assume_unique=True, return_indices=True)
    joined[here] = series.values[there]
    return joined


def _carried_forward(steps: IntArray, series: Series) -> FloatArray:
    """The same, but a step between two values has the one before.

    Keras's `validation_freq=2` gives a validation loss in every second epoch. After the last
    value it is carried as far as between any two.
    """
    joined = at_steps(steps, series)
    (known,) = np.nonzero(np.isin(steps, series.steps))
    places = np.arange(len(steps))
    latest = known[np.maximum(np.searchsorted(known, places, "right") - 1, 0)]
    apart = np.diff(known).max(initial=1)
    carried = (latest <= places) & (places - latest < apart)
    return np.where(carried, joined[latest], np.nan)
