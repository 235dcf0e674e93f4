"""The fast way to many series: the answer of TensorBoard's data server itself.

TensorBoard makes an object of each point and an array of each tensor, which is two thirds of
the time for a hundred runs. The answer of its data server holds the points side by side. It is
not public: if anything of it changes, all functions here give None, and the public methods of
the data provider give the same, slower.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from tb_meanpixel.serving.reading.raw_series import RawSeries, SeriesKey, Shape
from tb_meanpixel.serving.reading.tensor_contents import contents, shapes
from tb_meanpixel.tensorboard_private import DATA_TYPES, data_server, data_server_series

_log = logging.getLogger("tb_meanpixel")

Series = dict[SeriesKey, RawSeries]


class DataServer:
    """Reads one experiment from the data server behind a provider, if there is one."""

    def __init__(self, provider: Any, experiment_id: str) -> None:
        self._stub = data_server(provider)
        self._experiment_id = experiment_id

    def scalars(
        self, plugin: str, event_directories: Collection[str], tags: Collection[str], limit: int
    ) -> Series | None:
        """As `Experiment.scalars`; None if the public way must be taken."""
        return self._read(
            "ReadScalars",
            lambda _, values: (np.array(values, np.float64), None),
            plugin=plugin,
            event_directories=event_directories,
            tags=tags,
            limit=limit,
        )

    def tensors(
        self,
        plugin: str,
        event_directories: Collection[str],
        dtypes: Mapping[str, Sequence[np.dtype[Any]]],
        limit: int,
        with_shapes: bool,
    ) -> Series | None:
        """As `Experiment.tensors`; None if the public way must be taken."""

        def decode(tag: str, tensors: Sequence[Any]) -> tuple[list[bytes], list[Shape] | None]:
            return (
                contents(tensors, {DATA_TYPES[dtype] for dtype in dtypes[tag]}),
                shapes(tensors) if with_shapes else None,
            )

        return self._read(
            "ReadTensors",
            decode,
            plugin=plugin,
            event_directories=event_directories,
            tags=list(dtypes),
            limit=limit,
        )

    def _read(
        self,
        method: Literal["ReadScalars", "ReadTensors"],
        decode: Callable[[str, Any], tuple[Any, list[Shape] | None]],
        **request: Any,
    ) -> Series | None:
        if self._stub is None:
            return None
        try:
            answer = data_server_series(
                self._stub, method, experiment_id=self._experiment_id, **request
            )
            return {
                key: RawSeries.of_last_session(
                    series.step, series.wall_time, *decode(key[1], series.value)
                )
                for key, series in answer
                if len(series.step)
            }
        except Exception as error:  # noqa: BLE001  whatever has changed, the public way still reads
            _warn_once(error)
            return None


_warned = threading.Lock()  # held for good once the warning is out


def _warn_once(error: Exception) -> None:
    if _warned.acquire(blocking=False):
        _log.warning(
            "TensorBoard's data server could not be read directly (%s: %s). Mean Pixel reads "
            "through TensorBoard's public data provider instead, which is slower",
            type(error).__name__,
            error,
        )
