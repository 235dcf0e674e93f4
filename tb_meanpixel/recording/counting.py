"""Counting and adding inside a graph: exact, on every Keras backend.

A float32 counter stops at 2^24, int32 wraps at 2^31, and JAX has no int64 by
default: so a count is two int32, `high * 2^24 + low`. The sum of the low parts
of up to 127 replicas still fits into an int32.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from tb_meanpixel.statistics.histogram import IntArray
from tb_meanpixel.statistics.images import Array

_LIMB = 1 << 24


def add_counts(low: Any, high: Any, counts: Any) -> None:
    """Add int32 `counts`, each below 2^31 - 2^24, to the variables that hold them."""
    total = low + counts
    carry = total // _LIMB
    low.assign(total - carry * _LIMB)
    high.assign(high + carry)


def as_int64(low: Array, high: Array) -> IntArray:
    """The counts as numpy, exact."""
    counts: IntArray = high.astype(np.int64) * _LIMB + low
    return counts


def cell_index(values: Any, low: Any, high: Any, bins: int) -> Any:
    """The cell of each finite value as int32, as in `histogram.count_values`.

    `low` and `high` are numbers, or float32 arrays that broadcast to the values.
    """
    scaled = ops.floor((values - low) * (bins / (high - low)))
    # The comparison decides what is in range, not the rounded product.
    inside = ops.minimum(ops.maximum(scaled, -1.0), float(bins - 1))
    return ops.cast(ops.where(values <= high, inside, float(bins)), "int32") + 1


def non_finite_index(values: Any, bins: int) -> Any:
    """The cell of each NaN, +Inf and -Inf; no meaning for finite values."""
    return ops.where(ops.isnan(values), bins + 2, ops.where(values > 0, bins + 3, bins + 4))


def count(index: Any, size: int) -> Any:
    """How often each of `size` integers occurs, as int32 `(size,)`.

    Not `ops.histogram` (wrong counts in half precision and above 2^24), nor
    `ops.bincount` (does not compile under XLA, which is Keras's default on a GPU).
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.raw_ops.DenseBincount(
            input=index, size=size, weights=tf.constant([], tf.int32), binary_output=False
        )
    if keras.backend.backend() == "torch":  # whose segment_sum adds in float32
        return ops.cast(index.flatten().bincount(minlength=size), "int32")
    return ops.segment_sum(ops.ones_like(index), index, num_segments=size)


def image_weights(sample_weight: Any, images: Any) -> Any:
    """The weight of each image of a batch, float32 `(batch,)`; 0 where it is none above 0.

    Raises:
        ValueError: if there are several weights for an image.
    """
    weight = ops.cast(ops.convert_to_tensor(sample_weight), "float32")
    if any(length != 1 for length in weight.shape[1:]):
        raise ValueError(
            "sample_weight must be one number for an image, (batch,); got shape "
            f"{tuple(weight.shape)}: pixels have no weights of their own"
        )
    weight = ops.broadcast_to(ops.reshape(weight, (-1,)), (ops.shape(images)[0],))
    return ops.where(weight > 0, weight, 0.0)


def add_exactly(total: Any, lost: Any, addend: Any) -> None:
    """Add to a float32 total and keep what rounding loses (Knuth's two-sum).

    A plain float32 sum of a million batches would be short by some percent.
    """
    before = ops.convert_to_tensor(total)
    after = before + addend
    part = after - before
    lost.assign(lost + ((before - (after - part)) + (addend - part)))
    total.assign(after)


def moments(values: Any, counted: Any, axes: tuple[int, ...]) -> Any:
    """Number, sum and sum of squares of the `counted` (bool, as the values): `(3, ...)`."""
    kept = ops.where(counted, values, 0.0)
    return ops.stack(
        [ops.sum(ops.cast(counted, "float32"), axes), ops.sum(kept, axes), ops.sum(kept**2, axes)]
    )
