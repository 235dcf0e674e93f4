"""Histograms by step, as they are kept and sent."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tb_meanpixel.schema.metadata import HistogramTag
from tb_meanpixel.schema.summary import EXTRA_COLUMNS
from tb_meanpixel.serving.reading.quantile_series import QuantileSeries
from tb_meanpixel.serving.reading.raw_series import RawSeries
from tb_meanpixel.statistics.histogram import EXTRA_CELLS, FloatArray, Histogram, IntArray
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.value_range import ends

# Lines over the heatmap: the middle nine tenths of the values, and their median.
QUANTILES = (0.05, 0.5, 0.95)

# Of the tensors: float64 in files of the first version, and where float32 holds no such count.
HISTOGRAM_TYPES = ("<f4", "<f8")

QuantileSource = Literal["recorded", "binned", "mixed"]

_NOT_FINITE = 3  # the last cells: NaN, +Inf, -Inf


@dataclass(frozen=True, eq=False)
class HistogramSeries:
    """Histograms by step; a column may hold several steps, summed.

    Attributes:
        tag: whose they are, with the edges of their bins.
        steps, last_steps: int64 `(n,)`: column i holds steps[i]..last_steps[i].
        wall_times: float64 `(n,)`, of the last step of each.
        cells: `(n, channels, bins + 5)` in the smallest unsigned type that holds them.
        sums, squares: float64 `(n, channels)`.
        notes: sentences about what was left out.
        quantiles: as they were recorded, of the same steps and channels; None where there are
            none: in old files, of pixels, and of summed steps.
    """

    tag: HistogramTag
    steps: IntArray
    last_steps: IntArray
    wall_times: FloatArray
    cells: Array
    sums: FloatArray
    squares: FloatArray
    notes: tuple[str, ...] = ()
    quantiles: QuantileSeries | None = None

    @property
    def histogram(self) -> Histogram:
        """The counts as numbers to compute with: int64."""
        cells = self.cells.astype(np.int64)
        return Histogram(self.tag.low, self.tag.high, cells, self.sums, self.squares)

    @functools.cached_property
    def statistics(self) -> tuple[Array, Array, Array]:
        """Mean and std `(n, channels)` and quantiles `(n, channels, 3)`, float32.

        The quantiles are those that were recorded, where there are any, else those of bins.
        """
        histogram = self.histogram
        with np.errstate(over="ignore"):
            mean, std = histogram.mean.astype("<f4"), histogram.std.astype("<f4")
            if self.quantile_source == "recorded":
                assert self.quantiles is not None
                return mean, std, self.quantiles.quantile(QUANTILES).astype("<f4")
            quantiles = histogram.quantile(QUANTILES)
            if self.quantiles is not None:
                recorded = self.quantiles.quantile(QUANTILES)
                quantiles = np.where(self._is_recorded[..., np.newaxis], recorded, quantiles)
            return mean, std, quantiles.astype("<f4")

    @functools.cached_property
    def quantile_source(self) -> QuantileSource:
        """Where the quantiles come from: of all steps the values, or the bins, or of some each."""
        if self.quantiles is None:
            return "binned"
        recorded = self._is_recorded
        if not recorded.all():  # of no finite value there is nothing to record
            recorded |= self.cells[..., :-_NOT_FINITE].sum(axis=-1) == 0
        return "recorded" if recorded.all() else "mixed" if recorded.any() else "binned"

    @property
    def _is_recorded(self) -> npt.NDArray[np.bool_]:
        """`(n, channels)`: whether the quantiles of a step were recorded."""
        assert self.quantiles is not None
        return ~np.isnan(self.quantiles.values[..., 0])

    @property
    def nbytes(self) -> int:
        """What it costs to keep, its statistics included."""
        quantiles = 0 if self.quantiles is None else self.quantiles.values.nbytes
        return int(self.cells.nbytes + 36 * self.sums.size + 24 * self.steps.size + quantiles)

    @functools.cached_property
    def identity(self) -> tuple[object, ...]:
        """Equal for series that hold the same counts at the same steps."""
        tag, digest = self.tag, hashlib.blake2b(self.steps.tobytes(), digest_size=16)
        digest.update(self.wall_times.tobytes())
        return tag.side, tag.quantity, tag.low, tag.high, tag.bins, digest.hexdigest()

    def between(
        self, first: int | None, last: int | None, carry_forward: bool = False
    ) -> HistogramSeries:
        """The steps `first..last`; with `carry_forward` also the one that holds at `first`."""
        begin = 0 if first is None else int(np.searchsorted(self.steps, first, "left"))
        has_first = begin < len(self.steps) and self.steps[begin] == first
        if carry_forward and begin and not has_first:
            begin -= 1
        end = len(self.steps) if last is None else int(np.searchsorted(self.steps, last, "right"))
        if (begin, end) == (0, len(self.steps)):
            return self
        return self.at(slice(begin, end))

    def channel(self, index: int) -> HistogramSeries:
        """Only one channel."""
        channels = (slice(None), slice(index, index + 1))
        part = replace(
            self,
            cells=self.cells[channels],
            sums=self.sums[channels],
            squares=self.squares[channels],
            quantiles=self.quantiles and self.quantiles.at(channels),
        )
        return self._share_statistics(part, channels)

    def summed(self, columns: int) -> HistogramSeries:
        """Neighbouring steps summed exactly, into at most `columns` columns.

        Example: 5 steps in 2 columns are steps 0..1 and 2..4.
        """
        count = len(self.steps)
        if count <= columns:
            return self
        edges = np.arange(columns + 1) * count // columns
        starts, ends = edges[:-1], edges[1:] - 1
        return replace(
            self,
            steps=self.steps[starts],
            last_steps=self.last_steps[ends],
            wall_times=self.wall_times[ends],
            cells=smallest_counts(np.add.reduceat(self.cells, starts, axis=0, dtype=np.int64)),
            sums=np.add.reduceat(self.sums, starts, axis=0),
            squares=np.add.reduceat(self.squares, starts, axis=0),
            quantiles=None,
        )

    def at(self, index: slice | IntArray) -> HistogramSeries:
        """Some of the columns, by their index."""
        part = replace(
            self,
            steps=self.steps[index],
            last_steps=self.last_steps[index],
            wall_times=self.wall_times[index],
            cells=self.cells[index],
            sums=self.sums[index],
            squares=self.squares[index],
            quantiles=self.quantiles and self.quantiles.at(index),
        )
        return self._share_statistics(part, index)

    def _share_statistics(self, part: HistogramSeries, index: Any) -> HistogramSeries:
        """Statistics that this series has computed need not be computed for its part again."""
        if "statistics" in self.__dict__:
            part.__dict__["statistics"] = tuple(array[index] for array in self.statistics)
        return part


@dataclass(frozen=True, eq=False)
class RunHistograms:
    """Histograms of one stream of one run, as they are to be sent.

    Attributes:
        name: of the run.
        channels: the channels that are sent.
        digest: of all steps up to the last one sent, see docs/http_api.md.
        after: only later steps are sent; None if all are.
    """

    name: str
    stream: str
    channels: Sequence[str]
    series: Sequence[HistogramSeries]
    digest: str
    after: int | None = None


def decode_histograms(tag: HistogramTag, series: RawSeries) -> HistogramSeries:
    """Decode tensors; those that are no histograms as `tag` describes them are noted."""
    array, steps, wall_times = _tensors(tag, series)
    cells = smallest_counts(array[..., :-EXTRA_COLUMNS])
    # A cell of a broken file can be anything: the conversion changes all but counts.
    good = np.all(cells == array[..., :-EXTRA_COLUMNS], axis=(1, 2))
    good &= np.all(array[..., -2:] == _limits(tag, array.dtype), axis=(1, 2))
    if not good.all():
        array, steps, wall_times = array[good], steps[good], wall_times[good]
        cells = smallest_counts(array[..., :-EXTRA_COLUMNS])
    sums, squares = array[..., -4], array[..., -3]
    if array.dtype == np.float32:
        sums, squares = _sums_of(cells, *array[..., -4:-2].astype(np.float64).T)
    notes: tuple[str, ...] = ()
    if len(steps) < len(series.steps):
        low, high = ends(tag.low, tag.high)
        note = (
            f"{len(series.steps) - len(steps)} steps of {tag.tag} were left out: they do not have "
            f"the {tag.bins} bins from {low} to {high} that the first one has. Give a "
            "run with other settings a log_dir of its own"
        )
        notes = (note,)
    return HistogramSeries(
        tag,
        steps,
        steps,
        wall_times,
        cells,
        np.ascontiguousarray(sums),
        np.ascontiguousarray(squares),
        notes,
    )


def _tensors(tag: HistogramTag, series: RawSeries) -> tuple[Array, IntArray, FloatArray]:
    """Tensors `(m, channels, bins + 9)` of the one type or the other.

    Those of another size are left out. A series of both types, of a run that another version
    resumed, is as float64.
    """
    shape = (len(tag.stream.channels), tag.bins + EXTRA_CELLS + EXTRA_COLUMNS)
    size = math.prod(shape)
    lengths = np.fromiter(map(len, series.values), np.int64, len(series.values))
    is_short, is_long = lengths == 4 * size, lengths == 8 * size
    if not is_long.any():
        return series.tensors(np.dtype("<f4"), shape)
    if not is_short.any():
        return series.tensors(np.dtype("<f8"), shape)
    both = np.empty((len(lengths), *shape))
    both[is_long] = _joined(series.values, is_long, "<f8", shape)
    short = both[is_short] = _joined(series.values, is_short, "<f4", shape)
    cells = short[..., :-EXTRA_COLUMNS]
    with np.errstate(invalid="ignore"):
        both[is_short, :, -4], both[is_short, :, -3] = _sums_of(
            cells, *short[..., -4:-2].astype(np.float64).T
        )
    both[is_short, :, -2:] = tag.low, tag.high
    there = is_short | is_long
    return both[there], series.steps[there], series.wall_times[there]


def _joined(
    contents: Sequence[bytes], mask: npt.NDArray[np.bool_], dtype: str, shape: tuple[int, ...]
) -> Array:
    return np.frombuffer(b"".join(compress(contents, mask)), dtype).reshape(-1, *shape)


def _limits(tag: HistogramTag, dtype: np.dtype[Any]) -> Array:
    """The limits of the range as tensors of a type hold them."""
    with np.errstate(over="ignore"):  # they may be beyond float32
        return np.array([tag.low, tag.high]).astype(dtype)


def _sums_of(cells: Array, means: FloatArray, stds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sums and sums of squares `(m, channels)` of the finite values.

    Args:
        cells: `(m, channels, bins + 5)`.
        means, stds: of the finite values, `(channels, m)`; NaN where there is none.
    """
    finite = cells[..., :-_NOT_FINITE].sum(axis=-1, dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        sums, squares = finite * means.T, finite * (stds.T**2 + means.T**2)
    return np.where(finite > 0, sums, 0.0), np.where(finite > 0, squares, 0.0)


def undecodable(tag: HistogramTag) -> HistogramSeries:
    """The series of a tag that TensorBoard has but cannot decode: empty, with a note."""
    empty = decode_histograms(tag, RawSeries(np.zeros(0, np.int64), np.zeros(0), []))
    note = f"{tag.tag} was left out: TensorBoard cannot decode its values"
    return replace(empty, notes=(note,))


def smallest_counts(cells: Array) -> npt.NDArray[np.unsignedinteger]:
    """Counts in the smallest type that holds them: half the bytes are half the time."""
    maximum = cells.max(initial=0)
    dtype = "<u2" if maximum < 1 << 16 else "<u4" if maximum < 1 << 32 else "<u8"
    with np.errstate(invalid="ignore"):
        counts: npt.NDArray[np.unsignedinteger] = cells.astype(dtype)
    return counts
