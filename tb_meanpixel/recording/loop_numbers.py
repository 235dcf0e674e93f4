"""The numbers that a training loop hands in: its step and its scalars, checked."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_meanpixel.statistics.images import Array, to_numpy

_INT64 = range(-(2**63), 2**63)


def check_step(step: object) -> int:
    """The step as an int.

    Raises:
        TypeError, ValueError: unless it is a whole number: an int, or an array or a tensor
            without axes that holds one.

    Example:
        >>> check_step(3), check_step(np.int64(3)), check_step(np.array(3))
        (3, 3, 3)
    """
    is_int = isinstance(step, int | np.integer) and not isinstance(step, bool)
    array = None if is_int else _array(step)
    if array is not None and array.ndim == 0 and array.dtype.kind in "iu":
        step, is_int = array[()], True
    if not is_int:
        raise TypeError(f"step must be a whole number, such as the epoch; got {_words(step)}")
    number: int = int(step)  # type: ignore[call-overload]
    if number not in _INT64:
        raise ValueError(f"step must be a whole number of 64 bits; got {step!r}")
    return number


def check_scalars(scalars: object) -> dict[str, float]:
    """The scalars as floats.

    Raises:
        TypeError, ValueError: unless it maps names to numbers: also tensors with a
            gradient, and arrays of one number.

    Example:
        >>> check_scalars({"loss": np.array([0.5]), "epoch": 2})
        {'loss': 0.5, 'epoch': 2.0}
    """
    if not isinstance(scalars, Mapping):
        raise TypeError(
            "scalars must be numbers by their names, for instance {'loss': 0.3}; "
            f"got {type(scalars).__name__}"
        )
    return {_check_name(name): _check_number(name, value) for name, value in scalars.items()}


def _check_name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"scalars must have strings as names, for instance 'loss'; got {name!r}")
    if not name.isprintable() or not name.strip():
        raise ValueError(
            f"scalars must have names that can be read, for instance 'loss'; got {name!r}"
        )
    return name


def _check_number(name: str, value: object) -> float:
    argument = f'scalars["{name}"]'
    array = _array(value)
    if np.ma.is_masked(value) or array is None or array.dtype.kind not in "biuf":
        raise TypeError(f"{argument} must be a number; got {_words(value)}")
    if array.size != 1:
        raise ValueError(
            f"{argument} must be a number; got an array of shape {array.shape}. "
            "Type, for instance, its mean"
        )
    return float(array.reshape(()))


def _array(value: Any) -> Array | None:
    """A number of any kind as an array; None if it is none."""
    try:
        if isinstance(value, numbers.Real):
            return np.asarray(float(value))
        if hasattr(value, "numpy") and not hasattr(value, "detach"):
            value = value.numpy()  # TensorFlow's __array__ fails for one number in bfloat16
        return to_numpy(value, "scalars") if hasattr(value, "__array__") else None
    except Exception:  # noqa: BLE001  each framework has errors of its own
        return None


def _words(value: object) -> str:
    words = repr(value)
    return words if len(words) <= 40 else f"a {type(value).__name__}"
