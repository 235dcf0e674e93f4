"""Faults of the place that is written to: nothing that was recorded is lost."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import warnings

import numpy as np
import pytest
from support.records import written

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.recording.event_file import EventFile
from tb_meanpixel.recording.pending_events import MAX_PENDING
from tb_meanpixel.schema import summary

IMAGES = np.linspace(0, 1, 4 * 3 * 3, dtype="float32").reshape(4, 3, 3, 1)


def write(writer, *epochs):
    for epoch in epochs:
        writer.write(epoch, output=IMAGES * 0.5, reference=IMAGES, scalars={"loss": float(epoch)})


def steps(board):
    """Steps of the outputs, of a score and of the loss, which must always agree."""
    outputs = board.side("output", run="run", stream="validation")["steps"]
    [found] = board.json("scalars", run="run", score="drift")["runs"]
    assert outputs == found["scores"][0]["steps"]
    assert outputs == found["curves"][0]["steps"]
    assert board.side("reference", run="run", stream="validation")["steps"]
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


@pytest.mark.parametrize("act", ["flush", "close"])
def test_what_is_still_waiting_is_written_by_flush_and_close(tmp_path, serve, act):
    run = tmp_path / "run"
    with MeanPixelWriter(run) as writer:
        shutil.rmtree(run)
        run.write_text("in the way")
        with pytest.warns(RuntimeWarning, match="cannot be written"):
            write(writer, 0, 1)
        run.unlink()
        getattr(writer, act)()

        assert steps(serve(tmp_path)) == [0, 1]


def test_a_bounded_number_of_events_waits(tmp_path):
    events = EventFile.open(tmp_path / "run")
    shutil.rmtree(tmp_path / "run")
    (tmp_path / "run").write_text("in the way")

    with pytest.warns(RuntimeWarning, match=f"The last {MAX_PENDING} steps are kept"):
        events.add(0, summary.log_values({"loss": 0.5}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for step in range(1, MAX_PENDING + 100):
            events.add(step, summary.log_values({"loss": 0.5}))
            events.add(step, summary.log_values({"kl": 0.25}))
    (tmp_path / "run").unlink()
    with pytest.warns(RuntimeWarning, match="^100 steps could not be written to .* and are lost"):
        events.close()

    kept = range(100, MAX_PENDING + 100)
    found = written(tmp_path / "run")
    assert [step for tag, step in found if tag == "logs/loss"] == list(kept)
    assert [step for tag, step in found if tag == "logs/kl"] == list(kept)


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
            writer.write(epoch, output=images, reference=images, scalars={"loss": float(epoch)})
    print([str(w.message) for w in warned if "cannot be written" in str(w.message)].__len__())
"""


