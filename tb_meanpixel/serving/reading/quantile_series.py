"""Quantiles that were recorded of the images' own values, by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tb_meanpixel.schema.metadata import QuantilesTag
from tb_meanpixel.serving.reading.raw_series import RawSeries
from tb_meanpixel.statistics.histogram import FloatArray, IntArray
from tb_meanpixel.statistics.images import Array


@dataclass(frozen=True, eq=False)
class QuantileSeries:
    """Quantiles by step.

    Attributes:
        probabilities: of the columns, rising.
        values: float32 `(n, channels, probabilities)`; NaN where none were recorded.
    """

    probabilities: tuple[float, ...]
    values: Array

    def at(self, index: Any) -> QuantileSeries:
        """Some of the steps or channels."""
        return replace(self, values=self.values[index])

    def quantile(self, probabilities: Sequence[float]) -> FloatArray:
        """`(n, channels, probabilities)`, interpolated between those that were recorded.

        Example:
            >>> values = np.array([[[0.0, 0.5, 2.5]]], np.float32)
            >>> QuantileSeries((0.0, 0.5, 1.0), values).quantile([0.25, 0.5, 0.75]).tolist()
            [[[0.25, 0.5, 1.5]]]
        """
        places = np.interp(probabilities, self.probabilities, range(len(self.probabilities)))
        below = places.astype(int)
        above = np.minimum(below + 1, len(self.probabilities) - 1)
        lower = self.values[..., below].astype(np.float64)
        share = places - below
        # Not lower + share * step: that is NaN where a step is infinite and its share is 0.
        step = np.where(share > 0, self.values[..., above] - lower, 0.0)
        return np.asarray(lower + share * step)

    def levels(self) -> tuple[float, float, Array]:
        """Least and greatest value, and the values as uint16 levels between the two.

        Level k of 0..65534 is `low + k * (high - low) / 65534`; 65535 is an undefined value.

        Example:
            >>> values = np.array([[[0.0, 0.5, np.nan]]], np.float32)
            >>> QuantileSeries((0.0, 0.5, 1.0), values).levels()
            (0.0, 0.5, array([[[    0, 65534, 65535]]], dtype=uint16))
        """
        finite = np.isfinite(self.values)
        if not finite.any():
            return 0.0, 0.0, np.full(self.values.shape, UNDEFINED, "<u2")
        exact = self.values.astype(np.float64)
        low = float(exact.min(where=finite, initial=np.inf))
        high = float(exact.max(where=finite, initial=-np.inf))
        scale = (UNDEFINED - 1) / (high - low) if high > low else 0.0
        levels = np.where(finite, np.rint((exact - low) * scale), UNDEFINED)
        return low, high, levels.astype("<u2")


UNDEFINED = 65535


def decode_quantiles(
    tag: QuantilesTag, series: RawSeries, steps: IntArray
) -> tuple[QuantileSeries, tuple[str, ...]]:
    """The quantiles at the steps of their histograms, and notes on what was left out."""
    shape = (len(tag.stream.channels), len(tag.probabilities))
    array, own_steps, _ = series.tensors(np.dtype("<f4"), shape)
    # Quantiles of a broken file can be anything: these never fall. NaN is of no value at all.
    good = ~(array[..., 1:] < array[..., :-1]).any(axis=(1, 2))
    if (infinite := np.isinf(array).any(axis=-1, keepdims=True)).any():
        array = np.where(infinite, np.float32("nan"), array)
    notes: tuple[str, ...] = ()
    if (lost := len(series.steps) - int(good.sum())) > 0:
        note = (
            f"{lost} steps of {tag.tag} were left out: they are no {shape[1]} rising quantiles of "
            f"{shape[0]} channels. Bins stand for them"
        )
        notes = (note,)
    if good.all() and np.array_equal(own_steps, steps):
        return QuantileSeries(tag.probabilities, array), notes
    values = np.full((len(steps), *shape), np.nan, "<f4")
    _, here, there = np.intersect1d(steps, own_steps[good], True, return_indices=True)
    values[here] = array[good][there]
    return QuantileSeries(tag.probabilities, values), notes
