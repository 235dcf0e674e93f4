"""The `logs` of an epoch, which Keras gives to each callback in turn."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from tb_meanpixel.schema.log_names import log_names


def numbers(logs: Mapping[str, Any] | None) -> dict[str, float]:
    """The scalars in the logs.

    Example:
        >>> numbers({"loss": 0.5, "confusion": [[1, 0], [0, 1]]})
        {'loss': 0.5}
    """
    scalars = {}
    for name, value in (logs or {}).items():
        try:
            scalars[name] = float(value)
        except (TypeError, ValueError):
            continue  # not a scalar
    return scalars


def add_scores(
    logs: MutableMapping[str, Any], scores: Mapping[str, Mapping[str, float]]
) -> list[str]:
    """Add the scores of some streams to the logs; a number that stands there is not replaced.

    Returns:
        The names that were taken already.

    Example:
        >>> logs = {"val_mean_pixel": 0.25}
        >>> add_scores(logs, {"validation": {"output_mean": 0.75, "bias": 0.5, "drift": 0.5}})
        ['val_mean_pixel']
        >>> logs
        {'val_mean_pixel': 0.25, 'val_mean_pixel_bias': 0.5, 'val_mean_pixel_drift': 0.5}
    """
    added = {
        name: found[score]
        for stream, found in scores.items()
        for name, score in log_names(stream).items()
    }
    taken = [name for name in added if name in logs]
    logs.update({name: score for name, score in added.items() if name not in taken})
    return taken
