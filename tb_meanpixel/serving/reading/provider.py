"""Many series at once, as arrays: all that is read from TensorBoard's data provider."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from tensorboard import errors
from tensorboard.data.provider import DataProvider, RunTagFilter

from tb_meanpixel.serving.reading.data_server import DataServer
from tb_meanpixel.serving.reading.raw_series import RawSeries, SeriesKey
from tb_meanpixel.statistics.images import Array

if TYPE_CHECKING:
    from tensorboard.context import RequestContext

# The provider requires a limit; the loader keeps every step, see plugin.py.
ALL_STEPS = 1 << 30

#: What TensorBoard lists of the series of an event directory: `{tag: max_step, ...}`.
Listing = Mapping[str, Any]


class Experiment:
    """Reads one experiment on behalf of one request.

    A series that TensorBoard itself cannot decode is absent from what is read.
    """

    def __init__(self, provider: DataProvider, context: RequestContext, experiment_id: str) -> None:
        self._provider = provider
        self._context = context
        self._experiment = {"experiment_id": experiment_id}
        self._data_server = DataServer(provider, experiment_id)

    def list_event_directories(self) -> list[str]:
        """Every event directory, ours or not, in TensorBoard's order: by start time."""
        with _unavailable_as_503():
            runs = self._provider.list_runs(self._context, **self._experiment)
        started = {
            run.run_name: math.inf if run.start_time is None else run.start_time for run in runs
        }
        return sorted(started, key=lambda name: (started[name], name))

    def list_tensors(self, plugin: str) -> Mapping[str, Listing]:
        """The tensor series by event directory and tag."""
        return self._list(self._provider.list_tensors, plugin)

    def list_scalars(self, plugin: str) -> Mapping[str, Listing]:
        """The scalar series by event directory and tag."""
        return self._list(self._provider.list_scalars, plugin)

    def scalars(
        self, plugin: str, event_directories: Collection[str], tags: Collection[str]
    ) -> dict[SeriesKey, RawSeries]:
        """Every scalar series with one of the event directories and one of the tags."""
        if not event_directories or not tags:
            return {}
        fast = self._data_server.scalars(plugin, event_directories, tags, ALL_STEPS)
        if fast is not None:
            return fast
        found = {}
        read = self._provider.read_scalars
        for key, data in self._read(read, plugin, event_directories, tags, ALL_STEPS):
            with contextlib.suppress(TypeError, ValueError):  # text instead of a number
                found[key] = _raw(data, np.array([point.value for point in data], np.float64))
        return found

    def tensors(
        self,
        plugin: str,
        event_directories: Collection[str],
        tags: Collection[str],
        dtype: npt.DTypeLike,
        limit: int = ALL_STEPS,
    ) -> dict[SeriesKey, RawSeries]:
        """The same of tensors, at most `limit` steps of each: the last, and others at random."""
        if not event_directories or not tags:
            return {}
        dtype = np.dtype(dtype)
        fast = self._data_server.tensors(plugin, event_directories, tags, dtype, limit)
        if fast is not None:
            return fast
        read = self._provider.read_tensors
        return {
            key: _raw(data, [_content(point.numpy, dtype) for point in data])
            for key, data in self._read(read, plugin, event_directories, tags, limit)
        }

    def _list(self, listing: Any, plugin: str) -> Mapping[str, Listing]:
        with _unavailable_as_503():
            found: Mapping[str, Listing] = listing(
                self._context, plugin_name=plugin, **self._experiment
            )
            return found

    def _read(
        self,
        read: Any,
        plugin: str,
        event_directories: Collection[str],
        tags: Collection[str],
        limit: int,
    ) -> Iterable[tuple[SeriesKey, Sequence[Any]]]:
        """The answer of a public method of the provider; without series that it cannot decode."""

        def attempt(
            event_directories: Collection[str], tags: Collection[str]
        ) -> Mapping[str, Mapping[str, Any]]:
            with _unavailable_as_503():
                found: Mapping[str, Mapping[str, Any]] = read(
                    self._context,
                    plugin_name=plugin,
                    downsample=limit,
                    run_tag_filter=RunTagFilter(runs=event_directories, tags=tags),
                    **self._experiment,
                )
                return found

        for event_directory, found in _decodable(attempt, event_directories, tags):
            for tag, data in found.items():
                if data:
                    yield (event_directory, tag), data


@contextlib.contextmanager
def _unavailable_as_503() -> Iterator[None]:
    grpc = sys.modules.get("grpc")  # not loaded without a data server
    failures = (grpc.RpcError,) if grpc else ()
    try:
        yield
    except failures as error:
        unavailable = errors.PublicError(
            f"TensorBoard's data server does not answer ({error.details()}). Start it again"
        )
        unavailable.http_code = 503
        raise unavailable from error


def _decodable(
    attempt: Callable[[Collection[str], Collection[str]], Mapping[str, Any]],
    event_directories: Collection[str],
    tags: Collection[str],
) -> list[tuple[str, Any]]:
    """All in one read; if TensorBoard cannot decode a value, all series but that one."""
    try:
        return list(attempt(event_directories, tags).items())
    except (TypeError, ValueError):
        if len(event_directories) == len(tags) == 1:
            return []
    parts: list[tuple[Collection[str], Collection[str]]]
    if len(event_directories) > 1:
        parts = [([event_directory], tags) for event_directory in event_directories]
    else:
        parts = [(event_directories, [tag]) for tag in tags]
    return [item for part in parts for item in _decodable(attempt, *part)]


def _raw(data: Sequence[Any], values: Any) -> RawSeries:
    steps, wall_times = [point.step for point in data], [point.wall_time for point in data]
    return RawSeries.of_last_session(steps, wall_times, values)


def _content(array: Array, dtype: np.dtype[Any]) -> bytes:
    return array.tobytes() if array.dtype == dtype else b""
