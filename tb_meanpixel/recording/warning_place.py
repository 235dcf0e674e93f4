"""Where a warning points to: the line that called this package."""

from __future__ import annotations

import sys

# Of these a frame may stand between two of ours: `np.errstate` wraps some of our functions.
_INSIDE = ("tb_meanpixel", "numpy", "contextlib")


def caller_level() -> int:
    """How far up the caller of this package is: Keras, or a loop of one's own."""
    level, frame = 0, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith(_INSIDE):
        level, frame = level + 1, frame.f_back
    return level + 1
