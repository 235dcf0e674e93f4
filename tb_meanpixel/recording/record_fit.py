"""Whether a record that was measured elsewhere is one of a stream."""

from __future__ import annotations

from tb_meanpixel.statistics.record import Record
from tb_meanpixel.statistics.value_range import ValueRange

_KINDS = {True: "pairs", False: "samples"}


def range_of_record(record: Record, value_range: ValueRange | None, paired: bool) -> ValueRange:
    """The range of a record of a stream with this range; None: the stream has none yet.

    Raises:
        ValueError: if the record is not one of this stream, with what differs.
    """
    is_paired = record.pairs is not None
    if is_paired != paired:
        raise ValueError(
            f"record must be of {_KINDS[paired]}, as the writer's paired={paired} says; got one of "
            f"{_KINDS[is_paired]}"
        )
    limits = record.output.pixels.low, record.output.pixels.high
    if value_range is None:
        return ValueRange(*limits, "declared")
    if limits != value_range[:2]:
        low, high, _ = value_range
        raise ValueError(
            f"record must have the writer's value range {low:g}..{high:g}; got "
            f"{limits[0]:g}..{limits[1]:g}"
        )
    return value_range
