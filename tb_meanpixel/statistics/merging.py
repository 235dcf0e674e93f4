"""Which records may be added: those of parts of one whole."""

from __future__ import annotations

from typing import Any

from tb_meanpixel.statistics.image_statistics import ImageStatistics
from tb_meanpixel.statistics.images import channel_names


def require_parts(first: Any, second: Any) -> None:
    """Raise ValueError, with what differs, unless two records are of parts of one whole."""
    kinds = ["pairs" if record.pairs is not None else "samples" for record in (first, second)]
    if kinds[0] != kinds[1]:
        raise ValueError(
            f"records must all be of pairs or all of samples to be added; got {kinds[0]} and "
            f"{kinds[1]}. Give measure the same paired= each time"
        )
    for side in ("output", "reference"):
        require_one_kind(side, getattr(first, side), getattr(second, side))


def require_one_kind(side: str, first: ImageStatistics, second: ImageStatistics) -> None:
    """Raise ValueError, with what differs, unless images were measured in the same way."""
    described = [_described(statistics) for statistics in (first, second)]
    for what, value in described[0].items():
        other = described[1][what]
        if value != other:
            raise ValueError(
                f"records must have one {what} to be added; got {value} and {other} ({side}s)"
            )


def _described(statistics: ImageStatistics) -> dict[str, str]:
    """What must be equal, by the words for it."""
    pixels, spatial, values = statistics.pixels, statistics.spatial, statistics.values
    size = "none"
    if spatial is not None:
        height, width = spatial.sums.shape[:2]
        size = f"{height} x {width} " + ("blocks" if spatial.is_of_blocks else "pixels")
    labels = "none"
    if values is not None and values.groups is not None:
        labels = "strings" if values.groups.dtype.kind in "US" else "whole numbers"
    rows = len(pixels.sums)
    return {
        "value range": f"{pixels.low:g}..{pixels.high:g}",
        "number of bins": str(pixels.bins),
        "kind of channels": ", ".join(channel_names(max(1, rows - 1))),
        "image size": size,
        "kind of groups": labels,
    }
