"""The records of one stream, into an event file that is open already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tb_meanpixel.recording.event_file import EventFile
from tb_meanpixel.schema import summary
from tb_meanpixel.schema.metadata import Side, StreamInfo
from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.histogram import Histogram
from tb_meanpixel.statistics.image_statistics import ImageStatistics, PairSums, Record, measure
from tb_meanpixel.statistics.images import (
    Array,
    ValueRange,
    channel_names,
    fingerprint,
    infer_range,
)
from tb_meanpixel.statistics.mean_pixel import image_means
from tb_meanpixel.statistics.significance import fold_histograms

if TYPE_CHECKING:
    from tb_meanpixel.tensorboard_private import Summary


class StreamWriter:
    """Compares with a reference, measures, and writes."""

    def __init__(
        self,
        events: EventFile,
        name: str,
        value_range: ValueRange | None,
        bins: int,
        paired: bool,
    ) -> None:
        self._events = events
        self._name = name
        self._value_range = value_range
        self._bins = bins
        self._paired = paired
        self._reference: _Reference | None = None
        # Hash of the reference in the file, and which file: every file has one.
        self._written_reference = ("", 0)
        self._recorded = 0

    def take_reference(self, images: Array) -> None:
        """Compare with these images from now on."""
        if self._reference is not None and self._reference.hash == fingerprint(images):
            return
        if self._value_range is None:
            # Kept from here on: the edges of a series must not move.
            self._value_range = infer_range(images)
        self._reference = _Reference(images, self._value_range)

    def write_images(self, step: int, images: Array) -> dict[str, float]:
        """Measure outputs `(batch, height, width, channels)` and write the record."""
        reference = self._reference
        if reference is None:
            raise ValueError(
                "reference must be given with the first step: the images that the outputs "
                "are compared with. Type: writer.write(step, output, reference=images)"
            )
        check_fit(images, reference.images, self._paired)
        record = Record(
            output=measure(images, reference.value_range),
            reference=reference.statistics,
            pairs=PairSums.of(image_means(images), reference.means) if self._paired else None,
            folds=None
            if self._paired
            else (fold_histograms(images, reference.value_range), reference.folds()),
        )
        return self._write(step, record, reference.value_range, reference.hash)

    def write_record(self, step: int, record: Record) -> dict[str, float]:
        """Write a record that was measured elsewhere, with the declared range."""
        assert self._value_range is not None
        # Of images that only passed by the counts are known: the same images, the same counts.
        return self._write(
            step, record, self._value_range, fingerprint(record.reference.pixels.cells)
        )

    def _write(
        self, step: int, record: Record, value_range: ValueRange, reference_hash: str
    ) -> dict[str, float]:
        spatial = record.output.spatial
        height, width = (0, 0) if spatial is None else spatial.sums.shape[:2]
        stream = StreamInfo(
            name=self._name,
            paired=self._paired,
            value_range=value_range,
            channels=record.channels,
            height=height,
            width=width,
            reference_count=record.reference.image_count,
            reference_hash=reference_hash,
        )
        values = self._side_values(record.output, stream, "output")
        reference = (reference_hash, self._events.refresh())
        if self._written_reference != reference:
            values += self._side_values(record.reference, stream, "reference")
        by_name = scores.scores(record)
        values += summary.score_values(by_name, record.channels, self._name)
        self._recorded += 1
        values.append(summary.count_value(self._name, self._recorded))
        self._events.add(step, values)
        self._written_reference = reference
        return scores.headline(by_name)

    def _side_values(
        self, statistics: ImageStatistics, stream: StreamInfo, side: Side
    ) -> list[Summary.Value]:
        return [
            *summary.histogram_values(statistics, stream, side, self._bins),
            *summary.mean_image_values(statistics, stream, side),
        ]


class _Reference:
    """References, and what is computed from them once."""

    def __init__(self, images: Array, value_range: ValueRange) -> None:
        self.images = images
        self.value_range = value_range
        self.hash = fingerprint(images)
        self.statistics: ImageStatistics = measure(images, value_range)
        self.means = np.asarray(image_means(images))
        self._folds: Histogram | None = None

    def folds(self) -> Histogram:
        """Its pixel histograms by fold; paired streams never ask for them."""
        if self._folds is None:
            self._folds = fold_histograms(self.images, self.value_range)
        return self._folds


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
