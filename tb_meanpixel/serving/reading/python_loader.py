"""The fast way to many series where TensorBoard runs without its data server.

The public methods of the data provider make an array of each tensor: 15 microseconds a point,
and gigabytes if a broken file says so. TensorBoard's Python loader keeps the messages
themselves. That is not public: if anything of it changes, all functions here give None, and
the public methods give the same, slower.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from tb_meanpixel.serving.reading.raw_series import RawSeries, SeriesKey
from tb_meanpixel.serving.reading.tensor_contents import are_single, contents, float_scalars, shapes
from tb_meanpixel.tensorboard_private import (
    DATA_TYPES,
    DataClass,
    python_loader,
    python_loader_names,
    python_loader_series,
)

_log = logging.getLogger("tb_meanpixel")


class PythonLoader:
    """Reads from the Python loader behind a provider, if there is one."""

    def __init__(self, provider: Any) -> None:
        self._loader = python_loader(provider)

    def names(self) -> tuple[set[str], set[str]]:
        """All event directories and all tags; none if there is no such loader."""
        try:
            return python_loader_names(self._loader) if self._loader else (set(), set())
        except Exception as error:  # noqa: BLE001  as below
            _warn_once(error)
            return set(), set()

    def scalars(
        self, plugin: str, event_directories: Collection[str], tags: Collection[str]
    ) -> dict[SeriesKey, RawSeries | None] | None:
        """As `Experiment.scalars`; None for a series that is not of float32 throughout."""

        def decode(_: str, tensors: Sequence[Any]) -> tuple[Any, None] | None:
            values = float_scalars(tensors, DATA_TYPES[np.dtype("<f4")])
            if values is not None:
                return values, None
            # TensorBoard would make an array of as many numbers as a broken file says.
            return None if are_single(tensors) else ([], None)

        return self._read(plugin, "DATA_CLASS_SCALAR", event_directories, tags, decode)

    def tensors(
        self,
        plugin: str,
        event_directories: Collection[str],
        dtypes: Mapping[str, Sequence[np.dtype[Any]]],
        with_shapes: bool,
    ) -> dict[SeriesKey, RawSeries] | None:
        """As `Experiment.tensors` without a limit."""

        def decode(tag: str, tensors: Sequence[Any]) -> tuple[Any, Any]:
            return (
                contents(tensors, {DATA_TYPES[dtype] for dtype in dtypes[tag]}),
                shapes(tensors) if with_shapes else None,
            )

        found = self._read(plugin, "DATA_CLASS_TENSOR", event_directories, dtypes, decode)
        if found is None:
            return None
        return {key: series for key, series in found.items() if series is not None}

    def _read(
        self,
        plugin: str,
        data_class: DataClass,
        event_directories: Collection[str],
        tags: Collection[str],
        decode: Callable[[str, Sequence[Any]], tuple[Any, Any] | None],
    ) -> dict[SeriesKey, RawSeries | None] | None:
        if self._loader is None:
            return None
        try:
            found: dict[SeriesKey, RawSeries | None] = {}
            for key, (steps, wall_times, tensors) in python_loader_series(
                self._loader,
                plugin=plugin,
                data_class=data_class,
                event_directories=event_directories,
                tags=tags,
            ):
                decoded = decode(key[1], tensors)
                if decoded is not None and len(decoded[0]) < len(steps):
                    continue  # no scalars at all
                found[key] = decoded and RawSeries.of_last_session(steps, wall_times, *decoded)
        except Exception as error:  # noqa: BLE001  whatever has changed, the public way still reads
            _warn_once(error)
            return None
        return found


_warned = threading.Lock()  # held for good once the warning is out


def _warn_once(error: Exception) -> None:
    if _warned.acquire(blocking=False):
        _log.warning(
            "TensorBoard's Python loader could not be read directly (%s: %s). Mean Pixel reads "
            "through TensorBoard's public data provider instead, which is slower",
            type(error).__name__,
            error,
        )
