"""Many series at once, as arrays: all that is read from TensorBoard's data provider."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboard import errors
from tensorboard.data.provider import DataProvider, RunTagFilter

from tb_meanpixel.serving.reading.data_server import DataServer
from tb_meanpixel.serving.reading.python_loader import PythonLoader
from tb_meanpixel.serving.reading.raw_series import RawSeries, SeriesKey
from tb_meanpixel.statistics.images import Array

if TYPE_CHECKING:
    from tensorboard.context import RequestContext

# The provider requires a limit; the loader keeps every step, see plugin.py.
ALL_STEPS = 1 << 30

#: Types of tensors, as NumPy writes them: ("<f4", "<f8").
DTypes = Sequence[str]

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
        self._python_loader = PythonLoader(provider)

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
        direct = self._python_loader.scalars(plugin, event_directories, tags)
        if direct is None:
            return self._public_scalars(plugin, event_directories, tags)
        found = {key: series for key, series in direct.items() if series is not None}
        for event_directory, tag in direct.keys() - found.keys():
            found |= self._public_scalars(plugin, [event_directory], [tag])
        return found

    def _public_scalars(
        self, plugin: str, event_directories: Collection[str], tags: Collection[str]
    ) -> dict[SeriesKey, RawSeries]:
        found = {}
        read = self._provider.read_scalars
        for key, data in self._read(read, plugin, event_directories, tags, ALL_STEPS):
            with contextlib.suppress(TypeError, ValueError):  # text instead of a number
                steps, wall_times = _steps(data)
                values = np.array([point.value for point in data], np.float64)
                found[key] = RawSeries.of_last_session(steps, wall_times, values)
        return found

    def tensors(
        self,
        plugin: str,
        event_directories: Collection[str],
        dtypes: Mapping[str, DTypes],
        limit: int = ALL_STEPS,
        *,
        with_shapes: bool = False,
    ) -> dict[SeriesKey, RawSeries]:
        """The same of tensors.

        Args:
            plugin, event_directories: as above.
            dtypes: those that the tensors of each tag may have; a tensor of another type is empty.
            limit: maximum number of steps of each, if a data server sends them: the last, and
                others at random.
            with_shapes: whether the shape of each tensor is read, too. It takes as long as
                the tensor.
        """
        if not event_directories or not dtypes:
            return {}
        types = {tag: tuple(map(np.dtype, each)) for tag, each in dtypes.items()}
        fast = self._data_server.tensors(plugin, event_directories, types, limit, with_shapes)
        if fast is None:
            fast = self._python_loader.tensors(plugin, event_directories, types, with_shapes)
        if fast is not None:
            return fast
        found = {}
        read = self._provider.read_tensors
        for key, data in self._read(read, plugin, event_directories, list(types), limit):
            steps, wall_times = _steps(data)
            contents = [_content(point.numpy, types[key[1]]) for point in data]
            shapes = [point.numpy.shape for point in data] if with_shapes else None
            found[key] = RawSeries.of_last_session(steps, wall_times, contents, shapes)
        return found

    def blobs(
        self, plugin: str, event_directories: Collection[str], tags: Collection[str]
    ) -> dict[SeriesKey, RawSeries]:
        """Every blob sequence of one blob: the values are keys for `read_blob`."""
        if not event_directories or not tags:
            return {}
        found = {}
        read = self._provider.read_blob_sequences
        for key, data in self._read(read, plugin, event_directories, tags, ALL_STEPS):
            steps, wall_times = _steps(data)
            keys = [point.values[0].blob_key if len(point.values) == 1 else "" for point in data]
            found[key] = RawSeries.of_last_session(steps, wall_times, keys)
        return found

    def read_blob(self, key: str) -> bytes:
        """One blob; empty if TensorBoard has dropped it meanwhile, or cannot read its key.

        Its data server reads no key of a run whose name has a quote or a newline.
        """
        with _unavailable_as_503():
            try:
                return bytes(self._provider.read_blob(self._context, blob_key=key))
            except (errors.NotFoundError, errors.InvalidArgumentError):
                return b""

    def _list(self, listing: Any, plugin: str) -> Mapping[str, Listing]:
        def attempt(**only: Any) -> Mapping[str, Listing]:
            with _unavailable_as_503():
                found: Mapping[str, Listing] = listing(
                    self._context, plugin_name=plugin, **self._experiment, **only
                )
                return found

        try:
            return attempt()
        except errors.PublicError:
            raise
        except Exception:
            # The Python loader fails for all where one tag has no tensor, or not yet.
            directories, tags = self._python_loader.names()
            if not directories:
                raise

        def part(directories: Sequence[str], tags: Sequence[str]) -> Mapping[str, Listing]:
            return attempt(run_tag_filter=RunTagFilter(runs=directories, tags=tags))

        found: dict[str, dict[str, Any]] = {}
        for directory, series in _decodable(part, directories, tags):
            found.setdefault(directory, {}).update(series)
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


class _TooLargeError(Exception):
    """An answer of the data server is larger than it may be: a file holds more than it says."""


@contextlib.contextmanager
def _unavailable_as_503() -> Iterator[None]:
    grpc = sys.modules.get("grpc")  # not loaded without a data server
    failures = (grpc.RpcError,) if grpc else ()
    try:
        yield
    except failures as error:
        if error.code().name == "RESOURCE_EXHAUSTED":  # the answer is at fault, not the server
            raise _TooLargeError from error
        unavailable = errors.PublicError(
            f"TensorBoard's data server does not answer ({error.details()}). Start it again"
        )
        unavailable.http_code = 503
        raise unavailable from error


def _decodable(
    attempt: Callable[[Sequence[str], Sequence[str]], Mapping[str, Any]],
    event_directories: Collection[str],
    tags: Collection[str],
) -> list[tuple[str, Any]]:
    """All in one read; if TensorBoard cannot decode a value, all series but that one."""
    found: list[tuple[str, Any]] = []
    parts: list[tuple[Sequence[str], Sequence[str]]]
    parts = [(sorted(event_directories), sorted(tags))]
    while parts:
        directories, names = parts.pop()
        try:
            found += attempt(directories, names).items()
        except errors.PublicError:
            raise
        except Exception:  # noqa: BLE001  a broken file has errors of any kind
            parts += _halves(directories, names)
    return found


def _halves(
    directories: Sequence[str], names: Sequence[str]
) -> list[tuple[Sequence[str], Sequence[str]]]:
    """The same series in two reads; none if there is but one."""
    if len(directories) > 1:
        middle = len(directories) // 2
        return [(directories[:middle], names), (directories[middle:], names)]
    if len(names) > 1:
        middle = len(names) // 2
        return [(directories, names[:middle]), (directories, names[middle:])]
    return []


def _steps(data: Sequence[Any]) -> tuple[list[int], list[float]]:
    return [point.step for point in data], [point.wall_time for point in data]


def _content(array: Array, dtypes: Collection[np.dtype[Any]]) -> bytes:
    return array.tobytes() if array.dtype in dtypes else b""
