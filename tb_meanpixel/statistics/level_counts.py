"""Counts pixels of planes into histograms: exact, and several times faster than `np.histogram`.

A value in range becomes a level, its bin as uint8, and levels are counted two at a time as
uint16: half as many steps. `count_values` in `histogram.py` defines the counts; these are equal
to them, one by one.
"""

from __future__ import annotations

import numpy as np

from tb_meanpixel.statistics.histogram import EXTRA_CELLS, IntArray, cell_index
from tb_meanpixel.statistics.images import Array

BINS = 256

# Levels are counted when so many have come together: a count of pairs has 65,536 cells of its own.
# More would not stay in the cache.
_BUFFER = 1 << 19

#: "At the limit" is within this share of the range, a quarter of a grey level: a sigmoid comes as
#: near as nobody can tell from the limit, and in float32 never reaches it.
AT_LIMIT = 1 / 1024


class LevelCounts:
    """Cells `(channels, 261)` of all pixels, how many lie at the limits, and how far outside.

    Args:
        channels: number of planes.
        low, high: the range.
        dtype: of the images. uint8 has 256 levels of its own: these are counted, and each is
            put into its cell at the end.

    Attributes:
        at_low, at_high: float64 `(channels,)`, values equal to a limit of the range.
        excess_below, excess_above: float64 `(channels,)`, sum of the distances from the range
            of the values outside of it.
    """

    def __init__(self, channels: int, low: float, high: float, dtype: np.dtype) -> None:
        self._low, self._high = low, high
        self._is_bytes = dtype == np.uint8
        self._cells = np.zeros((channels, BINS + EXTRA_CELLS), np.int64)
        self._levels = np.zeros((channels, 256), np.int64)
        self._buffers = np.empty((channels, _BUFFER), np.uint8)
        self._filled = 0
        self._scaled: Array = np.empty(0, np.float32)
        self.at_low, self.at_high = np.zeros(channels), np.zeros(channels)
        self.excess_below, self.excess_above = np.zeros(channels), np.zeros(channels)

    def add(self, planes: Array, least: Array, greatest: Array) -> Array | None:
        """Count finite planes `(channels, n)` of float32 or float64.

        `least` and `greatest` are their limits `(channels,)`, of the same type.

        Returns their levels, uint8 `(channels, n)`, until more is added; None where some floats
        are out of range. `cell_of_level` tells the cell of each level.
        """
        if self._is_bytes:
            self._keep(planes)
            return self._last(planes.shape[1])
        if least.min() >= self._low and greatest.max() <= self._high:
            # What is scaled is scaled in the same way as all else: no value is above its greatest.
            scale = BINS / (self._high - self._low)
            ends = np.multiply(np.subtract(greatest, self._low), scale)
            for start in range(0, planes.shape[1], _BUFFER):
                part = planes[:, start : start + _BUFFER]
                self._add_in_range(part, least, greatest, ends, scale)
            return self._last(planes.shape[1])
        near = AT_LIMIT * (self._high - self._low)
        near_limits = (least <= self._low + near) | (greatest >= self._high - near)
        for channel, plane in enumerate(planes):
            if near_limits[channel]:
                self._add_limits(plane, channel)
            self._add_cells(plane, channel)
        return None

    @property
    def cell_of_level(self) -> IntArray:
        """The cell of each of the 256 levels, rising."""
        if not self._is_bytes:
            return np.arange(1, BINS + 1)
        return cell_index(np.arange(256.0), self._low, self._high, BINS)

    def _last(self, count: int) -> Array | None:
        """The last levels that were added, if they are still there."""
        return self._buffers[:, self._filled - count : self._filled] if count <= _BUFFER else None

    def _add_in_range(
        self, planes: Array, least: Array, greatest: Array, ends: Array, scale: float
    ) -> None:
        """Levels of planes `(channels, n)`, n at most a buffer; `ends` are the greatest, scaled."""
        low, high, count = self._low, self._high, planes.shape[1]
        near = AT_LIMIT * (high - low)
        if self._filled + count > _BUFFER:
            self._flush()
        if len(self._scaled) < count or self._scaled.dtype != planes.dtype:
            self._scaled = np.empty(count, planes.dtype)
        scaled = self._scaled[:count]
        levels = self._buffers[:, self._filled : self._filled + count]
        for channel, plane in enumerate(planes):
            if greatest[channel] >= high - near:
                above = np.subtract(plane, high, out=scaled)
                self.at_high[channel] += np.count_nonzero(above >= -near)
            np.subtract(plane, low, out=scaled)
            if least[channel] <= low + near:
                self.at_low[channel] += np.count_nonzero(scaled <= near)
            np.multiply(scaled, scale, out=scaled)
            if ends[channel] >= BINS:
                # The last bin holds its right edge, too.
                np.minimum(scaled, BINS - 1, out=scaled)
            # From 0 to 255 a cast cuts to the whole number below.
            np.copyto(levels[channel], scaled, casting="unsafe")
        self._filled += count

    def add_some(self, values: Array, channel: int) -> None:
        """Count values `(n,)` of one channel of which some are not finite."""
        finite = values[np.isfinite(values)]
        self._add_limits(finite, channel)
        self._add_cells(values, channel)

    def finish(self) -> IntArray:
        """The cells `(channels, 261)` of all that was added."""
        self._flush()
        if self._is_bytes:
            low, high = self._low, self._high
            values, near = np.arange(256.0), AT_LIMIT * (high - low)
            index = self.cell_of_level
            for cells, levels in zip(self._cells, self._levels, strict=True):
                np.add.at(cells, index, levels)
            self.at_low += self._levels @ (np.abs(values - low) <= near)
            self.at_high += self._levels @ (np.abs(values - high) <= near)
            self.excess_below += self._levels @ np.maximum(low - values, 0.0)
            self.excess_above += self._levels @ np.maximum(values - high, 0.0)
        else:
            self._cells[:, 1 : BINS + 1] += self._levels
        self._levels[:] = 0
        return self._cells

    def _add_limits(self, values: Array, channel: int) -> None:
        low, high = self._low, self._high
        near = AT_LIMIT * (high - low)
        self.at_low[channel] += np.count_nonzero(np.abs(values - low) <= near)
        self.at_high[channel] += np.count_nonzero(np.abs(values - high) <= near)
        with np.errstate(over="ignore"):
            below, above = values[values < low], values[values > high]
            self.excess_below[channel] += np.sum(low - below.astype(np.float64))
            self.excess_above[channel] += np.sum(above.astype(np.float64) - high)

    def _add_cells(self, values: Array, channel: int) -> None:
        index = cell_index(values, self._low, self._high, BINS)
        self._cells[channel] += np.bincount(index, minlength=BINS + EXTRA_CELLS)

    def _keep(self, levels: Array) -> None:
        """Keep whole levels `(channels, n)` until there are many."""
        for start in range(0, levels.shape[1], _BUFFER):
            part = levels[:, start : start + _BUFFER]
            if self._filled + part.shape[1] > _BUFFER:
                self._flush()
            end = self._filled + part.shape[1]
            np.copyto(self._buffers[:, self._filled : end], part, casting="unsafe")
            self._filled = end

    def _flush(self) -> None:
        pairs = self._filled // 2 * 2 if self._filled >= 1 << 16 else 0
        for channel, buffer in enumerate(self._buffers):
            if pairs:
                together = np.bincount(buffer[:pairs].view(np.uint16), minlength=1 << 16)
                table = together.reshape(256, 256)
                self._levels[channel] += table.sum(axis=0) + table.sum(axis=1)
            self._levels[channel] += np.bincount(buffer[pairs : self._filled], minlength=256)
        self._filled = 0
