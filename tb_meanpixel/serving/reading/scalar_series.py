"""Scores and curves by step, as they are kept and sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tb_meanpixel.schema.metadata import ScoreTag
from tb_meanpixel.serving.reading.curves import Curve
from tb_meanpixel.statistics.histogram import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ScalarSeries:
    """Values by step.

    Attributes:
        steps: int64 `(n,)`, rising.
        wall_times: float64 `(n,)`, seconds since 1970.
        values: float64 `(n,)`.
    """

    steps: IntArray
    wall_times: FloatArray
    values: FloatArray

    @property
    def nbytes(self) -> int:
        """What it costs to keep."""
        return self.steps.nbytes + self.wall_times.nbytes + self.values.nbytes

    def until(self, last: int) -> ScalarSeries:
        """Without the steps after `last`."""
        return self._at(slice(np.searchsorted(self.steps, last, "right")))

    def continuing(self, older: ScalarSeries) -> ScalarSeries:
        """After the steps of an older series, which end where this one begins.

        Example:
            >>> values, wall_times = np.array([1.0, 2.0, 3.0]), np.array([7.0, 8.0, 9.0])
            >>> older = ScalarSeries(np.array([0, 1, 2]), wall_times - 5, values)
            >>> ScalarSeries(np.array([2, 3, 4]), wall_times, values * 10).continuing(older).values
            array([ 1.,  2., 10., 20., 30.])
        """
        kept = older.until(int(self.steps[0]) - 1)
        return ScalarSeries(
            np.concatenate([kept.steps, self.steps]),
            np.concatenate([kept.wall_times, self.wall_times]),
            np.concatenate([kept.values, self.values]),
        )

    def without(self, wall_times: FloatArray | None) -> ScalarSeries:
        """Without the points of some wall times."""
        if wall_times is None:
            return self
        return self._at(np.flatnonzero(~np.isin(self.wall_times, wall_times)))

    def after(self, step: int | None) -> ScalarSeries:
        """Only the steps after `step`; all of them if it is None."""
        if step is None:
            return self
        return self._at(slice(np.searchsorted(self.steps, step, "right"), None))

    def downsampled(self, max_points: int | None) -> ScalarSeries:
        """At most `max_points` points: the last, and the maximum of each group of neighbours.

        Example:
            >>> values = np.array([1.0, 4.0, 3.0, 2.0, 0.0])
            >>> ScalarSeries(np.arange(5), np.zeros(5), values).downsampled(3).values
            array([4., 3., 0.])
        """
        if max_points is None or len(self.steps) <= max_points:
            return self
        before = len(self.steps) - 1
        width = -(-before // (max_points - 1))
        groups = np.full(-(-before // width) * width, -np.inf)
        groups[:before] = np.where(np.isnan(self.values[:-1]), -np.inf, self.values[:-1])
        maxima = groups.reshape(-1, width).argmax(axis=1)
        return self._at(np.append(maxima + width * np.arange(len(maxima)), before))

    def _at(self, index: slice | IntArray) -> ScalarSeries:
        return ScalarSeries(self.steps[index], self.wall_times[index], self.values[index])


@dataclass(frozen=True, eq=False)
class RunScalars:
    """Scores and curves of one run, each with its series."""

    name: str
    scores: Sequence[tuple[ScoreTag, ScalarSeries]]
    curves: Sequence[tuple[Curve, ScalarSeries]]

    @property
    def nbytes(self) -> int:
        """What it costs to keep."""
        return sum(series.nbytes for _, series in (*self.scores, *self.curves))
