"""TensorBoard's modules that are not public: they are imported here and nowhere else.

A release of TensorBoard may move any of them. Each function below says what happens then:
there is another way, or it raises a `MissingError` whose text says what to type. Importing
this module imports nothing of TensorBoard.

TensorBoard documents these modules for authors of plugins, so they are imported where they are
used: `tensorboard.errors`, `.version`, `.context`, `.plugin_util`, `.plugins.base_plugin`,
`.data.provider` and `.backend.http_util`.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import sys
import types
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # for annotations elsewhere, too
    from tensorboard.compat.proto.event_pb2 import Event as Event  # noqa: PLC0414
    from tensorboard.compat.proto.summary_pb2 import Summary as Summary  # noqa: PLC0414

OLDEST_TENSORBOARD = (2, 16)

_RECORDING = "nothing can be recorded"
# Of one event directory; what comes after them is not read.
_MAX_FOREIGN_RECORDS = 1000

_log = logging.getLogger("tb_meanpixel")

DataClass = Literal["DATA_CLASS_SCALAR", "DATA_CLASS_TENSOR"]

# Numbers of TensorFlow's types.proto, which stand in event files.
DATA_TYPES = {np.dtype("<f4"): 1, np.dtype("<f8"): 2, np.dtype("<f2"): 19}
_STRING = 7


class MissingError(ImportError):
    """TensorBoard has moved what we need; the text says what to type."""


@contextlib.contextmanager
def _or_else(consequence: str) -> Iterator[None]:
    """Turn a failing import into a `MissingError` that names the consequence."""
    try:
        yield
    except (ImportError, AttributeError) as error:
        raise MissingError(
            f"This version of TensorBoard is too new for tb-meanpixel ({error}): {consequence}. "
            "Type: pip install --upgrade tb-meanpixel"
        ) from error


def without_tensorflow() -> None:
    """Let TensorBoard read files without TensorFlow, whose import takes seconds.

    It looks for this module. If it looks no more, reading takes those seconds.
    """
    name = "tensorboard.compat.notf"
    sys.modules[name] = types.ModuleType(name)


@functools.cache
def event_pb2() -> Any:
    """The message `Event`. Without it nothing can be recorded: `MissingError`."""
    with _or_else(_RECORDING):
        from tensorboard.compat.proto import event_pb2
    return event_pb2


@functools.cache
def summary_pb2() -> Any:
    """The messages of a summary. Without them nothing can be recorded: `MissingError`."""
    with _or_else(_RECORDING):
        from tensorboard.compat.proto import summary_pb2
    return summary_pb2


def set_tensor(tensor: Any, array: npt.ArrayLike) -> None:
    """Make a message `TensorProto` hold a float array.

    As TensorBoard's own writers do it; without their function as bytes, which all readers
    take too.
    """
    values = np.asarray(array)
    if values.dtype != np.float16:  # `make_tensor_proto` writes each half as a whole integer
        with contextlib.suppress(ImportError, AttributeError):
            from tensorboard.util import tensor_util

            tensor.CopyFrom(tensor_util.make_tensor_proto(values))
            return
    tensor.dtype = DATA_TYPES[values.dtype]
    tensor.tensor_content = values.tobytes()
    tensor.tensor_shape.SetInParent()
    for size in values.shape:
        tensor.tensor_shape.dim.add(size=size)


def set_strings(tensor: Any, strings: Sequence[bytes]) -> None:
    """Make a message `TensorProto` hold a vector of strings."""
    tensor.dtype = _STRING
    tensor.string_val.extend(strings)
    tensor.tensor_shape.dim.add(size=len(strings))


def gfile() -> Any:
    """Files at addresses such as gs://. Without it only local ones can be used: `MissingError`.

    Where TensorFlow is installed this imports it.
    """
    with _or_else("only local directories can be used"):
        from tensorboard.compat import tf

        return tf.io.gfile


def list_files(directory: str) -> Iterator[str]:
    """All files below a directory, local or remote. Without TensorBoard's way: local ones."""
    try:
        from tensorboard.backend.event_processing import io_wrapper

        folders = io_wrapper.ListRecursivelyViaWalking(directory)
    except (ImportError, AttributeError):
        folders = (
            (top, [str(Path(top, name)) for name in names])
            for top, _, names in os.walk(directory, followlinks=True)
        )
    for _, paths in folders:
        yield from paths


