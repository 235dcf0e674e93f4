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
    groups = np.array_split(values, min(width, len(values)))
    tops = np.array([group.max(initial=-np.inf) for group in groups])
    known = np.isfinite(tops)
    low, high = tops[known].min(initial=np.inf), tops[known].max(initial=-np.inf)
    if not known.any():
        return GAP * len(tops)
    span = high - low
    with np.errstate(invalid="ignore"):
        shares = (tops - low) / span if 0 < span < np.inf else np.zeros(len(tops))
    levels = np.minimum(np.nan_to_num(shares) * len(BLOCKS), len(BLOCKS) - 1).astype(int)
    return "".join(
        BLOCKS[level] if there else GAP
        for level, there in zip(np.maximum(levels, 0), known, strict=True)
    )
