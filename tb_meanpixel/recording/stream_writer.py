"""Writes the records of one stream into an open event file."""

from __future__ import annotations

import bisect
import contextlib
import copy
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

import tb_meanpixel
from tb_meanpixel.recording.accumulation import Accumulation, output_checksum
from tb_meanpixel.recording.event_file import EventFile
from tb_meanpixel.recording.live_findings import LiveFindings
from tb_meanpixel.recording.record_fit import range_of_record
from tb_meanpixel.recording.samples import Samples
from tb_meanpixel.recording.stream_changes import StreamChanges
from tb_meanpixel.schema import summary
from tb_meanpixel.schema.metadata import Quantity, Side, StreamInfo, Unit
from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.image_statistics import ImageStatistics
from tb_meanpixel.statistics.images import Array, checksum, fingerprint
from tb_meanpixel.statistics.quantiles import PROBABILITIES
from tb_meanpixel.statistics.record import MeasuredReference, Record, check_fit
from tb_meanpixel.statistics.value_range import ValueRange, declaration, ends, infer_range

if TYPE_CHECKING:
    from tb_meanpixel.tensorboard_private import Summary


_log = logging.getLogger("tb_meanpixel")


def infer_and_say(images: Array, stream: str) -> ValueRange:
    """The range of a stream whose user declared none, said in the log."""
    inferred = infer_range(images)
    _log.info(
        "%s: value range %s..%s, from the reference. To declare it, type: %s",
        stream,
        *ends(*inferred[:2]),
        declaration(images, inferred),
    )
    return inferred


_NO_PAIRS = (
    "reference must be given with every update of pairs: output i is compared with reference i, "
    "and no images are kept. Type: writer.update(output=output, reference=images). For samples "
    "that reproduce no reference make the writer with paired=False"
)
_NO_RANGE = (
    "reference must be given with the first update: the value range is inferred from it. Type: "
    "writer.update(output=output, reference=images), or make the writer with value_range=(0, 1), "
    "or whatever range your images have"
)