def test_a_full_disk_costs_no_epoch_once_there_is_room_again(tmp_path, serve, loader):
    script = [sys.executable, "-c", textwrap.dedent(FULL_DISK), str(tmp_path / "run")]
    done = subprocess.run(script, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "1\n"
    assert steps(serve(tmp_path, loader)) == list(range(12))


FULL_FILE_SYSTEM = """
    import shutil, subprocess, sys, warnings
    from pathlib import Path
    import numpy as np
    from tb_meanpixel import MeanPixelWriter

    images = np.linspace(0, 1, 36, dtype="float32").reshape(4, 3, 3, 1)
    small, kept = Path(sys.argv[1]), Path(sys.argv[2])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small], check=True)
    with warnings.catch_warnings(record=True) as warned, MeanPixelWriter(small / "run") as writer:
        warnings.simplefilter("always")
        for epoch in range(12):
            if epoch == 3:
                with (small / "ballast").open("wb", buffering=0) as ballast:
                    try:
                        while ballast.write(bytes(512)):
                            pass
                    except OSError as error:
                        print(error.strerror)
            if epoch == 9:
                (small / "ballast").unlink()
            writer.write(epoch, output=images, reference=images, scalars={"loss": float(epoch)})
    print([str(w.message) for w in warned if "cannot be written" in str(w.message)].__len__())
    shutil.copytree(small / "run", kept / "run")
"""


def test_a_full_file_system_costs_no_epoch_once_there_is_room_again(tmp_path, serve, loader):
    """As root of this machine, or of a user namespace of its own."""
    mounting = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]
    small, kept = tmp_path / "small", tmp_path / "kept"
    small.mkdir()
    possible = [*mounting, "mount", "-t", "tmpfs", "tmpfs", str(small)]
    if not shutil.which("unshare") or subprocess.run(possible, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    script = [sys.executable, "-c", textwrap.dedent(FULL_FILE_SYSTEM), str(small), str(kept)]
    done = subprocess.run([*mounting, *script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "No space left on device\n1\n"
    assert steps(serve(kept, loader)) == list(range(12))


READ_ONLY = """
    import os, shutil, sys, warnings
    from pathlib import Path
    import numpy as np
    from tb_meanpixel import MeanPixelWriter

    place, how = Path(sys.argv[1]), sys.argv[2]
    if os.geteuid() == 0:  # whom nothing is read-only for
        os.chown(place, 65534, 65534)
        os.setegid(65534), os.seteuid(65534)
    images = np.linspace(0, 1, 36, dtype="float32").reshape(4, 3, 3, 1)
    with warnings.catch_warnings(record=True) as warned, MeanPixelWriter(place / "run") as writer:
        warnings.simplefilter("always")
        for epoch in range(8):
            if epoch == 2:
                if how == "removed":
                    shutil.rmtree(place / "run")
                    place.chmod(0o500)
                else:
                    [file] = (place / "run" / "mean_pixel").glob("*tfevents*")
                    file.chmod(0o400)
                    file.parent.chmod(0o500)
            if epoch == 6:
                place.chmod(0o700)
            writer.write(epoch, output=images, reference=images, scalars={"loss": float(epoch)})
    place.chmod(0o755), os.chmod(place / "run" / "mean_pixel", 0o755)
    print(*(str(w.message) for w in warned if "cannot be written" in str(w.message)), sep="\\n")
"""


@pytest.mark.parametrize(
    "how, warned, expected",
    [
        ("removed", 1, [2, 3, 4, 5, 6, 7]),  # kept from epoch 2 on, written at epoch 6
        ("forbidden", 0, [0, 1, 2, 3, 4, 5, 6, 7]),  # a file that is open stays writable
    ],
)
def test_a_place_that_becomes_read_only_costs_no_later_epoch(serve, how, warned, expected):
    # Not in `tmp_path`: only its owner may enter that, and root is not kept out of anything.
    with tempfile.TemporaryDirectory() as place:
        script = [sys.executable, "-c", textwrap.dedent(READ_ONLY), place, how]
        done = subprocess.run(script, capture_output=True, text=True, check=False)

        assert done.returncode == 0, done.stderr
        assert done.stdout.count("PermissionError") == warned
        assert steps(serve(place)) == expected


ENDLESS = """
    import sys, time
    import numpy as np
    from tb_meanpixel import MeanPixelWriter

    images = np.linspace(0, 1, 36, dtype="float32").reshape(4, 3, 3, 1)
    with MeanPixelWriter(sys.argv[1]) as writer:
        for epoch in range(5):
            writer.write(epoch, output=images, reference=images, scalars={"loss": float(epoch)})
        print("five epochs", flush=True)
        time.sleep(600)
"""


def test_a_killed_run_leaves_all_its_epochs(tmp_path, serve, loader):
    script = [sys.executable, "-c", textwrap.dedent(ENDLESS), str(tmp_path / "run")]
    with subprocess.Popen(script, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout.readline() == "five epochs\n"
        run.send_signal(signal.SIGKILL)

    assert steps(serve(tmp_path, loader)) == [0, 1, 2, 3, 4]


def test_a_file_that_ends_in_half_a_record_gives_the_others(tmp_path, serve, loader):
    with MeanPixelWriter(tmp_path / "run") as writer:
        write(writer, 0, 1, 2)
    [file] = (tmp_path / "run" / "mean_pixel").glob("*tfevents*")
    file.write_bytes(file.read_bytes()[:-50])

    with MeanPixelWriter(tmp_path / "run") as writer:
        write(writer, 3)

    found = serve(tmp_path, loader).side("output", run="run", stream="validation")["steps"]
    assert found == [0, 1, 2, 3]
