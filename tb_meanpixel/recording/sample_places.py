"""Which pixels of an image a metric counts: one at random in each cell of a grid.

A lattice would see the same columns of every image: a border not at all, and a pattern of its
own period as if it were everywhere.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

# A sample of pixels has at least so many rows and columns.
_MIN_GRID = 8

# Images of a batch have so many different choices, in turns.
_CHOICES = 16


@functools.lru_cache(maxsize=16)
def places(height: int, width: int) -> npt.NDArray[np.int32]:
    """Indices into the pixels of an image, `(choices, pixels)`: seeded, one in each cell.

    Example: images of less than 24 pixels are counted whole.
        >>> places(16, 16).shape, places(28, 28).shape
        ((16, 256), (16, 81))
    """
    step = grid_step(height, width)
    random = np.random.default_rng(0)
    rows, columns = (
        _one_in_each(random, length, length // step, (height // step, width // step), axis)
        for axis, length in enumerate((height, width))
    )
    return (rows * width + columns).reshape(_CHOICES, -1).astype(np.int32)


def _one_in_each(
    random: np.random.Generator, length: int, cells: int, grid: tuple[int, int], axis: int
) -> npt.NDArray[np.intp]:
    """A place along one side for each cell `(choices, rows, columns)`."""
    starts = np.arange(cells) * length // cells
    sizes = np.diff(starts, append=length)
    shape = (-1, 1) if axis == 0 else (1, -1)
    drawn = random.random((_CHOICES, *grid))
    return (starts.reshape(shape) + drawn * sizes.reshape(shape)).astype(np.intp)


def grid_step(height: int, width: int) -> int:
    """The step of a sample's rows and columns; 1 for images of less than 24.

    Example:
        >>> grid_step(16, 16), grid_step(28, 28), grid_step(64, 64)
        (1, 3, 7)
    """
    return max(1, (min(height, width) // _MIN_GRID - 1) // 2 * 2 + 1)
