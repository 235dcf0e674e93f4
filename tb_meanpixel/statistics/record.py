"""A record: all that is kept of one stream at one step.

It is made of sums and of short lists that join, so records of two batches add up to the record
of both.
"""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.image_statistics import ImageStatistics
from tb_meanpixel.statistics.image_values import MAX_IMAGES
from tb_meanpixel.statistics.images import (
    Array,
    Layout,
    as_images,
    channel_names,
    check_data_formats,
)
from tb_meanpixel.statistics.keys import seed_of
from tb_meanpixel.statistics.measuring import measure_images, measure_where
from tb_meanpixel.statistics.merging import require_parts
from tb_meanpixel.statistics.pairs import PairSums, PixelProducts
from tb_meanpixel.statistics.raw_sums import pair_sums, side_sums
from tb_meanpixel.statistics.record_bytes import from_bytes, to_bytes
from tb_meanpixel.statistics.value_range import ValueRange, declared_range


@dataclass(frozen=True, eq=False)
class Record:
    """One stream at one step.

    Records of parts add up to the record of the whole, in any order: `first + second`, or
    `sum(records)`. Each image must be in one part only, each reference too. Counts are exact,
    sums are equal to 1e-12. Mean pixels and contrasts of up to 65,536 images are kept
    themselves; of samples also numbers of up to 4,096 single images a side, of which near copies
    and chance (`bias_p` and the other p-values) are told. Up to there all scores are those of the
    whole to 1e-9. Of more images a seeded choice is kept: the same whatever the order of adding,
    but another one if the parts are other ones.

    A record can be pickled; `to_bytes` makes bytes that are safe to read, too.

    Attributes:
        output, reference: the statistics of either side. Of pairs with values that are not
            finite, of the pixels that are finite on both sides.
        pairs: sums over the pairs; None where outputs reproduce no reference.

    Example: two halves are as good as the whole.
        >>> images = np.random.default_rng(0).random((8, 4, 4))
        >>> halves = [
        ...     measure(output=half, reference=half, value_range=(0, 1))
        ...     for half in (images[:4], images[4:])
        ... ]
        >>> sum(halves).output.image_count
        8
    """

    output: ImageStatistics
    reference: ImageStatistics
    pairs: PairSums | None = None

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
            by_name |= side_sums(side, statistics)
        if self.pairs is not None:
            by_name |= pair_sums(self.pairs, self.channels)
        return by_name

    def __add__(self, other: object) -> Record:
        """The record of the images of both.

        Raises:
            ValueError: if the value range, the bins, the channels, the image size, the kind of
                groups, or whether images are paired differ; it says what.
        """
        if not isinstance(other, Record):
            return NotImplemented
        require_parts(self, other)
        pairs = None
        if self.pairs is not None and other.pairs is not None:
            pairs = self.pairs + other.pairs
        return Record(self.output + other.output, self.reference + other.reference, pairs)

    def __radd__(self, other: object) -> Record:
        # `sum` begins with 0.
        return self if isinstance(other, int) and other == 0 else NotImplemented

    def to_bytes(self) -> bytes:
        """The record as bytes, for `from_bytes` of another process or machine."""
        return to_bytes(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> Record:
        """The record whose bytes these are. They hold no code: reading them is safe.

        Raises:
            TypeError, ValueError: if `data` is not what `to_bytes` returned.

        Example:
            >>> images = np.zeros((2, 4, 4))
            >>> record = measure(output=images, reference=images, value_range=(0, 1))
            >>> Record.from_bytes(record.to_bytes()).output.image_count
            2
        """
        record: Record = from_bytes(cls, data)
        return record


class MeasuredReference:
    """References `(batch, height, width, channels)`, measured once for many steps.

    `groups` holds a label of each image, or is None: images of one group are not independent.
    """

    def __init__(self, images: Array, value_range: ValueRange, groups: Any = None) -> None:
        self.images = images
        self.value_range = value_range
        self.groups = check_groups(groups, len(images))

    @functools.cached_property
    def statistics(self) -> ImageStatistics:
        """Of all references."""
        return measure_images(self.images, self.value_range, groups=self.groups)

    @functools.cached_property
    def detailed(self) -> ImageStatistics:
        """The same with details of single images."""
        detailed = measure_images(
            self.images, self.value_range, groups=self.groups, with_details=True
        )
        self.__dict__.setdefault("statistics", detailed)
        return detailed

    @classmethod
    def of_statistics(
        cls, statistics: ImageStatistics, value_range: ValueRange
    ) -> MeasuredReference:
        """References whose images are not kept: outputs can be compared with them, but no pairs."""
        channels = len(statistics.pixels.sums)
        reference = cls(np.empty((0, 1, 1, max(1, channels - 1))), value_range)
        reference.__dict__ |= {"statistics": statistics, "detailed": statistics}
        return reference

    @functools.cached_property
    def _parts(self) -> list[MeasuredReference]:
        """Parts of which every image's values are kept."""
        return [
            MeasuredReference(
                self.images[start : start + MAX_IMAGES],
                self.value_range,
                None if self.groups is None else self.groups[start : start + MAX_IMAGES],
            )
            for start in range(0, len(self.images), MAX_IMAGES)
        ]

    @np.errstate(all="ignore")  # what overflows is infinite, and the scores say so
    def compare(self, output: Array, *, paired: bool, groups: Any = None) -> Record:
        """The record of outputs of the same layout.

        `groups` holds a label of each output, where these are no pairs.

        Raises:
            ValueError: if outputs and references do not fit each other.
        """
        check_fit(output, self.images, paired)
        if not paired:
            labels = check_groups(groups, len(output))
            side = measure_images(output, self.value_range, groups=labels, with_details=True)
            return Record(side, self.detailed)
        if len(output) <= MAX_IMAGES:
            return self._compare_pairs(output)
        runs = np.split(output, range(MAX_IMAGES, len(output), MAX_IMAGES))
        records = [part._compare_pairs(run) for part, run in zip(self._parts, runs, strict=True)]
        return functools.reduce(operator.add, records)

    def _compare_pairs(self, output: Array) -> Record:
        reference = self.statistics
        seed = seed_of(reference.pixels)
        side = measure_images(output, self.value_range, groups=self.groups, seed=seed)
        if side.pixels.non_finite.any() or reference.pixels.non_finite.any():
            shared = np.isfinite(output) & np.isfinite(self.images)
            side, reference = (
                measure_where(images, shared, self.value_range, self.groups, seed)
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