class StreamWriter:
    """Compares with a reference, measures, and writes."""

    def __init__(
        self,
        events: EventFile,
        name: str,
        value_range: ValueRange | None,
        bins: int,
        paired: bool,
        *,
        unit: Unit = "epoch",
        samples: int = 0,
        live: LiveFindings | None = None,
    ) -> None:
        self._events = events
        self._name = name
        self._value_range = value_range
        self._bins = bins
        self._paired = paired
        self._is_inferred = value_range is None
        self._changes = StreamChanges(name)
        self._unit = unit
        self.samples = Samples(samples, paired)
        self._live = live
        self._reference: MeasuredReference | None = None
        self._accumulation = Accumulation()
        self._first_sheet = b""
        self._reference_hash = ""
        self._known_reference: object = None
        # Hash of the reference in the file, and the file's number: every file has one.
        self._written_reference = ("", 0)
        #: Those of this writer that none of its later records replaces.
        self._steps: list[int] = []
        # The last step of the stream, of this writer or of one before it; None before any.
        self._last_step = events.last_step(name)
        self._may_know = events.generation > 0

    @np.errstate(all="ignore")  # what overflows is infinite: that is no news
    def take_reference(
        self, images: Array, groups: Array | None = None, inputs: Array | None = None
    ) -> None:
        """Compare with these images from now on.

        Args:
            images: the references.
            groups: a label of each.
            inputs: what outputs are made of, where these are images of their own.
        """
        known = (checksum(images), None if groups is None else groups.tobytes())
        if self._known_reference == known:
            return
        reference_hash = fingerprint(images)
        # Kept from here on: the edges of a series must not move.
        value_range = self._value_range or infer_and_say(images, self._name)
        self._reference = MeasuredReference(images, value_range, groups)
        if self._value_range is not None and self._is_inferred:
            self._changes.say_if_left(images, self._reference)
        self.samples.take_reference(images, inputs, value_range, reference_hash)
        self._value_range, self._reference_hash = value_range, reference_hash
        self._known_reference = known

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """What fails within leaves no trace: the next record is as good as a first."""
        before = {**self.__dict__, "samples": copy.copy(self.samples)}
        try:
            yield
        except BaseException:
            self.__dict__.update(before)
            raise

    def check(self, images: Array, reference: Array | None) -> None:
        """Raise ValueError unless outputs fit a reference; None for the one that was taken."""
        if reference is None and self._reference is not None:
            reference = self._reference.images
        if reference is None:
            raise ValueError(
                "reference must be given with the first step: the images that the outputs "
                "are compared with. Type: writer.write(step, output=output, reference=images)"
            )
        check_fit(images, reference, self._paired)

    @property
    def accumulated(self) -> int:
        """Outputs that `update` took since they were last written."""
        return self._accumulation.image_count

    def update(self, images: Array, references: Array | None, groups: Array | None) -> None:
        """Add a batch to the sums of the next step; `groups` is a label of each reference.

        Raises:
            ValueError: if it does not fit. The sums are then as before.
        """
        if references is None and (self._paired or not (self._reference or self._value_range)):
            raise ValueError(_NO_PAIRS if self._paired else _NO_RANGE)
        if references is not None:
            check_fit(images, references, self._paired)
        value_range = self._value_range
        if value_range is None:
            assert references is not None
            value_range = infer_and_say(references, self._name)
        reference, is_first = None, not self.accumulated
        if references is not None:
            reference = MeasuredReference(references, value_range, groups)
        if self._paired:
            assert reference is not None
            self._accumulation.add_pairs(images, reference)
        else:
            if reference is None and self._reference is not None:
                check_fit(images, self._reference.images, paired=False)
            are_as_many = references is not None and len(images) == len(references)
            self._accumulation.add_samples(
                images, reference, value_range, groups if are_as_many else None
            )
        if reference is not None and self._value_range is not None and self._is_inferred:
            self._changes.say_if_left(reference.images, reference)
        self._value_range = value_range
        if is_first and self.samples.count:
            self._draw_first(images, references)

    def _draw_first(self, images: Array, references: Array | None) -> None:
        """Of batches the samples are those of a step's first one: the others are gone by then."""
        assert self._value_range is not None
        if references is not None:
            # Pairs may come in another order at each step: no output has another's reference.
            self.samples.take_reference(
                references, None, self._value_range, fingerprint(references)
            )
        self._first_sheet = self.samples.draw(images, self._value_range)

    def write_accumulated(self, step: int) -> dict[str, float]:
        """Write the record of what `update` took, and begin anew."""
        assert self._value_range is not None
        record = self._accumulation.record(self._reference)
        scores = self.write_record(
            step, record, self._first_sheet, checksum=self._accumulation.checksum
        )
        self._accumulation, self._first_sheet = Accumulation(), b""
        self._known_reference = None
        self._reference = None
        if not self._paired:
            self._reference = MeasuredReference.of_statistics(record.reference, self._value_range)
            self._reference_hash = fingerprint(record.reference.pixels.cells)
        return scores

    def write_images(self, step: int, images: Array) -> dict[str, float]:
        """Measure outputs `(batch, height, width, channels)` and write the record."""
        reference = self._reference
        assert reference is not None
        groups = reference.groups if len(images) == len(reference.images) else None
        record = reference.compare(images, paired=self._paired, groups=groups)
        sheet = self.samples.draw(images, reference.value_range) if self.samples.count else b""
        checksum = output_checksum(record.output)
        return self._write(
            step, record, reference.value_range, self._reference_hash, sheet, checksum=checksum
        )

    def write_record(
        self, step: int, record: Record, sheet: bytes = b"", *, checksum: int | None = None
    ) -> dict[str, float]:
        """Write a record that was measured elsewhere, with the range that it has."""
        self._value_range = range_of_record(record, self._value_range, self._paired)
        # A metric keeps no images, but the same images have the same counts.
        return self._write(
            step,
            record,
            self._value_range,
            fingerprint(record.reference.pixels.cells),
            sheet,
            checksum=checksum,
        )

    @np.errstate(all="ignore")  # what overflows is infinite: that is no news
    def _write(
        self,
        step: int,
        record: Record,
        value_range: ValueRange,
        reference_hash: str,
        sheet: bytes = b"",
        *,
        checksum: int | None = None,
    ) -> dict[str, float]:
        spatial = record.output.spatial
        is_whole = spatial is not None and not spatial.is_of_blocks
        height, width = spatial.sums.shape[:2] if is_whole else (0, 0)  # type: ignore[union-attr]
        if is_whole:
            self._changes.say_if_resized(step, (height, width))
        stream = StreamInfo(
            name=self._name,
            paired=self._paired,
            value_range=value_range,
            channels=record.channels,
            height=height,
            width=width,
            reference_count=record.reference.image_count,
            reference_hash=reference_hash,
            unit=self._unit,
            writer_version=tb_meanpixel.__version__,
            samples=self.samples.count if sheet else 0,
        )
        values = self._side_values(record.output, stream, "output")
        reference = (reference_hash, self._events.refresh())
        if not self._may_know and reference[1]:  # another process had the directory until now
            self._may_know, self._last_step = True, self._events.last_step(self._name)
        if self._written_reference != reference:
            values += self._side_values(record.reference, stream, "reference")
            if sheet:
                values.append(summary.samples_value(self.samples.reference, stream, "reference"))
        if self._last_step is not None and step <= self._last_step:
            self._events.warn_of_replacement(self._name, step, self._last_step, self._unit)
        of_record = scores.scores(record)
        by_name = of_record
        if checksum is not None:  # a record that was measured elsewhere has no order
            number = float(checksum % summary.MAX_FLOAT32_COUNT)
            by_name = {**of_record, "output_checksum": np.array([number])}
        values += summary.score_values(by_name, stream)
        values.append(summary.sums_value(record.sums(), stream))
        if sheet:
            values.append(summary.samples_value(sheet, stream, "step"))
        # A step replaces what is recorded from it on: so do readers, and so does the count.
        before = self._steps[: bisect.bisect_left(self._steps, step)]
        values.append(summary.count_value(self._name, len(before) + 1))
        self._events.add(step, values)
        self._steps = [*before, step]
        self._last_step = step
        self._written_reference = reference
        if self._live is not None:
            self._live.take_scores(step, stream, by_name)
        return scores.overall(of_record)

    def _side_values(
        self, statistics: ImageStatistics, stream: StreamInfo, side: Side
    ) -> list[Summary.Value]:
        values = [
            *summary.histogram_values(statistics, stream, side, self._bins),
            *summary.mean_image_values(statistics, stream, side),
        ]
        if statistics.values is not None:
            quantiles: dict[Quantity, FloatArray] = {
                "mean_pixels": statistics.values.mean_quantiles(),
                "contrasts": statistics.values.contrast_quantiles(),
            }
            values += summary.quantile_values(quantiles, PROBABILITIES, stream, side)
        return values
