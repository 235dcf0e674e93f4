"""What the routes cost, against TensorBoard's own Histograms route on the same pixels.

    python tests/benchmarks/serving.py [--runs 100] [--epochs 1000] [--turns 5]

A TensorBoard with its data server, without the socket. All requests are timed in
random turns, so that a busy machine slows all of them alike: read the ratios.
"First time" is a plugin with an empty cache; "again" one with a full cache. Times
are medians in milliseconds.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from recorded_runs import Collected, copy_runs, records, write_events
from support.boards import Board, decode
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter
from timing import in_random_turns, print_table
from werkzeug.test import Client

from tb_meanpixel.plugin import MeanPixelPlugin
from tb_meanpixel.recording.stream_writer import StreamWriter
from tb_meanpixel.serving.reading.provider import ALL_STEPS, Experiment
from tb_meanpixel.statistics.value_range import ValueRange

TAGS = ["validation/output/mean_pixels", "validation/reference/mean_pixels"]


def write_runs(logdir, runs, epochs, with_tensorboards=True):
    """The same records in every run, with TensorBoard's own histograms of the same pixels."""
    values, theirs = records(epochs)
    write_events(logdir / "run0000" / "mean_pixel", enumerate(values))
    if with_tensorboards:
        write_events(logdir / "run0000" / "train", enumerate(theirs), every_metadata=True)
    copy_runs(logdir, runs)


class Plugin:
    """Our routes, by a plugin of its own: with a cache of its own."""

    def __init__(self, board):
        self._plugin = MeanPixelPlugin(board.context)
        self._clients = {
            route.removeprefix("/"): Client(application)
            for route, application in self._plugin.get_plugin_apps().items()
        }

    def get(self, route, headers=(), **query):
        response = self._clients[route].get("/", query_string=query, headers=dict(headers))
        assert response.status_code in (200, 304), response.text
        return response

    @property
    def kept_bytes(self):
        return self._plugin._cache.nbytes


def tensorboards_route(board, runs):
    for run in runs:
        query = {"run": f"{run}/train", "tag": "pixels"}
        response = board.client.get("/data/plugin/histograms/histograms", query_string=query)
        assert response.status_code == 200
    return response


def measure_histograms(logdir, turns):
    runs = sorted(path.name for path in logdir.iterdir())
    with contextlib.closing(Board(logdir, "fast")) as board:
        plugin = Plugin(board)
        first = plugin.get("histograms", stream="validation")
        known = [("If-None-Match", first.headers["ETag"])]
        directories = [f"{run}/mean_pixel" for run in runs]
        experiment = Experiment(board.provider, RequestContext(), "")
        zipped = [("Accept-Encoding", "gzip")]
        actions = {
            "TensorBoard's Histograms route, 51 steps": lambda: tensorboards_route(board, runs),
            "histograms, first time": lambda: Plugin(board).get("histograms", stream="validation"),
            "histograms, again": lambda: plugin.get("histograms", stream="validation"),
            "histograms, again, gzip": lambda: plugin.get(
                "histograms", zipped, stream="validation"
            ),
            "histograms, 200 columns": lambda: plugin.get(
                "histograms", stream="validation", columns=200
            ),
            "histograms, nothing new (304)": lambda: plugin.get(
                "histograms", known, stream="validation"
            ),
            "scalars, one score (JSON)": lambda: plugin.get(
                "scalars", score="drift", curves="none"
            ),
            "scalars, all (binary)": lambda: plugin.get("scalars", format="binary"),
            "runs": lambda: plugin.get("runs"),
            "floor: the data server's answer as arrays": lambda: experiment.tensors(
                "mean_pixel", directories, dict.fromkeys(TAGS, ("<f4",))
            ),
            "floor: the provider's read_tensors": lambda: board.provider.read_tensors(
                RequestContext(),
                experiment_id="",
                plugin_name="mean_pixel",
                downsample=ALL_STEPS,
                run_tag_filter=RunTagFilter(runs=directories, tags=TAGS),
            ),
            "floor: one call without data": lambda: board.provider.list_plugins(
                RequestContext(), experiment_id=""
            ),
        }
        times = in_random_turns(actions, turns)
        [yardstick, *_] = times.values()
        rows = [
            [name, float(np.median(each)), float(np.median(each) / np.median(yardstick))]
            for name, each in times.items()
        ]
        epochs = decode(first.data)["runs"][0]["series"][0]["steps"]
        print_table(
            f"{len(runs)} runs x {len(epochs)} epochs x 64 bins",
            ["what", "ms", "to TensorBoard's"],
            rows,
        )
        print(
            f"\nSent: {len(first.data) / len(runs) / len(epochs):.0f} bytes a run and epoch. "
            f"Kept: {plugin.kept_bytes / len(runs) / len(epochs):.0f} bytes a run and epoch, "
            f"{plugin.kept_bytes / 2**20:.0f} MiB in all."
        )


