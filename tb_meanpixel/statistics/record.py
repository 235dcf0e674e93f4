"""A record: all that is kept of one stream at one step.

It is made of sums only, so records of two batches add up to the record of both.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_meanpixel.statistics.folds import EQUAL_BELOW, Folds, measure_in_folds
from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.image_statistics import ImageStatistics
from tb_meanpixel.statistics.images import (
    Array,
    Layout,
    as_images,
    channel_names,
    check_data_formats,
)
from tb_meanpixel.statistics.measuring import measure_images, measure_where
from tb_meanpixel.statistics.pairs import PairSums, PixelProducts
from tb_meanpixel.statistics.spatial import with_sum_of_colours
from tb_meanpixel.statistics.value_range import ValueRange, declared_range


@dataclass(frozen=True, eq=False)
class Record:
    """One stream at one step.

    Attributes:
        output, reference: the statistics of either side. Of pairs with values that are not
            finite, of the pixels that are finite on both sides.
        pairs: sums over the pairs; None where outputs reproduce no reference.
        folds: what is compared of the folds of either side, see
            `tb_meanpixel.statistics.significance`; None where pairs say more, and where there
            are too few images.
    """

    output: ImageStatistics
    reference: ImageStatistics
    pairs: PairSums | None = None
    folds: tuple[Folds, Folds] | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the rows of every histogram and score; the first is "all"."""
        count = len(self.output.pixels.sums)
        return channel_names(max(1, count - 1))

    def sums(self) -> dict[str, FloatArray]:
        """The raw sums behind the scores by name, each float64 `(rows,)`.

        They are of pixels less the middle of the range where they are squares or products.
        """
        by_name: dict[str, FloatArray] = {}
        for side, statistics in (("output", self.output), ("reference", self.reference)):
            by_name |= _side_sums(side, statistics)
        if self.pairs is not None:
            for name in self.pairs.field_names():
                by_name[f"pairs/{name}"] = getattr(self.pairs, name)
            if self.pairs.pixels is not None:
                by_name |= _product_sums(self.pairs.pixels, self.channels)
        return by_name


def _side_sums(side: str, statistics: ImageStatistics) -> dict[str, FloatArray]:
    by_name = {f"{side}/pixels": statistics.pixels.finite.astype(np.float64)}
    if statistics.limits is not None:
        by_name |= {f"{side}/{name}": value for name, value in vars(statistics.limits).items()}
    if statistics.structure is not None:
        by_name |= {
            f"{side}/{name}": with_sum_of_colours(value)
            for name, value in vars(statistics.structure).items()
        }
    if statistics.spatial is not None:
        by_name[f"{side}/squares"] = with_sum_of_colours(statistics.spatial.squares)
        by_name[f"{side}/scatter"] = with_sum_of_colours(statistics.spatial.scatter)
    return by_name


def _product_sums(products: PixelProducts, channels: tuple[str, ...]) -> dict[str, FloatArray]:
    diagonal = np.diagonal(products.by_channel)
    by_name = {
        "products/same_channel": with_sum_of_colours(diagonal),
        "products/left_right": with_sum_of_colours(products.left_right),
        "products/upside_down": with_sum_of_colours(products.upside_down),
        "products/transposed": with_sum_of_colours(products.transposed),
    }
    for column, name in enumerate(channels[1:]):
        by_name[f"products/with_{name}"] = with_sum_of_colours(products.by_channel[:, column])
    return by_name


class MeasuredReference:
    """References `(batch, height, width, channels)`, measured once for many steps.

    `groups` holds a label of each image, or is None: images of one group are not independent.
    """

    def __init__(self, images: Array, value_range: ValueRange, groups: Any = None) -> None:
        self.images = images
        self.value_range = value_range
        self.groups = check_groups(groups, len(images))
        # Folds depend on how many images the other side has, if these are few.
        self._folds: dict[int, Folds | None] = {}

    @functools.cached_property
    def statistics(self) -> ImageStatistics:
        """Of all references."""
        return measure_images(self.images, self.value_range, groups=self.groups)

    @np.errstate(all="ignore")  # what overflows is infinite, and the scores say so
    def compare(self, output: Array, *, paired: bool, groups: Any = None) -> Record:
        """The record of outputs of the same layout.

        `groups` holds a label of each output, where these are no pairs.

        Raises:
            ValueError: if outputs and references do not fit each other.
        """
        check_fit(output, self.images, paired)
        if paired:
            return self._compare_pairs(output)
        labels = check_groups(groups, len(output))
        units = len(output) if labels is None else len(np.unique(labels))
        side, folds = measure_in_folds(output, self.value_range, self._units, labels)
        others = self._fold_references(units)
        both = None if folds is None or others is None else (folds, others)
        return Record(side, self.statistics, folds=both)

    @property
    def _units(self) -> int:
        return len(self.images) if self.groups is None else len(np.unique(self.groups))

    def _fold_references(self, others: int) -> Folds | None:
        others = min(others, EQUAL_BELOW)
        if others not in self._folds:
            statistics, folds = measure_in_folds(self.images, self.value_range, others, self.groups)
            self.__dict__.setdefault("statistics", statistics)
            self._folds[others] = folds
        return self._folds[others]

    def _compare_pairs(self, output: Array) -> Record:
        side = measure_images(output, self.value_range, groups=self.groups)
        reference = self.statistics
        if side.pixels.non_finite.any() or reference.pixels.non_finite.any():
            shared = np.isfinite(output) & np.isfinite(self.images)
            side, reference = (
                measure_where(images, shared, self.value_range, self.groups)
                for images in (output, self.images)
            )
        assert side.values is not None
        assert reference.values is not None
        middle = (self.value_range.low + self.value_range.high) / 2
        pairs = PairSums.of(side.values.means - middle, reference.values.means - middle)
        products = PixelProducts.of(output, self.images, self.value_range)
        return Record(side, reference, pairs=pairs.with_pixels(products))


def check_groups(groups: Any, count: int) -> Array | None:
    """The labels `(count,)`, or raise ValueError unless there is one for each image."""
    if groups is None:
        return None
    labels = np.asarray(groups)
    if labels.shape != (count,) or labels.dtype.kind not in "biuUS":
        raise ValueError(
            f"groups must be one label for each image, whole numbers or strings, ({count},); got "
            f"shape {labels.shape} of {labels.dtype}"
        )
    return labels


def measure(
    *,
    output: Any,
    reference: Any,
    value_range: tuple[float, float],
    paired: bool = True,
    groups: Any = None,
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
        groups: a label of each reference, and of each output if there are as many: clip, patient
            or scene. Images of one group are not independent. None: each stands for itself.
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
    measured = MeasuredReference(references, declared_range(value_range), groups)
    of_outputs = groups if len(images) == len(references) else None
    return measured.compare(images, paired=paired, groups=of_outputs)


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
