"""A real TensorBoard without its socket, and event files of other writers.

Synopsis:

    with closing(Board(logdir, "fast")) as board:
        board.json("runs")
"""

from __future__ import annotations

import json
import math
import struct
import time
from pathlib import Path

import numpy as np
from tensorboard import default, program
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from werkzeug.test import Client

from tb_meanpixel.serving.reading.reader import Reader

PLUGIN = "/data/plugin/mean_pixel/"

# By its name in the tests: TensorBoard's flags for a loader that reads everything once.
LOADERS = {
    "fast": ["--load_fast=true"],
    "python": ["--load_fast=false", "--reload_task=blocking"],
}


class Board:
    """All that `tensorboard --logdir` starts: flags, a data provider, all plugins."""

    def __init__(self, logdir, loader, *flags, is_whole=True):
        servers = []

        class Server:
            """In place of the socket."""

            def __init__(self, app, flags):
                self.app, self.prefix = app, flags.path_prefix
                servers.append(self)

            def get_url(self):
                return ""

            def serve_forever(self):
                pass

        catcher = _ContextCatcher()
        # Holds the data server: TensorBoard ends it when this object goes.
        self._tensorboard = program.TensorBoard(
            plugins=[*default.get_plugins(), catcher], server_class=Server
        )
        self._tensorboard.configure(
            ["tensorboard", f"--logdir={logdir}", "--reload_interval=0", *LOADERS[loader], *flags]
        )
        self._tensorboard.launch()
        [server] = servers
        self._prefix = server.prefix
        self.client = Client(server.app)
        self.provider = catcher.context.data_provider
        self.context = catcher.context
        self.reader = Reader(self.provider, RequestContext(), "")
        # With --logdir_spec the Python loader has read everything by now.
        if logdir and is_whole:
            _wait_for(self.provider, Path(logdir))
        elif loader == "fast":
            _wait_for_rest(self.provider)

    def url(self, route):
        """The path of a route of the plugin."""
        return self._prefix + PLUGIN + route

    def get(self, route, **parameters):
        """The response to a route of the plugin."""
        return self.client.get(self.url(route), query_string=parameters)

    def json(self, route, **parameters):
        response = self.get(route, **parameters)
        assert response.status_code == 200, response.text
        return json.loads(response.data, parse_constant=_refuse)

    def histograms(self, **parameters):
        """The answer to `histograms`, with its arrays in their places."""
        return self.binary("histograms", **parameters)

    def binary(self, route, **parameters):
        response = self.get(route, **parameters)
        assert response.status_code == 200, response.text
        return decode(response.data)

    def side(self, side, **parameters):
        """One side's part of `histograms`."""
        [run] = self.histograms(**parameters)["runs"]
        [series] = [one for one in run["series"] if one["side"] == side]
        return series

    def reload(self):
        """Read new data; with the Python loader, as its thread does."""
        self.context.multiplexer.Reload()

    def close(self):
        self._tensorboard = None


class _ContextCatcher(base_plugin.TBLoader):
    """Not a plugin: it only takes the context that TensorBoard gives to each plugin."""

    def load(self, context):
        self.context = context


def _wait_for(provider, logdir):
    """Wait for the data server: what it has read has a start time."""
    written = {path.parent.relative_to(logdir).as_posix() for path in logdir.rglob("*.tfevents.*")}
    deadline = time.monotonic() + 60
    while True:
        runs = provider.list_runs(RequestContext(), experiment_id="")
        if written == {run.run_name for run in runs if run.start_time}:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{sorted(written)} are not read; there is {runs}")
        time.sleep(0.01)


def _wait_for_rest(provider):
    """Wait until the data server reads no more: of broken files nobody knows what it reads."""
    seen, since = None, time.monotonic()
    while seen is None or time.monotonic() - since < 0.5:
        listed = provider.list_tensors(RequestContext(), experiment_id="", plugin_name="mean_pixel")
        found = {
            (run, tag, one.max_step) for run, tags in listed.items() for tag, one in tags.items()
        }
        if found != seen:
            seen, since = found, time.monotonic()
        time.sleep(0.05)


def _refuse(constant):
    raise ValueError(f"{constant} is not JSON")


def decode(content):
    """Decode the binary format, by the description in http_api.md alone."""
    (length,) = struct.unpack_from("<I", content)
    assert (4 + length) % 8 == 0

    def array(item):
        if item.keys() != {"dtype", "shape", "offset"}:
            return item
        assert item["offset"] % 8 == 0
        return np.frombuffer(
            content,
            np.dtype(item["dtype"]).newbyteorder("<"),
            count=math.prod(item["shape"]),
            offset=4 + length + item["offset"],
        ).reshape(item["shape"])

    return json.loads(content[4 : 4 + length], parse_constant=_refuse, object_hook=array)


def write_scalars(directory, curves):
    """Scalars as Keras writes them: `{tag: [value at step 0, at step 1, ...]}`."""
    _write(directory, curves, lambda tag, value: scalar_pb(tag, value).value[0])


def write_simple_values(directory, curves):
    """Scalars as torch.utils.tensorboard writes them."""
    _write(directory, curves, lambda tag, value: Summary.Value(tag=tag, simple_value=value))


def write_values(directory, *values):
    """Summary values as they are, all at step 0."""
    events = EventFileWriter(str(directory))
    events.add_event(Event(step=0, wall_time=time.time(), summary=Summary(value=values)))
    events.close()


def _write(directory, curves, value):
    events = EventFileWriter(str(directory))
    for tag, numbers in curves.items():
        for step, number in enumerate(numbers):
            summary = Summary(value=[value(tag, number)])
            events.add_event(Event(step=step, wall_time=100.0 + step, summary=summary))
    events.close()
