"""Log directories that cannot be read, in part or at all: what can be is told, and never a 1.

An exit code of 1 means a finding. `report` and `doctor` see the same.
"""

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from support.command_runs import PROGRAM, event_file, good, program, write

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.command_line.cli import main
from tb_meanpixel.recording.checksum import masked_crc32c
from tb_meanpixel.serving.answers import histories
from tb_meanpixel.serving.reading import local_data_server
from tb_meanpixel.tensorboard_private import data_server_binary

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs file names as bytes")
needs_links = pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")


@pytest.fixture(scope="module")
def one_run(tmp_path_factory):
    logs = tmp_path_factory.mktemp("one")
    write(logs / "ok", good, epochs=4)
    return logs


@pytest.fixture
def logs(one_run, tmp_path):
    """A directory with one good run, to be spoiled."""
    shutil.copytree(one_run, tmp_path / "logs")
    return tmp_path / "logs"


@pytest.fixture(params=["python", "data server"])
def loader(request, monkeypatch):
    """Both ways in which a log directory is read, however small it is."""
    if request.param == "data server":
        if data_server_binary() is None:
            pytest.skip("there is no data server for this platform")
        monkeypatch.setattr(local_data_server, "MIN_BYTES", 0)
    return request.param


def copy(logs, name):
    shutil.copytree(logs / "ok", logs / name)
    return event_file(logs / name)


def run(capsys, command, logdir):
    code = main([command, str(logdir)])
    return code, *capsys.readouterr()


def assert_told(capsys, logs, *notes, runs=("ok",)):
    """`report` shows the runs and says the notes; so does the doctor, as something to fix."""
    code, out, err = run(capsys, "report", logs)
    table, _, rest = out.partition("\n\n")
    assert (0, "") == (code, err)
    assert list(runs) == [line.split()[0] for line in table.splitlines()[1:]]
    assert [note for note in notes if note not in rest] == []

    code, out, _ = run(capsys, "doctor", logs)
    failures = [line for line in out.splitlines() if line.startswith("FAIL")]
    assert [note for note in notes if note not in "\n".join(failures)] == []
    assert len(notes) == len([line for line in failures if str(logs) in line])
    for name in runs:
        assert f"ok    {name}/validation: 4 of 4 records" in out


@needs_links
def test_links_that_lead_nowhere_or_back(capsys, logs, loader):
    dangling = logs / "ok" / "mean_pixel" / "events.out.tfevents.1.x"
    dangling.symlink_to("/nowhere")
    (logs / "loop").symlink_to(logs)

    assert_told(
        capsys,
        logs,
        f"{dangling} cannot be read: it is a link to a file that does not exist",
        f"{logs / 'loop'} leads back to a directory that is read already",
    )


@needs_links
def test_links_that_cross_each_other_end(capsys, logs):
    names = "abcdefg"
    for name in names:
        (logs / name).mkdir()
    for name in names:
        for other in names:
            (logs / name / other).symlink_to(logs / other)
    code, out, _ = run(capsys, "report", logs)

    assert 0 == code
    assert " leads back to a directory that is read already" in out


@needs_links
def test_a_run_may_have_two_names(capsys, logs, loader):
    (logs / "best").symlink_to(logs / "ok")

    assert_told(capsys, logs, runs=("best", "ok"))


@linux_only
def test_names_that_are_not_utf8(capsys, logs, loader):
    path = copy(logs, "x")
    path.rename(os.fsdecode(os.fsencode(path) + b"\xff"))
    (logs / "x").rename(os.fsdecode(os.fsencode(logs) + b"/x\xff"))

    assert_told(capsys, logs, runs=("ok", "x\N{REPLACEMENT CHARACTER}"))


@linux_only
def test_what_is_no_regular_file(capsys, logs, loader):
    pipe = logs / "ok" / "mean_pixel" / "events.out.tfevents.0.pipe"
    os.mkfifo(pipe)
    (logs / "ok" / "mean_pixel" / "events.out.tfevents.0.folder").mkdir()

    assert_told(capsys, logs, f"{pipe} cannot be read: it is no regular file")


def test_a_record_that_is_no_event(capsys, logs):
    path = copy(logs, "x")
    content = path.read_bytes()
    size, text = struct.pack("<Q", 5), b"\xff" * 5
    sums = [struct.pack("<I", masked_crc32c(one)) for one in (size, text)]
    path.write_bytes(size + sums[0] + text + sums[1] + content)

    note = f"{path} holds records that are no events, 1 in number; they were left out"
    assert_told(capsys, logs, note, runs=("ok", "x"))


def test_a_file_that_is_cut(capsys, logs, loader):
    path = copy(logs, "x")
    path.write_bytes(path.read_bytes() + b"\x05")

    note = f"{path} ends within a record: it is being written, or was cut off"
    assert_told(capsys, logs, note, runs=("ok", "x"))


