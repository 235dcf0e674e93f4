"""What `update` took since the last `write`: sums, and no images."""

from __future__ import annotations

import zlib

from tb_meanpixel.statistics.image_statistics import ImageStatistics
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.merging import require_one_kind
from tb_meanpixel.statistics.record import MeasuredReference, Record
from tb_meanpixel.statistics.value_range import ValueRange


class Accumulation:
    """The record of batches, one after the other. What fails leaves the sums as before."""

    def __init__(self) -> None:
        self._pairs: Record | None = None
        self._output: ImageStatistics | None = None
        self._reference: ImageStatistics | None = None
        #: Of the outputs' mean pixels, in the order in which they came.
        self.checksum = 0

    @property
    def image_count(self) -> int:
        """Outputs that were taken."""
        output = self._output if self._pairs is None else self._pairs.output
        return 0 if output is None else output.image_count

    def add_pairs(self, output: Array, reference: MeasuredReference) -> None:
        """Add outputs that reproduce these references."""
        record = reference.compare(output, paired=True)
        self._pairs = record if self._pairs is None else self._pairs + record
        self.checksum = output_checksum(record.output, self.checksum)

    def add_samples(
        self,
        output: Array,
        reference: MeasuredReference | None,
        value_range: ValueRange,
        groups: Array | None,
    ) -> None:
        """Add outputs, and references where there are some; `groups` are labels of the outputs."""
        side = measure_images(output, value_range, groups=groups, with_details=True)
        other = None if reference is None else reference.detailed
        added = _added("output", self._output, side), _added("reference", self._reference, other)
        self._output, self._reference = added
        self.checksum = output_checksum(side, self.checksum)

    def record(self, known: MeasuredReference | None) -> Record:
        """The record of all that was added; `known` is the reference where none was added.

        Raises:
            ValueError: if there is neither.
        """
        if self._pairs is not None:
            return self._pairs
        assert self._output is not None
        reference = self._reference
        if reference is None and known is not None:
            reference = known.detailed
        if reference is None:
            raise ValueError(
                "reference must be given with one update at least: the images that the outputs "
                "are compared with. Type: writer.update(output=output, reference=images)"
            )
        return Record(self._output, reference)


def output_checksum(output: ImageStatistics, before: int = 0) -> int:
    """A checksum of outputs in their order, after that of those `before` them.

    Sums are the same in any order. Outputs in another order have changed, all the same.
    """
    assert output.values is not None
    return zlib.crc32(output.values.means.tobytes(), before)


def _added(
    side: str, first: ImageStatistics | None, second: ImageStatistics | None
) -> ImageStatistics | None:
    if first is None or second is None:
        return first or second
    require_one_kind(side, first, second)
    return first + second
