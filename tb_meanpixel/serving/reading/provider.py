"""Many series at once, as arrays: what is read from TensorBoard's data provider.

TensorBoard makes an object of each point, and an array of each tensor: two
thirds of the time for a hundred runs. Its data server's own answer holds
them side by side, so that is asked for where there is one; the public methods
of the provider give the same, slower.
"""

from __future__ import annotations

import contextlib
import math
import operator
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from tensorboard import errors
from tensorboard.data.provider import DataProvider, RunTagFilter

from tb_meanpixel.statistics.histogram import FloatArray, IntArray
from tb_meanpixel.statistics.images import Array

if TYPE_CHECKING:
    from tensorboard.context import RequestContext

# The provider wants a limit; the loader keeps every step, see plugin.py.
ALL_STEPS = 1 << 30

_DTYPE, _CONTENT = operator.attrgetter("dtype"), operator.attrgetter("tensor_content")


@dataclass(frozen=True, eq=False)
class Points:
    """One series as it was read, in the order of its steps.

    Attributes:
        steps: int64 `(n,)`, rising.
        wall_times: float64 `(n,)`, seconds since 1970.
        values: of scalars float64 `(n,)`; of tensors their bytes, empty for a
            tensor of another type than the one asked for.
    """

    steps: IntArray
    wall_times: FloatArray
    values: Any


class Bulk:
    """Reads one experiment on behalf of one request.

    A series is absent from what is read if TensorBoard itself cannot decode it.
    """

    def __init__(self, provider: DataProvider, context: RequestContext, experiment_id: str):
        self._provider = provider
        self._of_request = {"experiment_id": experiment_id}
        self._context = context

    def list_runs(self) -> list[str]:
        """Every run, ours or not, in the order that TensorBoard gives them: by their beginning."""
        with _unavailable_as_503():
            runs = self._provider.list_runs(self._context, **self._of_request)
        began = {
            run.run_name: math.inf if run.start_time is None else run.start_time for run in runs
        }
        return sorted(began, key=lambda name: (began[name], name))

    def list_tensors(self, plugin: str) -> Mapping[str, Mapping[str, Any]]:
        """`{run: {tag: what TensorBoard says of the series}}`."""
        return self._list(self._provider.list_tensors, plugin)

    def list_scalars(self, plugin: str) -> Mapping[str, Mapping[str, Any]]:
        return self._list(self._provider.list_scalars, plugin)

    def _list(self, listing: Any, plugin: str) -> Mapping[str, Mapping[str, Any]]:
        with _unavailable_as_503():
            found: Mapping[str, Mapping[str, Any]] = listing(
                self._context, plugin_name=plugin, **self._of_request
            )
            return found

    def scalars(
        self, plugin: str, runs: Collection[str], tags: Collection[str]
    ) -> dict[tuple[str, str], Points]:
        """Every scalar series with one of the runs and one of the tags."""
        answer = self._data_server("ReadScalars", plugin, runs, tags, ALL_STEPS)
        if answer is not None:
            return {
                key: _points(data.step, data.wall_time, np.array(data.value, np.float64))
                for key, data in answer
            }
        found = {}
        for key, data in self._read(self._provider.read_scalars, plugin, runs, tags, ALL_STEPS):
            with contextlib.suppress(TypeError, ValueError):  # a text in the place of a number
                found[key] = _points_of(data, np.array([d.value for d in data], np.float64))
        return found

    def tensors(
        self,
        plugin: str,
        runs: Collection[str],
        tags: Collection[str],
        dtype: npt.DTypeLike,
        limit: int = ALL_STEPS,
    ) -> dict[tuple[str, str], Points]:
        """The same of tensors, at most `limit` steps of each: the last, and others at random."""
        wanted = np.dtype(dtype)
        answer = self._data_server("ReadTensors", plugin, runs, tags, limit)
        if answer is not None:
            return {
                key: _points(data.step, data.wall_time, _contents(data.value, wanted))
                for key, data in answer
            }
        return {
            key: _points_of(data, [_content(datum.numpy, wanted) for datum in data])
            for key, data in self._read(self._provider.read_tensors, plugin, runs, tags, limit)
        }

    def _data_server(
        self,
        method: str,
        plugin: str,
        runs: Collection[str],
        tags: Collection[str],
        limit: int,
    ) -> list[tuple[tuple[str, str], Any]] | None:
        """The data server's answer; None where there is no data server, or it will not answer."""
        stub = getattr(self._provider, "_stub", None)
        if stub is None or not runs or not tags:
            return None
        import grpc  # only where TensorBoard has done so already
        from tensorboard.data.proto import data_provider_pb2

        request = getattr(data_provider_pb2, f"{method}Request")(**self._of_request)
        request.plugin_filter.plugin_name = plugin
        request.run_tag_filter.runs.names[:] = sorted(runs)
        request.run_tag_filter.tags.names[:] = sorted(tags)
        request.downsample.num_points = limit
        try:
            answer = getattr(stub, method)(request)
        except grpc.RpcError:
            return None
        return [
            ((run.run_name, tag.tag_name), tag.data)
            for run in answer.runs
            for tag in run.tags
            if len(tag.data.step)
        ]

    def _read(
        self,
        read: Any,
        plugin: str,
        runs: Collection[str],
        tags: Collection[str],
        limit: int,
    ) -> Iterable[tuple[tuple[str, str], Sequence[Any]]]:
        """What the provider's public method gives; series by series where one spoils the rest."""

        def attempt(runs: Collection[str], tags: Collection[str]) -> Mapping[str, Any]:
            with _unavailable_as_503():
                found: Mapping[str, Any] = read(
                    self._context,
                    plugin_name=plugin,
                    downsample=limit,
                    run_tag_filter=RunTagFilter(runs=runs, tags=tags),
                    **self._of_request,
                )
                return found

        for run, found in _one_by_one(attempt, runs, tags):
            for tag, data in found.items():
                if data:
                    yield (run, tag), data