def read_logdir(
    logdir: str, steps_kept: Mapping[str, int], directories: Mapping[str, str] | None = None
) -> Any:
    """A data provider of all that is in a log directory. Without it: `MissingError`.

    A record that is no event is left out.

    Args:
        logdir: local or remote.
        steps_kept: by plugin how many steps are kept of each series; 0 for all.
        directories: paths of the event directories by their names; None to look for them.
    """
    with _or_else("a log directory can only be read by `tensorboard --logdir`"):
        from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
        from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

        multiplexer = EventMultiplexer(tensor_size_guidance=steps_kept)
    if directories is None:
        multiplexer.AddRunsFromDirectory(logdir)
    for name, path in (directories or {}).items():
        multiplexer.AddRun(path, name)
    for name in list(multiplexer.Runs()):
        _reload(multiplexer.GetAccumulator(name))
    return MultiplexerDataProvider(multiplexer, logdir)


def _reload(accumulator: Any) -> None:
    """Read an event directory; what a record raises that is no event ends only that record."""
    for _ in range(_MAX_FOREIGN_RECORDS):
        try:
            accumulator.Reload()
        except Exception as error:  # noqa: BLE001  of protobuf, and of what TensorBoard makes of it
            _log.debug("A record of %s was left out: %s", accumulator.path, error)
        else:
            return


def data_server_binary() -> str | None:
    """The path of TensorBoard's data server; None if there is none for this platform.

    Without TensorBoard's way to it: `MissingError`. All is read by the Python loader then.
    """
    with _or_else("log directories are read slowly"):
        from tensorboard.data import server_ingester
    try:
        return str(server_ingester.get_server_binary().path)
    except server_ingester.NoDataServerError:
        return None


def connect_data_server(address: str) -> Any:
    """A data provider that reads from the data server at an address of this machine.

    Without TensorBoard's way to it: `MissingError`, as above.
    """
    with _or_else("log directories are read slowly"):
        from tensorboard.data import server_ingester
        from tensorboard.util import grpc_util

        local = grpc_util.ChannelCredsType.LOCAL
        connection = server_ingester.ExistingServerDataIngester(address, channel_creds_type=local)
        return connection.data_provider


def data_server(provider: Any) -> Any:
    """The client of TensorBoard's data server; None if TensorBoard runs without one."""
    return getattr(provider, "_stub", None)


def data_server_series(
    stub: Any,
    method: Literal["ReadScalars", "ReadTensors"],
    *,
    experiment_id: str,
    plugin: str,
    event_directories: Collection[str],
    tags: Collection[str],
    limit: int,
) -> Iterator[tuple[tuple[str, str], Any]]:
    """The data server's own answer: `(event directory, tag)` and the arrays of the series.

    Args:
        stub: as `data_server` gives it.
        limit: maximum number of points of each series.

    Raises:
        Exception: of any kind where TensorBoard has changed. The public methods of the data
            provider give the same then, slower: see serving/reading/data_server.py.
    """
    from tensorboard.data.proto import data_provider_pb2

    request = getattr(data_provider_pb2, f"{method}Request")(experiment_id=experiment_id)
    request.plugin_filter.plugin_name = plugin
    request.run_tag_filter.runs.names[:] = sorted(event_directories)
    request.run_tag_filter.tags.names[:] = sorted(tags)
    request.downsample.num_points = limit
    for run in getattr(stub, method)(request).runs:
        for tag in run.tags:
            yield (run.run_name, tag.tag_name), tag.data


def python_loader(provider: Any) -> Any:
    """TensorBoard's Python loader behind a provider; None if there is a data server."""
    return getattr(provider, "_multiplexer", None)


def python_loader_names(loader: Any) -> tuple[set[str], set[str]]:
    """All event directories and tags that the loader has; an exception where it has changed."""
    found = loader.AllSummaryMetadata()
    return set(found), {tag for tags in found.values() for tag in tags}


def python_loader_series(
    loader: Any,
    *,
    plugin: str,
    data_class: DataClass,
    event_directories: Collection[str],
    tags: Collection[str],
) -> Iterator[tuple[tuple[str, str], tuple[list[int], list[float], list[Any]]]]:
    """What the loader keeps: `(event directory, tag)`, and steps, wall times, tensor messages.

    Args:
        loader: as `python_loader` gives it.

    Raises:
        Exception: of any kind where TensorBoard has changed. The public methods of the data
            provider give the same then, slower: see serving/reading/python_loader.py.
    """
    number = getattr(summary_pb2(), data_class)
    for event_directory in sorted(event_directories):
        for tag in sorted(tags):
            try:
                metadata = loader.SummaryMetadata(event_directory, tag)
                events = loader.Tensors(event_directory, tag)
            except KeyError:
                continue
            if metadata.plugin_data.plugin_name == plugin and metadata.data_class == number:
                yield (
                    (event_directory, tag),
                    (
                        [event.step for event in events],
                        [event.wall_time for event in events],
                        [event.tensor_proto for event in events],
                    ),
                )
