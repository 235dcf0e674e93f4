"""Sums over pairs (output i, reference i): do outputs follow their references?"""

from __future__ import annotations

import functools
import math
import operator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.level_counts import AT_LIMIT
from tb_meanpixel.statistics.planes import chunks, plane_dtype
from tb_meanpixel.statistics.products import dots
from tb_meanpixel.statistics.value_range import ValueRange

# A pixel that is so far from its reference, as a share of the range, may have wrapped around; an
# image has, if more than the least share and less than half of its pixels are, the rest is
# near its reference, and most pixels as bright (or dark) as these are wrapped too: what wraps
# is a matter of the value, and a stroke that is drawn in another place is not.
_WRAPPED = 0.8
_LEAST_WRAPPED_SHARE = 0.02
_REST = 0.1
_OF_EQUALS = 0.8


@dataclass(frozen=True, eq=False)
class PixelProducts:
    """Sums of products of pixels, less the middle of the range, over all pairs.

    Pixels that are not finite on both sides are left out.

    Attributes:
        by_channel: float64 `(channels, channels)`, output channel by reference channel.
        left_right, upside_down, transposed: float64 `(channels,)`, with the reference flipped;
            NaN where a flip changes the shape.
        wrapped: images whose pixels left the range at one end and came back at the other, as
            bytes do that overflow.
    """

    by_channel: FloatArray
    left_right: FloatArray
    upside_down: FloatArray
    transposed: FloatArray
    wrapped: float

    @classmethod
    def of(cls, output: Array, reference: Array, value_range: ValueRange) -> PixelProducts:
        """Of images `(batch, height, width, channels)` of one shape."""
        multiplication = _Multiplication(value_range)
        parts = (
            multiplication.products(np.moveaxis(chunk, -1, 0), np.moveaxis(reference[run], -1, 0))
            for run, chunk in chunks(output)
        )
        return functools.reduce(operator.add, parts)

    def __add__(self, other: PixelProducts) -> PixelProducts:
        names = [field.name for field in fields(self)]
        return PixelProducts(*(getattr(self, name) + getattr(other, name) for name in names))


class _Multiplication:
    """Multiplies chunks of pairs; memory for them is kept from chunk to chunk."""

    def __init__(self, value_range: ValueRange) -> None:
        self._span = value_range.high - value_range.low
        self._middle = (value_range.low + value_range.high) / 2
        self._kept: dict[str, Array] = {}

    def products(self, output: Array, reference: Array) -> PixelProducts:
        """Of views `(channels, images, height, width)` of one shape, of any type and strides."""
        dtype = np.result_type(plane_dtype(output.dtype), plane_dtype(reference.dtype))
        out, ref = (self._memory(name, output.shape, dtype) for name in ("output", "reference"))
        with np.errstate(invalid="ignore", over="ignore"):
            np.subtract(output, self._middle, out=out, dtype=dtype)
            np.subtract(reference, self._middle, out=ref, dtype=dtype)
            by_channel = _by_channel(out, ref)
            if not np.isfinite(by_channel).all():
                finite = np.isfinite(out) & np.isfinite(ref)
                out, ref = np.where(finite, out, 0), np.where(finite, ref, 0)
                by_channel = _by_channel(out, ref)
            flips = np.array([self._flips(*planes) for planes in zip(out, ref, strict=True)])
            wrapped = 0.0
            if any(self._may_be_wrapped(*planes) for planes in zip(out, ref, strict=True)):
                wrapped = _wrapped_images(out - ref, ref, self._span)
        left_right, upside_down, transposed = flips.T
        return PixelProducts(by_channel, left_right, upside_down, transposed, wrapped)

    def _flips(self, out: Array, ref: Array) -> tuple[float, float, float]:
        """Of one channel `(images, height, width)` with the reference flipped in three ways."""
        height, width = out.shape[1:]
        other = self._memory("other", out.shape, out.dtype)
        np.copyto(other, ref[..., ::-1])
        left_right = _dot(out, other)
        rows = np.einsum("nhw,nhw->nh", out, ref[:, ::-1])
        transposed = math.nan
        if height == width:
            np.copyto(other, self._padded(ref).swapaxes(1, 2))
            transposed = _dot(out, other)
        return left_right, float(rows.sum(dtype=np.float64)), transposed

    def _may_be_wrapped(self, out: Array, ref: Array) -> bool:
        difference = np.subtract(out, ref, out=self._memory("other", out.shape, out.dtype))
        return not max(difference.max(), -difference.min()) <= _WRAPPED * self._span

    def _padded(self, plane: Array) -> Array:
        """The same with rows that are no power of two apart.

        Else the pixels of a column would drive each other out of the cache.
        """
        *shape, width = plane.shape
        if width * plane.itemsize % 256:
            return plane
        padded = self._memory("padded", (*shape, width + 16), plane.dtype)[..., :width]
        np.copyto(padded, plane)
        return padded

    def _memory(self, name: str, shape: tuple[int, ...], dtype: np.dtype) -> Array:
        kept = self._kept.get(name)
        if kept is None or kept.dtype != dtype or len(kept) < math.prod(shape):
            kept = self._kept[name] = np.empty(math.prod(shape), dtype)
        return kept[: math.prod(shape)].reshape(shape)


