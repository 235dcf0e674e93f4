"""Training on several replicas and workers: every image is counted once, and one process writes.

Over several workers Keras 3 cannot `fit` (its own reduction of the logs fails), so there the
callbacks run in a loop of one's own, as keras.callbacks.CallbackList is meant to.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.value_range import ValueRange

pytest.importorskip("tensorflow")

from support.distributed_models import TRAIN, VALIDATION, outputs

pytestmark = pytest.mark.slow

UNIT = ValueRange(0.0, 1.0, "declared")
SCRIPT = Path(__file__).parents[1] / "support" / "distributed_models.py"
# What each stream saw of which run, and over how many epochs.
STREAMS = [
    ("metric", "train", TRAIN),
    ("metric", "validation", VALIDATION),
    ("reference", "fixed", VALIDATION),
]
QUANTITIES = ["mean_pixels", "contrasts", "pixels"]


def run_together(mode, directory, environments, timeout=180):
    """Run the script once for each environment at the same time; none outlives this."""
    with contextlib.ExitStack() as stack:
        processes = []
        for number, environment in enumerate(environments):
            log = stack.enter_context((directory / f"{mode}_{number}.log").open("w+"))
            process = subprocess.Popen(
                [sys.executable, SCRIPT, mode, directory],
                env={**os.environ, "KERAS_BACKEND": "tensorflow", **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            stack.callback(process.kill)
            processes.append((process, log))
        for process, log in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout)
            log.seek(0)
            assert process.returncode == 0, log.read()[-4000:]
    names = [directory / f"{mode}_{number}.json" for number in range(len(environments))]
    return [json.loads(name.read_text()) for name in names]


def cluster(size):
    """TF_CONFIG of workers on free ports of this machine."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(size)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        workers = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    return [
        {
            "TF_CONFIG": json.dumps(
                {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
            )
        }
        for index in range(size)
    ]


@pytest.fixture(
    scope="module", params=["mirrored", pytest.param("workers", marks=pytest.mark.slow)]
)
def trained(request, tmp_path_factory):
    """The log directory, and what each worker reports."""
    directory = tmp_path_factory.mktemp(request.param)
    environments = [{}] if request.param == "mirrored" else cluster(2)
    return directory, run_together(request.param, directory, environments)


@pytest.fixture(scope="module")
def board(trained, serve):
    return serve(trained[0], "python")


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("run, stream, images", STREAMS, ids=["train", "val", "reference"])
def test_every_image_is_counted_once_on_whichever_replica(board, run, stream, images, quantity):
    sides = {"output": outputs(images), "reference": images}

    for side, seen in sides.items():
        series = board.side(side, run=run, stream=stream, quantity=quantity)
        expected = getattr(measure_images(seen, UNIT), quantity).rebin(64)
        for cells in series["cells"]:
            np.testing.assert_array_equal(expected.cells, cells)
        np.testing.assert_allclose(series["mean"][-1], expected.mean, rtol=1e-5)
        np.testing.assert_allclose(series["std"][-1], expected.std, rtol=1e-4)


@pytest.mark.parametrize("run, stream, images", STREAMS, ids=["train", "val", "reference"])
def test_the_scores_are_of_all_replicas_images(board, run, stream, images):
    [found] = board.json("scalars", run=run)["runs"]
    last = {
        score["name"]: score["values"][-1]
        for score in found["scores"]
        if score["stream"] == stream and not score["channel"]
    }
    made, known = outputs(images).mean(dtype=np.float64), images.mean(dtype=np.float64)

    assert pytest.approx(made, rel=1e-5) == last["output_mean"]
    assert pytest.approx(known, rel=1e-5) == last["reference_mean"]
    assert pytest.approx(made - known, abs=1e-5) == last["bias"]
    assert pytest.approx(0.5, rel=1e-4) == last["brightness_spread_ratio"]
    assert pytest.approx(1.0, rel=1e-4) == last["correlation"]


def test_each_worker_has_the_scores_and_all_stop_by_them(trained):
    _, reports = trained
    first = reports[0]["history"]

    for report in reports:
        assert 2 == report["replicas"]
        assert np.isfinite(list(report["history"].values())).all()
        assert 2 == len(report["history"]["val_mean_pixel_drift"])
        assert report["history"]["val_mean_pixel_drift"] == first["val_mean_pixel_drift"]
        assert report["history"]["fixed_mean_pixel_drift"] == first["fixed_mean_pixel_drift"]
        assert [] == report["warnings"]


@pytest.mark.parametrize("run", ["metric", "reference"])
def test_one_process_writes_for_all(trained, run):
    directory, _ = trained

    assert 1 == len(list(directory.glob(f"{run}/mean_pixel/*.tfevents.*")))
