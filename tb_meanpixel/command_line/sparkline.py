"""A series in one line of text."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray

BLOCKS = "▁▂▃▄▅▆▇█"
#: What stands where no value is finite.
GAP = "·"
#: Characters of a line, at most.
WIDTH = 16


def sparkline(values: FloatArray, width: int = WIDTH) -> str:
    """A block for each value, or for the greatest of some neighbours: the lowest is the minimum.

    Example:
        >>> sparkline(np.array([0.0, 1.0, 7.0, np.nan])), sparkline(np.arange(64.0), 8)
        ('▁▂█·', '▁▂▃▄▅▆▇█')
    """
    values = np.where(np.isfinite(values), values, -np.inf)
    groups = np.array_split(values, min(width, len(values))) if len(values) else []
    tops = np.array([group.max(initial=-np.inf) for group in groups])
    known = tops[np.isfinite(tops)]
    low, high = known.min(initial=np.inf), known.max(initial=-np.inf)
    line = ""
    for top in tops.tolist():
        if not np.isfinite(top):
            line += GAP
        elif high > low:
            # Halves: the span of two numbers may be greater than any number.
            share = (top / 2 - low / 2) / (high / 2 - low / 2)
            line += BLOCKS[min(int(share * len(BLOCKS)), len(BLOCKS) - 1)]
        else:
            line += BLOCKS[0]
    return line
