"""Mean images by step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tb_meanpixel.schema.metadata import MeanImageTag
from tb_meanpixel.serving.reading.raw_series import RawSeries
from tb_meanpixel.statistics.histogram import FloatArray, IntArray
from tb_meanpixel.statistics.mean_image import from_share


@dataclass(frozen=True, eq=False)
class MeanImageSeries:
    """Mean images by step.

    Attributes:
        tag: whose they are, with their size.
        steps: int64 `(n,)`, rising.
        images: float64 `(n, height, width, channels)`, intensity units.
    """

    tag: MeanImageTag
    steps: IntArray
    images: FloatArray

    def index_at(self, steps: npt.ArrayLike) -> IntArray:
        """Index of the image at or before each of some steps, -1 where there is none."""
        return np.searchsorted(self.steps, steps, "right") - 1


def decode_mean_images(tag: MeanImageTag, series: RawSeries) -> MeanImageSeries:
    """Decode mean images; tensors of another shape are left out."""
    shape = (tag.height, tag.width, max(1, len(tag.stream.channels) - 1))
    shares, steps, _ = series.tensors(np.dtype("<f2"), shape)
    return MeanImageSeries(tag, steps, from_share(shares, tag.stream.value_range))