@contextlib.contextmanager
def _unavailable_as_503() -> Iterator[None]:
    grpc = sys.modules.get("grpc")  # not there without a data server
    failures = (grpc.RpcError,) if grpc else ()
    try:
        yield
    except failures as error:
        unavailable = errors.PublicError(
            f"TensorBoard's data server does not answer ({error.details()}); start it again"
        )
        unavailable.http_code = 503
        raise unavailable from error


def _one_by_one(
    attempt: Callable[[Collection[str], Collection[str]], Mapping[str, Any]],
    runs: Collection[str],
    tags: Collection[str],
) -> list[tuple[str, Any]]:
    """All in one read; if TensorBoard cannot decode a value, all series but that one."""
    try:
        return list(attempt(runs, tags).items())
    except (TypeError, ValueError):
        if len(runs) == len(tags) == 1:
            return []
    parts: list[tuple[Collection[str], Collection[str]]]
    parts = [([run], tags) for run in runs] if len(runs) > 1 else [(runs, [tag]) for tag in tags]
    return [item for part in parts for item in _one_by_one(attempt, *part)]


def _points_of(data: Sequence[Any], values: Any) -> Points:
    return _points([datum.step for datum in data], [datum.wall_time for datum in data], values)


def _points(steps: Any, wall_times: Any, values: Any) -> Points:
    """The last run of a series: one that begins again replaces its later steps.

    The data server leaves them out by itself, the Python loader does not.
    """
    all_steps = np.array(steps, np.int64)
    all_times = np.array(wall_times, np.float64)
    least_after = np.minimum.accumulate(all_steps[::-1])[::-1]
    kept = np.append(all_steps[:-1] < least_after[1:], True)
    if kept.all():
        return Points(all_steps, all_times, values)
    if isinstance(values, list):
        values = [value for value, keep in zip(values, kept, strict=True) if keep]
    else:
        values = values[kept]
    return Points(all_steps[kept], all_times[kept], values)


def _contents(tensors: Sequence[Any], wanted: np.dtype[Any]) -> list[bytes]:
    from tensorboard.compat.tensorflow_stub import dtypes

    number = dtypes.as_dtype(wanted).as_datatype_enum
    if {*map(_DTYPE, tensors)} == {number}:
        return list(map(_CONTENT, tensors))
    return [tensor.tensor_content if tensor.dtype == number else b"" for tensor in tensors]


def _content(array: Array, wanted: np.dtype[Any]) -> bytes:
    return array.tobytes() if array.dtype == wanted else b""
