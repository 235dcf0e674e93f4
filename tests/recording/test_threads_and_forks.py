"""Threads that write at the same time, forked children, and locks that become free."""

import copy
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import warnings

import keras
import numpy as np
import pytest
from support.constant_model import IMAGES, fit
from support.processes import output_of, python
from support.records import event_files, outputs, scalars, written

from tb_meanpixel import MeanPixelCallback, MeanPixelWriter

STEPS = 60


@pytest.mark.parametrize("count", [2, 8])
def test_streams_of_one_directory_may_be_written_from_several_threads(
    tmp_path, serve, loader, count
):
    images = np.linspace(0, 1, 16).reshape(4, 2, 2, 1)
    errors = []

    def work(number):
        try:
            with MeanPixelWriter(tmp_path / "run", stream=f"s{number}") as writer:
                barrier.wait()
                for step in range(STEPS):
                    writer.write(
                        step, output=images / 2, reference=images, scalars={f"loss{number}": step}
                    )
        except BaseException as error:
            errors.append(error)
            raise

    barrier = threading.Barrier(count)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    board = serve(tmp_path, loader)

    assert not errors
    assert len(event_files(tmp_path / "run")) == 1
    for number in range(count):
        assert [step for step, _ in outputs(board, "run", f"s{number}")] == list(range(STEPS))
        assert written(tmp_path / "run")[f"s{number}/reference/pixels", 0] == 1
    assert all(
        list(series) == list(range(STEPS))
        for tag, series in scalars(board, "run").items()
        if tag.startswith("logs/")
    )


HOLD = """
    import os, sys, time
    import numpy as np
    from tb_meanpixel import MeanPixelWriter

    writer = MeanPixelWriter(sys.argv[1])
    writer.write(0, output=np.full((2, 2, 2), 0.25), reference=np.zeros((2, 2, 2)))
    forked = os.fork() if sys.argv[2] == "fork" else 0
    if not forked:  # the child says so itself: by then it has let go
        print(os.getpid(), flush=True)
    time.sleep(600)
"""
GREY, BLACK = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))


def hold(directory, how):
    script = [sys.executable, "-c", textwrap.dedent(HOLD), str(directory), how]
    return subprocess.Popen(script, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_child_of_a_killed_training_does_not_keep_the_directory(tmp_path, serve, loader):
    with hold(tmp_path / "run", "fork") as parent:
        child = int(parent.stdout.readline())
        try:
            parent.kill()
            parent.wait()
            os.kill(child, 0)  # it lives
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                with MeanPixelWriter(tmp_path / "run") as writer:
                    for step in (1, 2):
                        writer.write(step, output=GREY, reference=BLACK)
        finally:
            os.kill(child, signal.SIGKILL)

    assert outputs(serve(tmp_path, loader), "run") == [(0, 0.25), (1, 0.5), (2, 0.5)]


def test_a_lock_that_becomes_free_is_taken_at_a_later_step(tmp_path, serve, loader):
    pytest.importorskip("fcntl")
    with hold(tmp_path / "run", "alone") as first:
        first.stdout.readline()
        with pytest.warns(RuntimeWarning, match="records nothing there until that one has ended"):
            writer = MeanPixelWriter(tmp_path / "run")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            writer.write(1, output=GREY, reference=BLACK)
            first.kill()
            first.wait()
            for step in (2, 3):
                writer.write(step, output=GREY, reference=BLACK)
            writer.close()

    assert outputs(serve(tmp_path, loader), "run") == [(0, 0.25), (2, 0.5), (3, 0.5)]


FORKED = """
    import os, sys
    import numpy as np
    from tb_meanpixel import MeanPixelWriter

    writer = MeanPixelWriter(sys.argv[1])
    grey, black = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))
    writer.write(0, output=grey, reference=black)
    child = os.fork()
    if not child:
        writer.write(7, output=grey, reference=black)
        writer.close()
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    writer.write(1, output=grey, reference=black)
    writer.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_a_forked_child_writes_is_no_record(tmp_path, serve, loader):
    assert output_of(python(textwrap.dedent(FORKED), tmp_path / "run")) == "0\n"
    assert [step for step, _ in outputs(serve(tmp_path, loader), "run")] == [0, 1]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_callback_can_be_copied_after_a_fit_and_used_again(tmp_path, serve, duplicate):
    callback = MeanPixelCallback(tmp_path / "run", IMAGES, epoch_freq=2)
    fit([callback], 3)
    copied = duplicate(callback)
    fit([copied], 6, initial_epoch=3)
    board = serve(tmp_path, "python")

    assert [step for step, _ in outputs(board, "run")] == [1, 2, 3, 5]


def ending(error, at):
    calls = []

    def predict(model, x):
        calls.append(x)
        if len(calls) == at:
            raise error
        return x

    return predict


def test_an_interrupt_in_predict_fn_ends_the_fit_and_the_next_one_is_recorded(tmp_path, serve):
    callback = MeanPixelCallback(
        tmp_path / "run", IMAGES, predict_fn=ending(KeyboardInterrupt(), at=4)
    )
    with pytest.raises(KeyboardInterrupt):
        fit([callback], 6)
    fit([callback], 6, initial_epoch=2)
    board = serve(tmp_path, "python")

    assert [step for step, _ in outputs(board, "run")] == [0, 1, 2, 3, 4, 5]


def test_too_little_memory_in_predict_fn_costs_its_epoch_alone(tmp_path, serve):
    callback = MeanPixelCallback(tmp_path / "run", IMAGES, predict_fn=ending(MemoryError(), at=3))
    with pytest.warns(RuntimeWarning, match="could not record epoch 1: .*MemoryError"):
        history = fit([callback], 4).history
    board = serve(tmp_path, "python")

    assert len(history["loss"]) == 4
    assert [step for step, _ in outputs(board, "run")] == [0, 2, 3]


def test_a_predict_fn_that_gives_fewer_images_is_refused_before_the_first_epoch(tmp_path):
    begun = []
    watch = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: begun.append(epoch))
    callback = MeanPixelCallback(tmp_path / "run", IMAGES, predict_fn=lambda model, x: x[:1])
    with pytest.raises(ValueError, match="predict_fn.*1"):
        fit([callback, watch], 2)

    assert begun == []
    assert not (tmp_path / "run").exists()
