"""Quantiles of numbers of which there is one an image: its mean pixel, its contrast."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray

_LOWER = (0, 1, 2, 3, 5, 7.5, 10, 12.5, 15, 20, 25, 30, 35, 40, 45, 47.5)

#: The 33 probabilities whose quantiles are recorded: closer towards the ends and the middle.
PROBABILITIES: tuple[float, ...] = (
    *(percent / 100 for percent in _LOWER),
    0.5,
    *(round(1 - percent / 100, 3) for percent in reversed(_LOWER)),
)


def quantiles(values: FloatArray) -> FloatArray:
    """Quantiles `(rows, 33)` of the finite values `(n, rows)`, of the values themselves.

    Between two values they are interpolated, as `numpy.quantile` does. NaN where no value of a
    row is finite.

    Example: of 0, 1, ... 100 the quantiles are the percents.
        >>> quantiles(np.arange(101.0)[:, None])[0, [0, 4, 16, 32]]
        array([  0.,   5.,  50., 100.])
    """
    rows = []
    for row in values.T:
        finite = row[np.isfinite(row)]
        if finite.size == 0:
            rows.append(np.full(len(PROBABILITIES), np.nan))
        else:
            rows.append(np.quantile(finite, PROBABILITIES))
    return np.array(rows)
