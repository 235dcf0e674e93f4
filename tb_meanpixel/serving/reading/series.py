"""Series as they are kept and sent: scores by step, histograms by step, mean images by step."""

from __future__ import annotations

import functools
import hashlib
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_meanpixel.schema.metadata import HistogramTag, MeanImageTag
from tb_meanpixel.schema.summary import BEHIND
from tb_meanpixel.serving.reading.provider import Points
from tb_meanpixel.statistics.histogram import EXTRA_CELLS, FloatArray, Histogram, IntArray
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.mean_image import from_share

# Lines over the heatmap: the middle nine tenths of the values, and their median.
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, eq=False)
class ScalarSeries:
    """Values by step, in the order of the steps."""

    steps: IntArray
    wall_times: FloatArray
    values: FloatArray

    @property
    def nbytes(self) -> int:
        return self.steps.nbytes + self.wall_times.nbytes + self.values.nbytes

    def upto(self, last: int) -> ScalarSeries:
        """Without the steps after `last`."""
        return self._take(slice(np.searchsorted(self.steps, last, "right")))

    def since(self, after: int | None) -> ScalarSeries:
        """The steps after `after` alone; all of them if it is None."""
        if after is None:
            return self
        return self._take(slice(np.searchsorted(self.steps, after, "right"), None))

    def thinned(self, most: int | None) -> ScalarSeries:
        """At most `most` of the points: the last, and of neighbouring ones the greatest.

        Example:
            >>> values = np.array([1.0, 4.0, 3.0, 2.0, 0.0])
            >>> ScalarSeries(np.arange(5), np.zeros(5), values).thinned(3).values
            array([4., 3., 0.])
        """
        if most is None or len(self.steps) <= most:
            return self
        before = len(self.steps) - 1
        width = -(-before // (most - 1))
        ranked = np.full(-(-before // width) * width, -np.inf)
        ranked[:before] = np.where(np.isnan(self.values[:-1]), -np.inf, self.values[:-1])
        greatest = ranked.reshape(-1, width).argmax(axis=1)
        return self._take(np.append(greatest + width * np.arange(len(greatest)), before))

    def _take(self, index: slice | IntArray) -> ScalarSeries:
        return ScalarSeries(self.steps[index], self.wall_times[index], self.values[index])


@dataclass(frozen=True, eq=False)
class HistogramSeries:
    """Histograms by step; a column may hold several steps, summed.

    Attributes:
        tag: whose they are, with the edges of their bins.
        steps, last_steps: int64 `(n,)`: column i holds steps[i]..last_steps[i].
        wall_times: float64 `(n,)`, of the last step of each.
        cells: `(n, rows, bins + 5)` in the smallest unsigned type that holds them.
        sums, squares: float64 `(n, rows)`.
        notes: sentences about what was left out.
    """

    tag: HistogramTag
    steps: IntArray
    last_steps: IntArray
    wall_times: FloatArray
    cells: Array
    sums: FloatArray
    squares: FloatArray
    notes: tuple[str, ...] = ()

    @property
    def histogram(self) -> Histogram:
        """The counts as numbers to compute with: int64."""
        cells = self.cells.astype(np.int64)
        return Histogram(self.tag.low, self.tag.high, cells, self.sums, self.squares)

    @functools.cached_property
    def statistics(self) -> tuple[Array, Array, Array]:
        """Mean `(n, rows)`, std `(n, rows)` and quantiles `(n, rows, 3)`, float32."""
        histogram = self.histogram
        with np.errstate(over="ignore"):
            mean, std = histogram.mean.astype("<f4"), histogram.std.astype("<f4")
            return mean, std, histogram.quantile(QUANTILES).astype("<f4")

    @property
    def nbytes(self) -> int:
        """What it costs to keep, its statistics included."""
        return int(self.cells.nbytes + 36 * self.sums.size + 24 * self.steps.size)

    @functools.cached_property
    def identity(self) -> tuple[object, ...]:
        """Equal for series that hold the same counts at the same steps."""
        tag, digest = self.tag, hashlib.blake2b(self.steps.tobytes(), digest_size=16)
        digest.update(self.wall_times.tobytes())
        return tag.side, tag.quantity, tag.low, tag.high, tag.bins, digest.hexdigest()

    def between(
        self, first: int | None, last: int | None, standing: bool = False
    ) -> HistogramSeries:
        """The steps `first..last`; with `standing` the one too that still holds at `first`."""
        begin = 0 if first is None else int(np.searchsorted(self.steps, first, "left"))
        if standing and begin and not (begin < len(self.steps) and self.steps[begin] == first):
            begin -= 1
        end = len(self.steps) if last is None else int(np.searchsorted(self.steps, last, "right"))
        return self._take(slice(begin, end))

    def row(self, row: int) -> HistogramSeries:
        """One channel alone."""
        rows = (slice(None), slice(row, row + 1))
        chosen = replace(
            self, cells=self.cells[rows], sums=self.sums[rows], squares=self.squares[rows]
        )
        return self._share_statistics(chosen, rows)

    def summed(self, columns: int) -> HistogramSeries:
        """Neighbouring steps summed exactly, so that at most `columns` are left.

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
        )

    def _take(self, index: slice) -> HistogramSeries:
        if index == slice(0, len(self.steps)):
            return self
        return self.at(index)

    def at(self, index: slice | IntArray) -> HistogramSeries:
        """Some of the columns, by their place."""
        chosen = replace(
            self,
            steps=self.steps[index],
            last_steps=self.last_steps[index],
            wall_times=self.wall_times[index],
            cells=self.cells[index],
            sums=self.sums[index],
            squares=self.squares[index],
        )
        return self._share_statistics(chosen, index)

    def _share_statistics(self, part: HistogramSeries, index: Any) -> HistogramSeries:
        """What was computed of the whole is not computed again of its part."""
        if "statistics" in self.__dict__:
            part.__dict__["statistics"] = tuple(array[index] for array in self.statistics)
        return part


@dataclass(frozen=True, eq=False)
class MeanImageSeries:
    """Mean images by step: `images` is float64 `(n, height, width, channels)`, intensity units."""

    tag: MeanImageTag
    steps: IntArray
    images: FloatArray

    def at(self, steps: Array) -> IntArray:
        """Index of the image at or before each step, -1 where there is none."""
        return np.searchsorted(self.steps, steps, "right") - 1


def histogram_series(tag: HistogramTag, points: Points) -> HistogramSeries:
    """Decode tensors; those that are no histogram as `tag` describes it are left out and noted."""
    rows, width = len(tag.stream.channels), tag.bins + EXTRA_CELLS + BEHIND
    array, steps, wall_times = _fitting(points, np.dtype("<f8"), (rows, width))
    cells = smallest_counts(array[..., :-BEHIND])
    # A cell of a broken file can be anything: what is no count is changed by the conversion.
    good = np.all(cells == array[..., :-BEHIND], axis=(1, 2))
    good &= np.all(array[..., -2:] == (tag.low, tag.high), axis=(1, 2))
    if not good.all():
        array, steps, wall_times = array[good], steps[good], wall_times[good]
        cells = smallest_counts(array[..., :-BEHIND])
    notes: tuple[str, ...] = ()
    if len(steps) < len(points.steps):
        note = (
            f"{len(points.steps) - len(steps)} steps of {tag.tag} were left out: they do not have "
            f"the {tag.bins} bins from {tag.low:g} to {tag.high:g} that the first one has. Give a "
            "run with other settings a log_dir of its own"
        )
        notes = (note,)
    return HistogramSeries(
        tag,
        steps,
        steps,
        wall_times,
        cells,
        np.ascontiguousarray(array[..., -4]),
        np.ascontiguousarray(array[..., -3]),
        notes,
    )


def undecodable(tag: HistogramTag) -> HistogramSeries:
    """The series of a tag that TensorBoard has but cannot decode: empty, with a note."""
    empty = histogram_series(tag, Points(np.zeros(0, np.int64), np.zeros(0), []))
    note = f"{tag.tag} was left out: TensorBoard cannot decode its values"
    return replace(empty, notes=(note,))


def mean_image_series(tag: MeanImageTag, points: Points) -> MeanImageSeries:
    """Decode mean images; tensors of another shape are left out."""
    shape = (tag.height, tag.width, max(1, len(tag.stream.channels) - 1))
    shares, steps, _ = _fitting(points, np.dtype("<f2"), shape)
    return MeanImageSeries(tag, steps, from_share(shares, tag.stream.value_range))


def _fitting(
    points: Points, dtype: np.dtype[np.floating], shape: tuple[int, ...]
) -> tuple[Array, IntArray, FloatArray]:
    """The tensors with as many bytes as `shape` needs, as one array, with their steps."""
    contents, steps, wall_times = points.values, points.steps, points.wall_times
    size = dtype.itemsize * math.prod(shape)
    lengths = np.fromiter(map(len, contents), np.int64, len(contents))
    if not (fits := lengths == size).all():
        contents = [content for content, fit in zip(contents, fits, strict=True) if fit]
        steps, wall_times = steps[fits], wall_times[fits]
    array = np.frombuffer(b"".join(contents), dtype).reshape(-1, *shape)
    return array, steps, wall_times


def smallest_counts(cells: Array) -> npt.NDArray[np.unsignedinteger]:
    """Counts in the smallest type that holds them: half the bytes are half the time."""
    greatest = cells.max(initial=0)
    kind = "<u2" if greatest < 1 << 16 else "<u4" if greatest < 1 << 32 else "<u8"
    with np.errstate(invalid="ignore"):
        counts: npt.NDArray[np.unsignedinteger] = cells.astype(kind)
    return counts
