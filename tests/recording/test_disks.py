"""Disks and permissions: no error of theirs leaves the recorder, and nothing is lost unsaid."""

import os
import re
import subprocess
import sys
import tempfile
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pytest
from support.records import event_files, outputs
from support.trouble import falling, write

from tb_meanpixel import MeanPixelWriter

IMAGES = np.linspace(0, 1, 16).reshape(4, 2, 2, 1)

# As a user for whom permissions hold, also where root runs the tests. What was warned is printed.
BEGIN = """
    import os, resource, sys, warnings
    from pathlib import Path
    import numpy as np
    from tb_meanpixel import MeanPixelWriter

    place = Path(sys.argv[1])
    def become_a_user():
        if os.geteuid() == 0:
            os.chown(place, 65534, 65534)
            os.setgid(65534), os.setuid(65534)
    images = np.linspace(0, 1, 16).reshape(4, 2, 2, 1)
    caught = warnings.catch_warnings(record=True)
    warned = caught.__enter__()
    warnings.simplefilter("always")
    def write(writer, epoch):
        writer.write(epoch, output=images / 2, reference=images, scalars={"loss": 0.5})
"""
END = """
    caught.__exit__(None, None, None)
    print(*(str(one.message) for one in warned), sep="\\n")
"""


@pytest.fixture
def place():
    """Not in `tmp_path`, which only its owner may enter."""
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)
        for directory, _, _ in os.walk(path):
            os.chmod(directory, 0o755)  # noqa: PTH101  before the walk goes into it


def run(place, code):
    """What a script warns of."""
    script = textwrap.dedent(BEGIN) + textwrap.dedent(code) + textwrap.dedent(END)
    done = subprocess.run(
        [sys.executable, "-c", script, place],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TB_MEANPIXEL_FINDINGS": "0"},  # the images never change
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return list(filter(None, done.stdout.splitlines()))


def steps(board, run="run"):
    """Steps of the outputs and of the loss, which must agree; the reference must be there."""
    found = [step for step, _ in outputs(board, run)]
    [scalars] = board.json("scalars", run=run)["runs"]
    [curve] = scalars["curves"]
    assert found == curve["steps"]
    assert board.side("reference", run=run, stream="validation")["steps"]
    return found


@pytest.mark.parametrize("mode", ["0o000", "0o400", "0o500"])
def test_a_directory_that_nobody_may_look_into_for_a_while_costs_nothing(
    place, serve, loader, mode
):
    said = run(
        place,
        f"""
        become_a_user()
        with MeanPixelWriter(place / "run") as writer:
            for epoch in range(12):
                if epoch == 3:
                    os.chmod(place / "run" / "mean_pixel", {mode})
                if epoch == 9:
                    os.chmod(place / "run" / "mean_pixel", 0o755)
                write(writer, epoch)
        """,
    )

    assert said == []  # an open file stays writable
    assert steps(serve(place, loader)) == list(range(12))


@pytest.mark.parametrize(
    "make", ["touch(); os.chmod(place / 'run/mean_pixel/.lock', 0o444)", "mkdir()"]
)
def test_without_its_lock_a_run_is_recorded_all_the_same(place, serve, loader, make):
    said = run(
        place,
        f"""
        (place / "run/mean_pixel").mkdir(parents=True)
        (place / "run/mean_pixel/.lock").{make}
        os.chmod(place / "run/mean_pixel", 0o777)
        become_a_user()
        with MeanPixelWriter(place / "run") as writer:
            for epoch in range(3):
                write(writer, epoch)
        """,
    )

    assert said == []
    assert steps(serve(place, loader)) == [0, 1, 2]


def test_what_a_full_disk_costs_is_said_at_the_end_and_no_empty_files_are_left(place, serve):
    first, last = run(
        place,
        """
        with MeanPixelWriter(place / "run") as writer:
            for epoch in range(30):
                if epoch == 3:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
                write(writer, epoch)
        """,
    )

    assert re.match(
        r"Records cannot be written to .*run/mean_pixel \(OSError: \[Errno 27\] File too large\). "
        "The last 1000 steps are kept, and written when that is possible",
        first,
    )
    assert re.match("27 steps could not be written to .*run/mean_pixel and are lost ", last)
    assert len(event_files(place / "run")) == 1
    assert steps(serve(place)) == [0, 1, 2]


@pytest.mark.parametrize("missing", ["place.chmod(0o500)", "(place / 'run').write_text('x')"])
def test_a_directory_that_goes_and_does_not_come_back_is_no_error(place, missing):
    first, last = run(
        place,
        f"""
        import shutil
        become_a_user()
        with MeanPixelWriter(place / "run") as writer:
            for epoch in range(6):
                if epoch == 2:
                    shutil.rmtree(place / "run")
                    {missing}
                write(writer, epoch)
        """,
    )

    assert "The last 1000 steps are kept" in first
    assert last.startswith("4 steps could not be written to")


def cut(file):
    file.write_bytes(file.read_bytes()[:-400])


def empty(file):
    file.write_bytes(b"")


def replace(file):
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content)