def test_a_file_that_is_damaged(capsys, logs, loader):
    path = copy(logs, "x")
    path.write_bytes(path.read_bytes() + bytes(100))

    note = f"{path} is damaged: what comes after the damage was not read"
    assert_told(capsys, logs, note, runs=("ok", "x"))


@linux_only
def test_names_command_no_terminal(capsys, logs):
    (logs / "ok").rename(logs / "\x1b[31mred\n\u202e")

    for command in ("report", "doctor"):
        _, out, err = run(capsys, command, logs)
        assert r"\x1b[31mred\n\u202e" in out
        assert not {"\x1b", "\u202e"} & {*out, *err}


def test_a_run_whose_directory_was_renamed(capsys, logs, loader):
    copy(logs, "x").parent.rename(logs / "x" / "other")

    assert_told(capsys, logs, runs=("ok", "x/other"))


@pytest.mark.parametrize("empty", [True, False])
def test_where_the_tab_is_empty_the_doctor_says_why(capsys, tmp_path, empty):
    if empty:
        path = tmp_path / "vae" / "mean_pixel" / "events.out.tfevents.1.x"
        path.parent.mkdir(parents=True)
        path.touch()
    else:
        with MeanPixelWriter(tmp_path / "vae") as writer:
            writer.write_scalars(0, {"loss": 1.0})

    assert 2 == run(capsys, "report", tmp_path)[0]
    code, out, _ = run(capsys, "doctor", tmp_path)
    assert 1 == code
    why = "nothing was recorded" if empty else "only scalars were recorded"
    assert f"FAIL  the tab is empty: {why}, and no images" in out


@pytest.mark.parametrize("command", ["report", "doctor"])
@pytest.mark.parametrize(
    "logdir, expected",
    [
        (Path(__file__), f"'{__file__}' is a file; give the directory that it is in"),
        ("s3://bucket/logs", "'s3://bucket/logs' cannot be read ("),
        ("ftp://localhost:1/logs", "'ftp://localhost:1/logs' cannot be read ("),
        ("\0", ""),
    ],
)
def test_what_is_no_directory_is_told_in_a_sentence(capsys, logdir, expected, command):
    code, out, err = run(capsys, command, logdir)

    assert code == (2 if command == "report" else 1)
    assert expected in out + err
    assert "Traceback" not in err


def without_root(*arguments):
    """The program, and nothing that root alone may read."""
    words = [PROGRAM, *map(str, arguments)]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may read everything, and there is no setpriv")
        words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *words]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@linux_only
def test_what_may_not_be_read(logs):
    file, folder = copy(logs, "x"), logs / "y"
    folder.mkdir()
    for path in (file, folder):
        path.chmod(0)
    report, doctor = without_root("report", logs), without_root("doctor", logs)

    assert (0, "") == (report.returncode, report.stderr)
    assert report.stdout.splitlines()[1].startswith("ok ")
    for path in (file, folder):
        note = f"{path} cannot be read: Permission denied"
        assert note in report.stdout
        assert f"FAIL  {note}" in doctor.stdout

    logs.chmod(0)
    nothing = without_root("report", logs)
    logs.chmod(0o755)
    assert (2, "") == (nothing.returncode, nothing.stdout)
    assert f"{logs} cannot be read: Permission denied" in nothing.stderr


def test_whatever_goes_wrong_is_a_2_and_one_line(logs):
    code = (
        "import sys, tb_meanpixel.runs as runs; runs.read = None; "
        "from tb_meanpixel.command_line.cli import main; sys.exit(main(['report', 'logs']))"
    )
    done = program("-c", code, command=(sys.executable,))

    assert 2 == done.returncode
    assert "TypeError: 'NoneType' object is not callable\n" == done.stderr


def test_one_run_that_fails_leaves_the_others_whole(capsys, logs, monkeypatch):
    write(logs / "x", good, epochs=5)
    usual = histories.history

    def history(stream, scores, curves):
        if len(scores[0][1].steps) == 5:
            raise ValueError("it is hostile")
        return usual(stream, scores, curves)

    monkeypatch.setattr(histories, "history", history)
    code, out, err = run(capsys, "report", logs)
    assert (0, "") == (code, err)
    assert ["run", "ok"] == [line.split()[0] for line in out.partition("\n\n")[0].splitlines()]
    assert "x: it cannot be read (ValueError: it is hostile)" in out

    shutil.rmtree(logs / "ok")
    code, out, err = run(capsys, "report", logs)
    assert (2, "") == (code, out)
    assert "No run can be read.\nx: it cannot be read (ValueError: it is hostile)\n" == err
