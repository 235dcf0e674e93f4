"""8 x 8 block means of some images: enough to tell whether two of them are alike."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.images import subset_indices

#: Of so many images at most: a seeded choice.
MAX_IMAGES = 256


def joined(first: FloatArray, second: FloatArray) -> FloatArray:
    """The thumbnails of two batches; of more than 256, a seeded choice."""
    both = np.concatenate([first, second])
    return both[subset_indices(len(both), MAX_IMAGES)]
