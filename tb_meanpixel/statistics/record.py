"""A record: all that is kept of one stream at one step.

It is made of sums only, so records of two batches add up to the record of both.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray, Histogram
from tb_meanpixel.statistics.image_statistics import ImageStatistics, measure_images
from tb_meanpixel.statistics.images import (
    Array,
    Layout,
    as_images,
    channel_names,
    check_data_formats,
)
from tb_meanpixel.statistics.mean_pixel import image_means
from tb_meanpixel.statistics.significance import fold_histograms
from tb_meanpixel.statistics.value_range import ValueRange, declared_range


@dataclass(frozen=True, eq=False)
class PairSums:
    """Sums over pairs (output i, reference i) of their mean pixels, each `(channels,)`."""

    count: FloatArray
    output: FloatArray
    reference: FloatArray
    output_squares: FloatArray
    reference_squares: FloatArray
    products: FloatArray
    difference_squares: FloatArray

    @classmethod
    def of(cls, output_means: Any, reference_means: Any, xp: Any = np) -> PairSums:
        """Sums over a batch of pairs `(batch, channels)`; pairs that are not finite are left out.

        `xp` as in `image_means`.
        """
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
        return tuple(field.name for field in fields(cls))

    def __add__(self, other: PairSums) -> PairSums:
        return PairSums(
            *(getattr(self, name) + getattr(other, name) for name in self.field_names())
        )


@dataclass(frozen=True, eq=False)
class Record:
    """One stream at one step.

    Attributes:
        output, reference: the statistics of either side.
        pairs: sums over the pairs; None where outputs reproduce no reference.
        folds: pixel histograms of either side by fold, see
            `tb_meanpixel.statistics.significance`; None where pairs say more.
    """

    output: ImageStatistics
    reference: ImageStatistics
    pairs: PairSums | None = None
    folds: tuple[Histogram, Histogram] | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels of every histogram and score; the first is "all"."""
        count = len(self.output.pixels.sums)
        return channel_names(max(1, count - 1))


class MeasuredReference:
    """References `(batch, height, width, channels)`, measured once for many steps."""

    def __init__(self, images: Array, value_range: ValueRange) -> None:
        self.images = images
        self.value_range = value_range
        self.statistics = measure_images(images, value_range)
        self._means = image_means(images)

    @functools.cached_property
    def _folds(self) -> Histogram:
        return fold_histograms(self.images, self.value_range)

    def compare(self, output: Array, *, paired: bool) -> Record:
        """The record of outputs of the same layout.

        Raises:
            ValueError: if outputs and references do not fit each other.
        """
        check_fit(output, self.images, paired)
        statistics = measure_images(output, self.value_range)
        if paired:
            pairs = PairSums.of(image_means(output), self._means)
            return Record(statistics, self.statistics, pairs=pairs)
        folds = fold_histograms(output, self.value_range), self._folds
        return Record(statistics, self.statistics, folds=folds)


def measure(
    *,
    output: Any,
    reference: Any,
    value_range: tuple[float, float],
    paired: bool = True,
    data_format: Layout | None = None,
    reference_data_format: Layout | None = None,
) -> Record:
    """Compare outputs with references without writing anything.

    Args:
        output: image batch `(batch, height, width, channels)` or `(batch, height, width)`,
            of any integer or float type; numpy, TensorFlow, JAX or torch.
        reference: what the outputs should look like, an image batch too.
        value_range: `(low, high)` that intensities should lie in.
        paired: whether output i reproduces reference i. False for samples.
        data_format: layout of the outputs: "channels_last" or "channels_first", "NHWC" or
            "NCHW". None: torch tensors are channels-first, all others channels-last; more
            than 4 channels are then refused.
        reference_data_format: layout of the references. None: that of the outputs if it
            was given, else as theirs.

    Returns:
        A record; `tb_meanpixel.statistics.scores.scores` computes its scores.

    Raises:
        TypeError, ValueError: if they are no image batches or do not fit each other.

    Example: outputs that are a quarter of the range too bright.
        >>> from tb_meanpixel.statistics.scores import bias
        >>> black, grey = np.zeros((8, 4, 4)), np.full((8, 4, 4), 0.25)
        >>> bias(measure(output=grey, reference=black, value_range=(0, 1)))
        array([0.25])
    """
    layouts = check_data_formats(data_format, reference_data_format)
    images = as_images(output, "output", layouts[0])
    references = as_images(
        reference, "reference", layouts[1], format_argument="reference_data_format"
    )
    check_fit(images, references, paired)
    measured = MeasuredReference(references, declared_range(value_range))
    return measured.compare(images, paired=paired)


def check_fit(output: Array, reference: Array, paired: bool) -> None:
    """Raise ValueError unless outputs can be compared with references."""
    if paired and output.shape != reference.shape:
        raise ValueError(
            f"output must have the reference's shape {reference.shape}; got {output.shape}. "
            "For samples that reproduce no reference image pass paired=False"
        )
    if output.shape[-1] != reference.shape[-1]:
        raise ValueError(
            f"output must have the reference's {reference.shape[-1]} channels "
            f"{channel_names(reference.shape[-1])[1:] or ('grey',)}; got shape {output.shape}"
        )
