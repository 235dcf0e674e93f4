"""Scores and curves by step, as they are kept and sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tb_meanpixel.findings.curves import Curve
from tb_meanpixel.schema.metadata import ScoreTag
from tb_meanpixel.serving.reading.raw_series import of_last_session
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
        if not len(self.steps) or self.steps[-1] <= last:
            return self
        return self._at(slice(np.searchsorted(self.steps, last, "right")))

    @classmethod
    def joined(cls, parts: Sequence[ScalarSeries]) -> ScalarSeries:
        """The parts that several versions wrote; a later one replaces steps of those before.

        Example:
            >>> values, wall_times = np.array([1.0, 2.0, 3.0]), np.array([7.0, 8.0, 9.0])
            >>> older = ScalarSeries(np.array([0, 1, 2]), wall_times - 5, values)
            >>> newer = ScalarSeries(np.array([2, 3, 4]), wall_times, values * 10)
            >>> ScalarSeries.joined([newer, older]).values
            array([ 1.,  2., 10., 20., 30.])
        """
        if len(parts) == 1:
            return parts[0]
        steps = np.concatenate([part.steps for part in parts])
        wall_times = np.concatenate([part.wall_times for part in parts])
        values = np.concatenate([part.values for part in parts])
        # In the order of writing; of one record, by its steps.
        order = np.lexsort([steps, wall_times])
        kept = order[of_last_session(steps[order])]
        return cls(steps[kept], wall_times[kept], values[kept])

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
    """Scores and curves of one run, each with its series.

    `notes` are sentences about steps that were left out.
    """

    name: str
    scores: Sequence[tuple[ScoreTag, ScalarSeries]]
    curves: Sequence[tuple[Curve, ScalarSeries]]
    notes: tuple[str, ...] = ()

    @property
    def nbytes(self) -> int:
        """What it costs to keep."""
        return sum(series.nbytes for _, series in (*self.scores, *self.curves))
