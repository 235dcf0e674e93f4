"""A series as TensorBoard holds it, before anybody knows what its values mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_meanpixel.statistics.histogram import FloatArray, IntArray
from tb_meanpixel.statistics.images import Array

Shape = tuple[int, ...]

#: Where a series is found within a plugin: `(event directory, tag)`.
SeriesKey = tuple[str, str]


@dataclass(frozen=True, eq=False)
class RawSeries:
    """One series, in the order of its steps.

    Attributes:
        steps: int64 `(n,)`, rising.
        wall_times: float64 `(n,)`, seconds since 1970.
        values: of scalars float64 `(n,)`; of tensors a list of n `bytes`, empty for a
            tensor of another type than the requested one.
        shapes: of the tensors, where they were requested.
    """

    steps: IntArray
    wall_times: FloatArray
    values: Any
    shapes: Sequence[Shape] | None = None

    @classmethod
    def of_last_session(
        cls, steps: Any, wall_times: Any, values: Any, shapes: Sequence[Shape] | None = None
    ) -> RawSeries:
        """The series without the steps that a run replaced when it began again.

        TensorBoard's data server leaves them out by itself, its Python loader does not.
        """
        all_steps, all_times = np.array(steps, np.int64), np.array(wall_times, np.float64)
        kept = of_last_session(all_steps)
        if kept.all():
            return cls(all_steps, all_times, values, shapes)
        values = list(compress(values, kept)) if isinstance(values, list) else values[kept]
        shapes = None if shapes is None else list(compress(shapes, kept))
        return cls(all_steps[kept], all_times[kept], values, shapes)

    def tensors(
        self, dtype: np.dtype[np.floating], shape: tuple[int, ...]
    ) -> tuple[Array, IntArray, FloatArray]:
        """The tensors `(m, *shape)`, with their steps and wall times `(m,)`.

        Those of another size than `shape` are left out.
        """
        contents, steps, wall_times = self.values, self.steps, self.wall_times
        lengths = np.fromiter(map(len, contents), np.int64, len(contents))
        if not (fits := lengths == dtype.itemsize * math.prod(shape)).all():
            contents = [content for content, fit in zip(contents, fits, strict=True) if fit]
            steps, wall_times = steps[fits], wall_times[fits]
        array = np.frombuffer(b"".join(contents), dtype).reshape(-1, *shape)
        return array, steps, wall_times


def of_last_session(steps: IntArray) -> npt.NDArray[np.bool_]:
    """Which points no later one replaces, of points in the order in which they were written.

    Example: the run began again at step 1.
        >>> of_last_session(np.array([0, 1, 2, 1])).tolist()
        [True, False, False, True]
    """
    min_after = np.minimum.accumulate(steps[::-1])[::-1]
    return np.append(steps[:-1] < min_after[1:], np.ones(min(1, len(steps)), bool))
