"""The mean pixels and contrasts themselves, one of each image, rather than their counts.

Quantiles are of these, and so are tests of chance where images are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.keys import Keys, smallest
from tb_meanpixel.statistics.quantiles import quantiles

#: Values of so many images are kept; of more, a seeded choice.
MAX_IMAGES = 1 << 16


@dataclass(frozen=True, eq=False)
class ImageValues:
    """Values of the images of one side.

    Attributes:
        means, contrasts: float64 `(n, rows)`, as `image_means` and `image_contrasts` give
            them; NaN for an image of which less than half of the pixels are finite.
        seen: images that were measured; n of them were kept.
        keys: uint64 `(n,)`; of more than 65,536 images those with the smallest keys are kept.
        groups: `(n,)`, a label of each: images of one group (clip, patient, scene) are not
            independent. None: each stands for itself.
    """

    means: FloatArray
    contrasts: FloatArray
    seen: int
    keys: Keys
    groups: Any = None

    @property
    def independent_count(self) -> int:
        """Images that are independent of each other, as far as it was said: groups, or images."""
        return self.seen if self.groups is None else len(np.unique(self.groups))

    def mean_quantiles(self) -> FloatArray:
        """Quantiles of the mean pixels `(rows, 33)`."""
        return quantiles(self.means)

    def contrast_quantiles(self) -> FloatArray:
        """Quantiles of the contrasts `(rows, 33)`."""
        return quantiles(self.contrasts)

    def by_group(self, values: FloatArray) -> FloatArray:
        """Mean of the finite values `(n, rows)` in each group `(groups, rows)`, NaN for none.

        Without groups the values themselves.
        """
        if self.groups is None:
            return values
        labels, inverse = np.unique(self.groups, return_inverse=True)
        finite = np.isfinite(values)
        kept = np.where(finite, values, 0.0)
        counts, sums = (
            np.stack([np.bincount(inverse, column, len(labels)) for column in each.T], axis=-1)
            for each in (finite.astype(np.float64), kept)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            means: FloatArray = sums / counts
        return means

    def of(self, chosen: Array) -> ImageValues:
        """Those of some images; as many were seen as before."""
        groups = None if self.groups is None else self.groups[chosen]
        return ImageValues(
            self.means[chosen], self.contrasts[chosen], self.seen, self.keys[chosen], groups
        )

    def __add__(self, other: ImageValues) -> ImageValues:
        """The values of both; of more than 65,536, a seeded choice that is fair to both sides."""
        parts = (self, other)
        has_groups = all(part.groups is not None for part in parts)
        both = ImageValues(
            np.concatenate([part.means for part in parts]),
            np.concatenate([part.contrasts for part in parts]),
            self.seen + other.seen,
            np.concatenate([part.keys for part in parts]),
            np.concatenate([part.groups for part in parts]) if has_groups else None,
        )
        return both.of(smallest(both.keys, MAX_IMAGES)) if len(both.keys) > MAX_IMAGES else both
