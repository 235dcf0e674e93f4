"""Processes that share a directory: one of them writes."""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import keras
import pytest
from support.constant_model import BLACK, DRIFT, EARLY, GREY, IMAGES, fit
from support.processes import WITHOUT_TENSORFLOW, output_of, python
from support.records import event_files, outputs, scalars

from tb_meanpixel import MeanPixelCallback, MeanPixelWriter

SECOND = """
import json, sys, warnings
sys.path.append(sys.argv[1])
from support.constant_model import IMAGES, LATE, fit
from tb_meanpixel import MeanPixelCallback

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    callbacks = [MeanPixelCallback(sys.argv[2], IMAGES, stream=n) for n in ("validation", "second")]
    history = fit([LATE, *callbacks], 6).history
warned = [str(one.message) for one in caught if one.category is RuntimeWarning]
print(json.dumps({"history": history, "warnings": warned}))
"""


@pytest.fixture(scope="module")
def contended(tmp_path_factory):
    """The log directory of two runs at once, and the results of the second."""
    logs = tmp_path_factory.mktemp("contended")
    results = []

    def second(epoch, logs_of_epoch):
        if epoch == 1:
            output = output_of(python(SECOND, Path(__file__).parents[1], logs / "vae"))
            results.append(json.loads(output.splitlines()[-1]))

    during = keras.callbacks.LambdaCallback(on_epoch_end=second)
    fit([EARLY, MeanPixelCallback(logs / "vae", IMAGES), during], 4)
    return logs, results[0]


@pytest.mark.slow
def test_a_second_process_warns_once_and_trains_on(contended):
    logs, second = contended

    [warning] = second["warnings"]
    assert warning.startswith(f"Another process writes to {logs / 'vae' / 'mean_pixel'}, so this")
    assert 6 == len(second["history"]["loss"]) == len(second["history"][DRIFT])
    assert 6 == len(second["history"]["second_mean_pixel_drift"])


@pytest.mark.slow
def test_a_second_process_leaves_the_firsts_data_alone(contended, loader, serve):
    logs, _ = contended
    board = serve(logs, loader)
    [found] = board.reader.runs()

    assert 1 == len(event_files(logs / "vae"))
    assert ["validation"] == [stream.info.name for stream in found.streams]
    assert [(epoch, 0.25) for epoch in range(4)] == outputs(board, "vae")
    assert list(range(4)) == list(scalars(board, "vae")["logs/loss"])


HOLD = """
with MeanPixelWriter(sys.argv[1]) as writer:
    writer.write(0, output=np.full((2, 2, 2), 0.25), reference=np.zeros((2, 2, 2)))
    print("writing", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize("end", ["close", pytest.param("kill", marks=pytest.mark.slow)])
def test_when_a_process_has_ended_another_may_write(tmp_path, serve, end):
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW + HOLD, tmp_path / "run"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert b"writing\n" == first.stdout.readline()
        with pytest.warns(RuntimeWarning, match="Another process writes to"):
            MeanPixelWriter(tmp_path / "run").close()
        if end == "kill":
            first.kill()
        else:
            first.communicate(b"\n", timeout=60)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with MeanPixelWriter(tmp_path / "run") as writer:
            writer.write(1, output=GREY, reference=BLACK)

    assert [(0, 0.25), (1, 0.5)] == outputs(serve(tmp_path, "python"), "run")


FORK = """
import multiprocessing, warnings

def write(step):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        with MeanPixelWriter(sys.argv[1]) as writer:
            writer.write(step, output=np.full((2, 2, 2), 0.25), reference=np.zeros((2, 2, 2)))
    print([str(warning.message)[:15] for warning in caught], flush=True)

def work():
    write(9)
    written.set()
    end.wait()

fork = multiprocessing.get_context("fork")
written, end = fork.Event(), fork.Event()
child = fork.Process(target=work)
with MeanPixelWriter(sys.argv[1]):
    write(0)
    child.start()
    written.wait()
write(1)
end.set()
child.join()
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_worker_neither_writes_nor_keeps_the_directory(tmp_path, serve):
    """As data loaders fork theirs, in the midst of a run."""
    output = output_of(python(WITHOUT_TENSORFLOW + FORK, tmp_path / "run"))

    assert ["[]", "['Another process']", "[]"] == output.splitlines()
    assert [(0, 0.25), (1, 0.25)] == outputs(serve(tmp_path, "python"), "run")
