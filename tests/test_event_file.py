"""Faults of the place that is written to: nothing that was recorded is lost."""

import shutil
import signal
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.event_file import MOST_PENDING, EventFile

IMAGES = np.linspace(0, 1, 4 * 3 * 3, dtype="float32").reshape(4, 3, 3, 1)


def write(writer, *epochs):
    for epoch in epochs:
        writer.write(epoch, IMAGES * 0.5, reference=IMAGES, scalars={"loss": float(epoch)})


def steps(board):
    """Steps of the outputs, of a score and of the loss, which must always agree."""
    outputs = board.side("output", training="run", stream="validation")["steps"]
    [training] = board.json("scalars", training="run", statistic="drift")["trainings"]
    assert outputs == training["scores"][0]["steps"]
    assert outputs == training["curves"][0]["steps"]
    assert board.side("reference", training="run", stream="validation")["steps"]
    return outputs


def test_a_directory_that_is_removed_is_made_again(tmp_path, serve, loader):
    with MeanPixelWriter(tmp_path / "run") as writer:
        write(writer, 0, 1)
        shutil.rmtree(tmp_path / "run")
        write(writer, 2, 3)

    assert steps(serve(tmp_path, loader)) == [2, 3]


def test_epochs_that_cannot_be_written_are_kept_and_written_later(tmp_path, serve, loader):
    run = tmp_path / "run"
    with MeanPixelWriter(run) as writer:
        write(writer, 0, 1)
        run.rename(tmp_path / "moved")
        run.write_text("in the way")
        with pytest.warns(RuntimeWarning, match="cannot be written") as warned:
            write(writer, 2, 3, 4)
        run.unlink()
        (tmp_path / "moved").rename(run)
        write(writer, 5)

    assert len(warned) == 1
    assert steps(serve(tmp_path, loader)) == [0, 1, 2, 3, 4, 5]


def test_what_is_still_waiting_is_written_when_the_file_is_closed(tmp_path, serve):
    run = tmp_path / "run"
    writer = MeanPixelWriter(run)
    shutil.rmtree(run)
    run.write_text("in the way")
    with pytest.warns(RuntimeWarning, match="cannot be written"):
        write(writer, 0, 1)
    run.unlink()

    writer.close()

    assert steps(serve(tmp_path)) == [0, 1]


def test_a_bounded_number_of_events_waits(tmp_path):
    events = EventFile.open(tmp_path / "run")
    shutil.rmtree(tmp_path / "run")
    (tmp_path / "run").write_text("in the way")

    with pytest.warns(RuntimeWarning, match=f"Up to {MOST_PENDING} are kept"):
        events.add(0, [])
    for step in range(1, MOST_PENDING + 100):
        events.add(step, [])
    assert len(events._pending) == MOST_PENDING

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        events.close()


FULL_DISK = """
    import resource, sys, warnings
    import numpy as np
    from tb_meanpixel import MeanPixelWriter

    images = np.linspace(0, 1, 36, dtype="float32").reshape(4, 3, 3, 1)
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    with warnings.catch_warnings(record=True) as warned, MeanPixelWriter(sys.argv[1]) as writer:
        warnings.simplefilter("always")
        for epoch in range(12):
            if epoch == 3:  # no file may grow beyond this
                resource.setrlimit(resource.RLIMIT_FSIZE, (14_000, unlimited[1]))
            if epoch == 9:
                resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
            writer.write(epoch, images, reference=images, scalars={"loss": float(epoch)})
    print([str(w.message) for w in warned if "cannot be written" in str(w.message)].__len__())
"""


def test_a_full_disk_costs_no_epoch_once_there_is_room_again(tmp_path, serve, loader):
    script = [sys.executable, "-c", textwrap.dedent(FULL_DISK), str(tmp_path / "run")]
    done = subprocess.run(script, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "1\n"
    assert steps(serve(tmp_path, loader)) == list(range(12))


ENDLESS = """
    import sys, time
    import numpy as np
    from tb_meanpixel import MeanPixelWriter

    images = np.linspace(0, 1, 36, dtype="float32").reshape(4, 3, 3, 1)
    with MeanPixelWriter(sys.argv[1]) as writer:
        for epoch in range(5):
            writer.write(epoch, images, reference=images, scalars={"loss": float(epoch)})
        print("five epochs", flush=True)
        time.sleep(600)
"""


def test_a_killed_training_leaves_all_its_epochs(tmp_path, serve, loader):
    script = [sys.executable, "-c", textwrap.dedent(ENDLESS), str(tmp_path / "run")]
    with subprocess.Popen(script, stdout=subprocess.PIPE, text=True) as training:
        assert training.stdout.readline() == "five epochs\n"
        training.send_signal(signal.SIGKILL)

    assert steps(serve(tmp_path, loader)) == [0, 1, 2, 3, 4]


def test_a_file_that_ends_in_half_a_record_gives_the_others(tmp_path, serve, loader):
    with MeanPixelWriter(tmp_path / "run") as writer:
        write(writer, 0, 1, 2)
    [file] = (tmp_path / "run" / "mean_pixel").glob("*tfevents*")
    file.write_bytes(file.read_bytes()[:-50])

    with MeanPixelWriter(tmp_path / "run") as writer:
        write(writer, 3)

    found = serve(tmp_path, loader).side("output", training="run", stream="validation")["steps"]
    assert found == [0, 1, 2, 3]
