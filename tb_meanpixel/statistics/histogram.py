"""Fixed-edge histograms of intensities: exact, mergeable, nothing dropped.

A histogram counts every value: below the range, in one of its bins, above the
range, NaN, +Inf or -Inf. Counts are exact integers. The sum and the sum of
squares of the finite values are kept too, so means and standard deviations
carry no binning error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tb_meanpixel.statistics.images import Array, colour_count

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

# The cells are: underflow, the bins, overflow, NaN, +Inf, -Inf.
EXTRA_CELLS = 5

# Values a chunk: its temporaries stay in the second-level cache, which is 5 to
# 10 times faster than one pass over a large array.
_CHUNK = 1 << 16


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts between `low` and `high` in equal bins: one histogram, or an array of them.

    A bin holds its left edge and not its right one, but for the last, which
    holds both: `high` itself is in range.

    Attributes:
        low, high: the range, in intensity units.
        cells: int64 `(..., bins + 5)`: underflow, the bins, overflow, NaN,
            +Inf, -Inf. Leading axes are those of the array (steps, channels).
        sums: float64 `(...)`, sum of the finite values.
        squares: float64 `(...)`, sum of their squares.
    """

    low: float
    high: float
    cells: IntArray
    sums: FloatArray
    squares: FloatArray

    @property
    def bins(self) -> int:
        return int(self.cells.shape[-1]) - EXTRA_CELLS

    @property
    def width(self) -> float:
        """Width of one bin, in intensity units."""
        return (self.high - self.low) / self.bins

    @property
    def edges(self) -> FloatArray:
        """The `bins + 1` bin edges."""
        return np.linspace(self.low, self.high, self.bins + 1)

    @property
    def counts(self) -> IntArray:
        """Counts in range `(..., bins)`."""
        return self.cells[..., 1 : self.bins + 1]

    @property
    def underflow(self) -> IntArray:
        return self.cells[..., 0]

    @property
    def overflow(self) -> IntArray:
        return self.cells[..., self.bins + 1]

    @property
    def finite(self) -> IntArray:
        """Number of finite values `(...)`, in and out of range."""
        total: IntArray = self.cells[..., : self.bins + 2].sum(axis=-1)
        return total

    @property
    def non_finite(self) -> IntArray:
        """Number of NaN, +Inf and -Inf `(...)`."""
        total: IntArray = self.cells[..., self.bins + 2 :].sum(axis=-1)
        return total

    @property
    def total(self) -> IntArray:
        """Number of values `(...)`, finite or not."""
        total: IntArray = self.cells.sum(axis=-1)
        return total

    @property
    def mean(self) -> FloatArray:
        """Mean of the finite values `(...)`, exact; NaN where there is none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.divide(self.sums, self.finite)

    @property
    def std(self) -> FloatArray:
        """Population standard deviation of the finite values `(...)`, exact."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            mean_square = self.squares / self.finite
            variance = mean_square - self.mean**2
            # The difference of two equal numbers leaves their rounding errors:
            # a spread below a millionth of the values counts as 0.
            return np.sqrt(np.where(variance <= 1e-12 * mean_square, 0.0, variance))

    def quantile(self, probabilities: Sequence[float]) -> FloatArray:
        """Quantiles `(..., len(probabilities))` of the finite values.

        Values are taken as spread evenly inside their bin: the error is less
        than one bin width. A quantile outside the range is reported as the
        limit that it lies beyond.

        Example:
            >>> count_values(np.arange(100) / 100, 0, 1, 10).quantile([0.5])
            array([0.5])
        """
        cumulative = np.cumsum(self.cells[..., : self.bins + 2], axis=-1)
        finite = cumulative[..., -1]
        quantiles = []
        for probability in probabilities:
            # At probability 0 the first value, not the first cell.
            target = np.maximum(probability * finite, np.finfo(np.float64).tiny)
            # Counts are integers, and compared as such.
            rank = np.ceil(target).astype(np.int64)
            cell = np.argmax(cumulative >= rank[..., np.newaxis], axis=-1)
            count = np.take_along_axis(self.cells, cell[..., np.newaxis], axis=-1)[..., 0]
            before = np.take_along_axis(cumulative, cell[..., np.newaxis], axis=-1)[..., 0] - count
            inside = (target - before) / np.maximum(count, 1)
            value = self.low + self.width * (cell - 1 + inside)
            value = np.clip(value, self.low, self.high)
            quantiles.append(np.where(finite > 0, value, np.nan))
        return np.stack(quantiles, axis=-1)

    def __add__(self, other: Histogram) -> Histogram:
        """The histogram of both sets of values."""
        require_same_edges(self, other)
        with np.errstate(over="ignore"):
            return replace(
                self,
                cells=self.cells + other.cells,
                sums=self.sums + other.sums,
                squares=self.squares + other.squares,
            )

    def rebin(self, bins: int) -> Histogram:
        """The same counts in fewer bins; `bins` must divide the present number.

        Example:
            >>> count_values(np.array([0.1, 0.4, 0.9]), 0, 1, 4).rebin(2).counts
            array([2, 1])
        """
        if bins < 1 or self.bins % bins:
            raise ValueError(f"bins must divide {self.bins}; got {bins}")
        folded = self.counts.reshape(*self.counts.shape[:-1], bins, -1).sum(axis=-1)
        cells = np.concatenate(
            [self.cells[..., :1], folded, self.cells[..., self.bins + 1 :]], axis=-1
        )
        return replace(self, cells=cells)

    def with_all(self) -> Histogram:
        """Histograms `(channels, ...)`, of several with the sum of the colours before them."""
        channels = len(self.sums)
        if channels == 1:
            return self
        colours = colour_count(channels)

        def prepend(values: Array) -> Array:
            return np.concatenate([values[:colours].sum(axis=0, keepdims=True), values])

        return replace(
            self,
            cells=prepend(self.cells),
            sums=prepend(self.sums),
            squares=prepend(self.squares),
        )


