"""Counting and adding inside a graph: exact, on every Keras backend.

A float32 counter stops at 2^24, int32 wraps at 2^31, and JAX has no int64 by
default: so a count is two int32, `high * 2^24 + low`. The sum of the low parts
of up to 127 replicas still fits into an int32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from tb_meanpixel.histogram import IntArray
from tb_meanpixel.images import Array

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


def as_float(low: Any, high: Any) -> Any:
    """The counts as float32, for use in a graph; 7 digits of them are right."""
    return ops.cast(low, "float32") + ops.cast(high, "float32") * float(_LIMB)


def cell_index(values: Any, low: float, high: float, bins: int) -> Any:
    """The cell of each value as int32: what `histogram.count_values` does, in a graph."""
    scaled = ops.floor((values - low) * (bins / (high - low)))
    # The comparison decides what is in range, not the rounded product.
    inside = ops.minimum(ops.maximum(scaled, -1.0), float(bins - 1))
    index = ops.cast(ops.where(values <= high, inside, float(bins)), "int32") + 1
    return _where_all_finite(values, lambda: index, lambda: _with_non_finite(values, index, bins))


def finite_or_zero(values: Any) -> Any:
    """The values, with 0 in the place of those that are not finite."""
    return _where_all_finite(
        values, lambda: values, lambda: ops.where(ops.isfinite(values), values, 0.0)
    )


def _where_all_finite(values: Any, then: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
    """`then()` if the sum of the values is finite, hence all of them are; else `otherwise()`.

    Nearly always they are, and a sum costs less than looking for those that are not.
    """
    return ops.cond(ops.isfinite(ops.sum(values)), then, otherwise)


def _with_non_finite(values: Any, index: Any, bins: int) -> Any:
    index = ops.where(ops.isnan(values), bins + 2, index)
    index = ops.where(values == np.inf, bins + 3, index)
    return ops.where(values == -np.inf, bins + 4, index)


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


def counted_images(sample_weight: Any) -> Any:
    """Which images of a batch have a weight above 0: bool `(batch,)`."""
    weight = ops.convert_to_tensor(sample_weight)
    return ops.max(ops.reshape(weight, (ops.shape(weight)[0], -1)), axis=1) > 0


def add_exactly(total: Any, lost: Any, addend: Any) -> None:
    """Add to a float32 total and keep what rounding loses (Knuth's two-sum).

    A plain float32 sum of a million batches would be short by some percent.
    """
    before = ops.convert_to_tensor(total)
    after = before + addend
    part = after - before
    lost.assign(lost + ((before - (after - part)) + (addend - part)))
    total.assign(after)


def pad_rows(values: Any, rows: int, axis: int, before: int = 0) -> Any:
    """Put zeros before and after `axis`, so that it has `rows` entries."""
    padding = [[0, 0] for _ in values.shape]
    padding[axis] = [before, rows - before - values.shape[axis]]
    return ops.pad(values, padding)