def measure_reload(logdir, epochs, turns):
    """One new epoch of one run, which the client then asks for."""
    values = Collected()
    stream = StreamWriter(values, "validation", ValueRange(0.0, 1.0, "declared"), 64, True)
    stream.take_reference(np.random.default_rng(0).random((64, 4, 4, 1)))
    with contextlib.closing(Board(logdir, "fast", "--reload_interval=1")) as board:
        plugin, times = Plugin(board), {"all, first time": [], "what is new": []}
        for turn in range(turns):
            answer = decode(plugin.get("histograms", stream="validation").data)["runs"]
            known = {
                "run": [run["name"] for run in answer],
                "after": [run["series"][0]["steps"][-1] for run in answer],
                "digest": [run["digest"] for run in answer],
            }
            stream.write_images(epochs + turn, np.random.default_rng(turn).random((64, 4, 4, 1)))
            new = [(epochs + turn, values.values[-1])]
            write_events(logdir / "run0000" / "mean_pixel", new, mode="ab")
            while last_step(plugin) != epochs + turn:
                time.sleep(0.1)
            for name, client, query in [
                ("what is new", plugin, known),
                ("all, first time", Plugin(board), {}),
            ]:
                start = time.perf_counter()
                client.get("histograms", stream="validation", **query)
                times[name].append((time.perf_counter() - start) * 1000)
    everything = statistics.median(times["all, first time"])
    rows = [
        [name, statistics.median(each), statistics.median(each) / everything]
        for name, each in times.items()
    ]
    print_table("After one new epoch of one run", ["what", "ms", "ratio"], rows)


def last_step(plugin):
    return plugin.get("runs").json["runs"][0]["streams"][0]["steps"]["last"]


def measure_listing(runs, epochs, turns):
    with tempfile.TemporaryDirectory() as folder:
        write_runs(Path(folder), runs, epochs, with_tensorboards=False)
        with contextlib.closing(Board(folder, "fast")) as board:
            plugin = Plugin(board)
            times = in_random_turns(
                {
                    "first time": lambda: Plugin(board).get("runs"),
                    "again": lambda: plugin.get("runs"),
                },
                turns,
            )
    rows = [[name, float(np.median(each))] for name, each in times.items()]
    print_table(f"runs, {runs} runs x {epochs} epochs", ["what", "ms"], rows)


def measure_import(turns):
    """What the plugin adds to the imports of a TensorBoard that starts."""
    code = (
        "import tensorboard.main, tensorboard.default, time\n"
        "start = time.perf_counter(); import tb_meanpixel.plugin\n"
        "print((time.perf_counter() - start) * 1000)"
    )
    package = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    times = [
        float(
            subprocess.run(
                [sys.executable, "-c", code], capture_output=True, check=True, env=package
            ).stdout
        )
        for _ in range(turns)
    ]
    print_table("Import", ["what", "ms"], [["tb_meanpixel.plugin", statistics.median(times)]])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=5, help="how often each request is timed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_runs(Path(folder), arguments.runs, arguments.epochs)
        measure_histograms(Path(folder), arguments.turns)
        measure_reload(Path(folder), arguments.epochs, arguments.turns)
    measure_listing(arguments.runs * 10, max(1, arguments.epochs // 10), arguments.turns)
    measure_import(arguments.turns)


if __name__ == "__main__":
    main()
