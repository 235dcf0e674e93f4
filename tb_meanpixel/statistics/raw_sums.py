"""The raw sums behind the scores, by name: they are recorded so that records can be added."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.image_statistics import ImageStatistics
from tb_meanpixel.statistics.pairs import PairSums, PixelProducts
from tb_meanpixel.statistics.spatial import with_sum_of_colours


def side_sums(side: str, statistics: ImageStatistics) -> dict[str, FloatArray]:
    """Of one side, which is "output" or "reference"; each float64 `(rows,)`."""
    by_name = {f"{side}/pixels": statistics.pixels.finite.astype(np.float64)}
    if statistics.limits is not None:
        by_name |= {f"{side}/{name}": value for name, value in vars(statistics.limits).items()}
    if statistics.structure is not None:
        by_name |= {
            f"{side}/{name}": with_sum_of_colours(value)
            for name, value in vars(statistics.structure).items()
        }
    if statistics.spatial is not None:
        by_name[f"{side}/squares"] = with_sum_of_colours(statistics.spatial.squares)
        by_name[f"{side}/scatter"] = with_sum_of_colours(statistics.spatial.scatter)
    return by_name


def pair_sums(pairs: PairSums, channels: tuple[str, ...]) -> dict[str, FloatArray]:
    """Of pairs; `channels` are the names of the rows."""
    by_name = {f"pairs/{name}": getattr(pairs, name) for name in pairs.field_names()}
    if pairs.pixels is not None:
        by_name |= _product_sums(pairs.pixels, channels)
    return by_name


def _product_sums(products: PixelProducts, channels: tuple[str, ...]) -> dict[str, FloatArray]:
    diagonal = np.diagonal(products.by_channel)
    by_name = {
        "products/same_channel": with_sum_of_colours(diagonal),
        "products/left_right": with_sum_of_colours(products.left_right),
        "products/upside_down": with_sum_of_colours(products.upside_down),
        "products/transposed": with_sum_of_colours(products.transposed),
    }
    for column, name in enumerate(channels[1:]):
        by_name[f"products/with_{name}"] = with_sum_of_colours(products.by_channel[:, column])
    return by_name