def require_same_edges(first: Histogram, second: Histogram) -> None:
    """Raise ValueError unless both histograms count into the same bins."""
    edges = [(h.low, h.high, h.bins) for h in (first, second)]
    if edges[0] != edges[1]:
        raise ValueError("histograms must share (low, high, bins); got {} and {}".format(*edges))


def count_values(values: Array, low: float, high: float, bins: int) -> Histogram:
    """Count `values` into a histogram.

    Args:
        values: `(n,)` for one histogram, or `(n, channels)` for one of each channel.
        low, high: the range, low < high.
        bins: number of equal bins between them.

    Returns:
        Histogram with `cells` of shape `(bins + 5,)` or `(channels, bins + 5)`.

    Example:
        >>> count_values(np.array([-1.0, 0.0, 0.6, 1.0, np.nan]), 0, 1, 2).cells
        array([1, 1, 2, 0, 1, 0, 0])
    """
    flat = values[:, np.newaxis] if values.ndim == 1 else values
    cells, sums, squares = (
        _count_levels(flat, low, high, bins)
        if flat.dtype == np.uint8
        else _count_chunks(flat, low, high, bins)
    )
    if values.ndim == 1:
        cells, sums, squares = cells[0], sums[0], squares[0]
    return Histogram(float(low), float(high), cells, sums, squares)


def _count_chunks(
    values: Array, low: float, high: float, bins: int
) -> tuple[IntArray, FloatArray, FloatArray]:
    channels = values.shape[1]
    channel_cells = bins + EXTRA_CELLS
    cells = np.zeros(channels * channel_cells, np.int64)
    sums, squares = np.zeros(channels), np.zeros(channels)
    offsets = np.arange(channels) * channel_cells
    # 32 bits hold every half and 16-bit value; wider ones need 64.
    wide = values.dtype.itemsize > 2 and values.dtype != np.float32
    for start in range(0, len(values), max(1, _CHUNK // channels)):
        chunk = values[start : start + max(1, _CHUNK // channels)]
        chunk = chunk.astype(np.float64 if wide else np.float32, copy=False)
        index = cell_index(chunk, low, high, bins) + offsets
        cells += np.bincount(index.ravel(), minlength=len(cells))
        exact = chunk.astype(np.float64, copy=False)
        if not np.isfinite(exact).all():
            exact = np.where(np.isfinite(exact), exact, 0.0)
        with np.errstate(over="ignore"):
            sums += exact.sum(axis=0)
            squares += np.einsum("ij,ij->j", exact, exact)
    return cells.reshape(channels, channel_cells), sums, squares


def _count_levels(
    values: Array, low: float, high: float, bins: int
) -> tuple[IntArray, FloatArray, FloatArray]:
    """uint8 has 256 levels: count the levels, then put each level into its cell."""
    levels = np.arange(256, dtype=np.float64)
    index = cell_index(levels, low, high, bins)
    per_level = np.stack([np.bincount(column, minlength=256) for column in values.T])
    cells = np.zeros((values.shape[1], bins + EXTRA_CELLS), np.int64)
    for channel, counts in zip(cells, per_level, strict=True):
        np.add.at(channel, index, counts)
    return cells, per_level @ levels, per_level @ levels**2


def cell_index(values: Array, low: float, high: float, bins: int) -> Array:
    """The cell of each value, as int64 of the same shape."""
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = np.floor((values - low) * (bins / (high - low)))
        # The comparisons decide what is in range, not the rounded product.
        index = np.clip(scaled, 0, bins - 1, out=scaled)
        index += 1
        index[values < low] = 0
        index[values > high] = bins + 1
        if not np.isfinite(values).all():
            index[np.isnan(values)] = bins + 2
            index[values == np.inf] = bins + 3
            index[values == -np.inf] = bins + 4
        return index.astype(np.int64)