# Of more channels a product of matrices is faster than one product for each two of them.
_FEW_CHANNELS = 8


def _by_channel(out: Array, ref: Array) -> FloatArray:
    """Products of each output channel with each reference channel."""
    channels, images = out.shape[:2]
    out, ref = (planes.reshape(channels, images, -1) for planes in (out, ref))
    if channels <= _FEW_CHANNELS:
        sums: FloatArray = dots(out[:, np.newaxis], ref).sum(axis=-1)
        return sums
    products = np.moveaxis(out, 1, 0) @ ref.transpose(1, 2, 0)
    total: FloatArray = products.sum(axis=0, dtype=np.float64)
    return total


def _dot(first: Array, second: Array) -> float:
    """Sum of the products of `(images, height, width)`."""
    images = len(first)
    return float(dots(first.reshape(images, -1), second.reshape(images, -1)).sum())


def _wrapped_images(difference: Array, ref: Array, span: float) -> float:
    """Of `(channels, images, height, width)`: how many images have left the range."""
    distance = np.abs(difference)
    # A mask's pixels lie at the limits: there the whole range is but an error.
    far = (distance > _WRAPPED * span) & (np.abs(ref) < (0.5 - AT_LIMIT) * span)
    shares = far.mean(axis=(0, 2, 3))
    rest = np.where(far, 0, distance).mean(axis=(0, 2, 3))
    is_wrapped = (shares > _LEAST_WRAPPED_SHARE) & (shares < 0.5) & (rest < _REST * span)
    return float(
        sum(_is_by_value(far[:, image], ref[:, image]) for image in np.flatnonzero(is_wrapped))
    )


def _is_by_value(far: Array, ref: Array) -> bool:
    """Whether of pixels about as far from the middle of the range as those, most are far, too."""
    extremes = np.abs(ref)
    least = np.quantile(extremes[far], 0.1)
    equals = (extremes >= least) & (np.sign(ref) == np.sign(np.median(ref[far])))
    return bool(far[equals].mean() >= _OF_EQUALS)


@dataclass(frozen=True, eq=False)
class PairSums:
    """Sums over pairs of their mean pixels, each `(rows,)`; pairs that are not finite left out.

    They are of mean pixels less the middle of the range: near 0 squares lose nothing.

    `pixels` are the products of their pixels; None where they were not recorded.
    """

    count: FloatArray
    output: FloatArray
    reference: FloatArray
    output_squares: FloatArray
    reference_squares: FloatArray
    products: FloatArray
    difference_squares: FloatArray
    pixels: PixelProducts | None = None

    @classmethod
    def of(cls, output_means: Any, reference_means: Any, xp: Any = np) -> PairSums:
        """Sums over a batch of pairs `(batch, rows)`; `xp` as in `image_means`."""
        finite = xp.logical_and(xp.isfinite(output_means), xp.isfinite(reference_means))
        output = xp.where(finite, output_means, 0.0)
        reference = xp.where(finite, reference_means, 0.0)
        return cls(
            xp.sum(xp.where(finite, 1.0, 0.0), axis=0),
            xp.sum(output, axis=0),
            xp.sum(reference, axis=0),
            xp.sum(output**2, axis=0),
            xp.sum(reference**2, axis=0),
            xp.sum(output * reference, axis=0),
            xp.sum((output - reference) ** 2, axis=0),
        )

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """The sums of mean pixels."""
        return tuple(field.name for field in fields(cls) if field.name != "pixels")

    def with_pixels(self, pixels: PixelProducts | None) -> PairSums:
        """The same with the products of their pixels."""
        return replace(self, pixels=pixels)

    def __add__(self, other: PairSums) -> PairSums:
        sums = [getattr(self, name) + getattr(other, name) for name in self.field_names()]
        pixels = None
        if self.pixels is not None and other.pixels is not None:
            pixels = self.pixels + other.pixels
        return PairSums(*sums).with_pixels(pixels)
