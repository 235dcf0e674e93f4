"""Mean images by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tb_meanpixel.schema.metadata import MeanImageTag
from tb_meanpixel.serving.reading.raw_series import RawSeries, Shape
from tb_meanpixel.statistics.histogram import FloatArray, IntArray
from tb_meanpixel.statistics.mean_image import from_share

_DTYPE = np.dtype("<f2")

#: Of a picture. More have no names that anybody reads, and no colours.
MAX_PICTURE_CHANNELS = 64


@dataclass(frozen=True, eq=False)
class MeanImageSeries:
    """Mean images by step, each decoded when it is asked for.

    Attributes:
        tag: whose they are, with their size.
        steps: int64 `(n,)`, rising.
        contents: the float16 shares of each, as bytes.
        notes: sentences about what was left out.
    """

    tag: MeanImageTag
    steps: IntArray
    contents: Sequence[bytes]
    notes: tuple[str, ...] = ()

    @property
    def nbytes(self) -> int:
        """What it costs to keep."""
        return self.steps.nbytes + sum(map(len, self.contents))

    def index_at(self, steps: npt.ArrayLike) -> IntArray:
        """Index of the image at or before each of some steps, -1 where there is none."""
        return np.searchsorted(self.steps, steps, "right") - 1

    def images(self, indices: IntArray) -> FloatArray:
        """Some of the images, float64 `(k, height, width, channels)`, in intensity units."""
        joined = b"".join([self.contents[index] for index in indices.tolist()])
        shares = np.frombuffer(joined, _DTYPE).reshape(-1, *shape_of(self.tag))
        return from_share(shares, self.tag.stream.value_range)


def shape_of(tag: MeanImageTag) -> Shape:
    """`(height, width, channels)` of each image of a tag."""
    return tag.height, tag.width, picture_channels(tag.stream.channels)


def picture_channels(channels: Sequence[str]) -> int:
    """How many channels a picture has: "all" is none of them, where there are others."""
    return max(1, len(channels) - 1)


def too_many_channels(channels: Sequence[str]) -> str:
    """A sentence where a stream has more channels than a picture may have; else empty."""
    count = picture_channels(channels)
    if count <= MAX_PICTURE_CHANNELS:
        return ""
    return f"too many channels for a picture: {count}, at most {MAX_PICTURE_CHANNELS}"


def decode_mean_images(tag: MeanImageTag, series: RawSeries) -> MeanImageSeries:
    """Mean images of the shape that `tag` says; others are left out and noted."""
    shape = shape_of(tag)
    size = _DTYPE.itemsize * int(np.prod(shape))
    shapes = series.shapes or [shape] * len(series.values)
    good = [
        len(content) == size and its_shape == shape
        for content, its_shape in zip(series.values, shapes, strict=True)
    ]
    if all(good):
        return MeanImageSeries(tag, series.steps, series.values)
    contents = [content for content, fits in zip(series.values, good, strict=True) if fits]
    note = (
        f"{len(good) - len(contents)} steps of {tag.tag} were left out: they are no images of "
        f"{tag.width} x {tag.height} pixels and {shape[2]} channels, as the first one is"
    )
    return MeanImageSeries(tag, series.steps[good], contents, (note,))