def rename(file):
    file.rename(file.with_name(f"{file.name}.old"))


def keep_aside(file):
    file.rename(file.parents[2] / "aside")


@pytest.mark.parametrize(
    "act, expected",
    [
        (cut, [0, 1, 3, 4]),  # the end of epoch 2 is gone: that is not ours to mend
        (empty, [3, 4]),
        (replace, [0, 1, 2, 3, 4]),
        (rename, [0, 1, 2, 3, 4]),
        (keep_aside, [3, 4]),
    ],
)
def test_what_others_do_to_the_event_file_costs_no_later_epoch(
    tmp_path, serve, loader, act, expected
):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with MeanPixelWriter(tmp_path / "run") as writer:
            for epoch in range(5):
                if epoch == 3:
                    [file] = event_files(tmp_path / "run")
                    act(file)
                writer.write(epoch, output=IMAGES / 2, reference=IMAGES, scalars={"loss": 0.5})
    board = serve(tmp_path, loader)

    assert [step for step, _ in outputs(board, "run")] == expected
    assert board.side("reference", run="run", stream="validation")["steps"]


def test_a_clock_that_is_set_back_costs_nothing(tmp_path, serve, loader):
    write(
        tmp_path / "run", (10, lambda _, images: images / 2), loss=falling, clock=lambda e: 2e9 + e
    )
    write(
        tmp_path / "run",
        (20, lambda _, images: images / 2),
        first=10,
        loss=falling,
        clock=lambda e: 1e9 + e,
    )
    board = serve(tmp_path, loader)
    [found] = board.json("runs")["runs"]
    loss = next(
        curve
        for curve in board.json("scalars", run="run")["runs"][0]["curves"]
        if curve["tag"] == "logs/loss"
    )

    assert [step for step, _ in outputs(board, "run")] == list(range(20))
    assert found["streams"][0]["steps"] == {"first": 0, "last": 19, "loaded": 20, "recorded": 20}
    assert loss["steps"] == list(range(20))


FULL = """
    import subprocess, sys, warnings
    from pathlib import Path
    import numpy as np
    from tb_meanpixel import MeanPixelWriter

    small = Path(sys.argv[1])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small], check=True)
    images = np.linspace(0, 1, 16).reshape(4, 2, 2, 1)
    with warnings.catch_warnings(record=True) as warned, MeanPixelWriter(small / "run") as writer:
        warnings.simplefilter("always")
        for epoch in range(200):
            writer.write(epoch, output=images, reference=images, scalars={"loss": 0.5})
        print(len(list((small / "run/mean_pixel").glob("*tfevents*"))))
    written = sum(path.stat().st_size for path in (small / "run/mean_pixel").glob("*tfevents*"))
    print(*(str(one.message)[:40] for one in warned), written > 200_000, sep="\\n")
"""


def test_a_full_file_system_is_filled_with_epochs_and_not_with_files(tmp_path):
    """As root of this machine, or of a user namespace of its own."""
    mounting = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]
    small = tmp_path / "small"
    small.mkdir()
    possible = [*mounting, "mount", "-t", "tmpfs", "tmpfs", str(small)]
    try:
        cannot = subprocess.run(possible, check=False).returncode
    except FileNotFoundError:
        cannot = True
    if cannot:
        pytest.skip("a small file system cannot be mounted here")
    script = [sys.executable, "-c", textwrap.dedent(FULL), str(small)]
    done = subprocess.run([*mounting, *script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    files, problem, lost, is_full = done.stdout.splitlines()
    assert int(files) <= 2
    assert problem.startswith("Records cannot be written to")
    assert re.match(r"\d+ steps could not be written", lost)
    assert is_full == "True"
