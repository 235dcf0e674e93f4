"""Where a warning points to: the line that called this package."""

from __future__ import annotations

import sys


def caller_level() -> int:
    """How far up the caller of this package is: Keras, or a loop of one's own."""
    level, frame = 0, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("tb_meanpixel"):
        level, frame = level + 1, frame.f_back
    return level + 1
