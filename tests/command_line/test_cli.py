import json
import os
import re
import subprocess
import sys

import pytest
from support.boards import write_scalars
from support.command_runs import REFERENCE, collapses_at_12, good, write

from tb_meanpixel.command_line.cli import main
from tb_meanpixel.findings import IDS


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    write(logs / "good", good, loss=0.25)
    write(logs / "bad", collapses_at_12)
    write_scalars(logs / "bad" / "validation", {"epoch_loss": [0.5] * 12 + [0.25] * 8})
    return logs


def run(capsys, *arguments):
    """Exit code, what was printed, and what was complained of."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as exit_:  # argparse
        code = exit_.code
    printed = capsys.readouterr()
    return code, printed.out, printed.err


SENTENCE = (
    "Collapse since step 12. All outputs look alike: they vary 0% as much as the "
    "references. The loss does not show it: it fell 50%."
)


COLUMNS = "run stream records loss drift bias spread contrast best step findings"


def test_the_report_is_a_line_a_stream_and_a_sentence_a_finding(capsys, logdir):
    code, out, err = run(capsys, "report", logdir)
    head, bad, good, blank, sentence = out.splitlines()

    assert (0, "", "") == (code, err, blank)
    assert COLUMNS == " ".join(head.split())
    assert ["bad", "validation", "20", "0.25"] == bad.split()[:4]
    assert ["good", "validation", "20", "0.25"] == good.split()[:4]
    assert ["▁▁▁▁▁▁▁▁████████", "0%", "collapse"] == [bad.split()[i] for i in (5, 7, -1)]
    assert ["98%", "98%", "none"] == [good.split()[i] for i in (7, 8, -1)]
    assert re.search(r"  \d+ by drift, 12 by loss  collapse$", bad)
    assert sentence.startswith(f"bad/validation: {SENTENCE} Look first at: whether the input ")


def test_the_json_has_the_same(capsys, logdir):
    code, out, _ = run(capsys, "report", logdir, "--json")
    content = json.loads(out, parse_constant=pytest.fail)
    bad, good = content["runs"]

    assert (0, 1) == (code, content["version"])
    assert [] == good["findings"]
    assert {"name": "validation", "records": 20, "last_step": 19, "loss": 0.25}.items() <= (
        good["streams"][0].items()
    )
    assert pytest.approx(0.98, abs=0.01) == good["streams"][0]["scores"]["pixel_spread_ratio"]
    [finding] = bad["findings"]
    assert SENTENCE == finding["sentence"]
    assert ("collapse", "validation", "error", 12, 19) == tuple(
        finding[key] for key in ("id", "stream", "severity", "first_step", "last_step")
    )


@pytest.mark.parametrize(
    "fail_on, code",
    [("collapse", 1), ("non_finite,collapse", 1), ("any", 1), ("error", 1), ("non_finite", 0)],
)
def test_ci_fails_on_the_findings_that_it_names(capsys, logdir, fail_on, code):
    exit_code, out, err = run(capsys, "report", logdir, "--fail-on", fail_on)

    assert code == exit_code
    assert out.startswith("run ")
    assert err == (f"bad/validation: {SENTENCE}\n" if code else "")


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (("report", "logs", "--url", "localhost:6006"), "must begin with http:// or https://"),
        (("watch", "logs", "--every", "0"), "must be some seconds, more than 0"),
        (("watch", "logs", "--exec", "no-such-command x"), "there is no command 'no-such-command'"),
        (("watch", "logs", "--exec", ""), "there is no command ''"),
        (("report", "logs", "--best", "x"), "invalid choice: 'x'"),
        ((), "report|watch|measure|explain|doctor"),
        (("report",), "logdir"),
        (("report", "logs", "--fail-on", "colapse"), "there is no finding 'colapse'"),
        (("report", "logs", "--fail-on", ""), "there is no finding ''"),
    ],
)
def test_a_usage_error_is_a_2_and_says_what_there_is(capsys, arguments, expected):
    code, out, err = run(capsys, *arguments)

    assert (2, "") == (code, out)
    assert expected in err


def test_an_unknown_finding_is_answered_with_all_that_there_are(capsys):
    _, _, err = run(capsys, "report", "logs", "--fail-on", "x")

    assert all(name in err for name in IDS)


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: None])
def test_no_data_is_a_2_and_names_the_doctor(capsys, tmp_path, make):
    make(tmp_path / "empty")
    code, out, err = run(capsys, "report", tmp_path / "empty", "--json")

    assert (2, "") == (code, out)
    assert f"There are no mean-pixel records in '{tmp_path / 'empty'}'" in err
    assert f"tb-meanpixel doctor {tmp_path / 'empty'}" in err


def test_a_remote_directory_is_read(capsys):
    """TensorFlow has a file system in memory; buckets are addressed in the same way."""
    write("ram://reports/vae", lambda epoch: REFERENCE, epochs=2)
    code, out, _ = run(capsys, "report", "ram://reports")

    assert 0 == code
    assert ["vae", "validation", "2"] == out.splitlines()[1].split()[:3]


def test_a_report_needs_nothing_of_the_doctor(logdir):
    code = (
        "import runpy, sys; sys.modules['tb_meanpixel.command_line.doctor'] = None; "
        "sys.argv = ['tb_meanpixel', 'report', sys.argv[1]]; "
        "runpy.run_module('tb_meanpixel', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run([sys.executable, "-c", code, logdir], capture_output=True, check=False)

    assert (0, b"") == (done.returncode, done.stderr)


def test_it_runs_as_a_module_and_needs_no_tensorflow(logdir):
    code = (
        "import runpy, sys; sys.modules['tensorflow'] = sys.modules['keras'] = None; "
        "sys.argv = ['tb_meanpixel', 'report', sys.argv[1]]; "
        "runpy.run_module('tb_meanpixel', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, logdir], capture_output=True, text=True, check=False
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert "collapse" in done.stdout


def test_a_reader_that_goes_away_sees_no_traceback(logdir):
    command = f"'{sys.executable}' -m tb_meanpixel report '{logdir}' | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def lines(out, prefix):
    return [line for line in out.splitlines() if line.startswith(prefix)]


def test_the_doctor_finds_a_sound_installation_and_all_epochs(capsys, logdir, monkeypatch):
    here = os.path.dirname(sys.executable)  # noqa: PTH120  not resolved: a venv is a link
    monkeypatch.setenv("PATH", here, prepend=os.pathsep)
    code, out, _ = run(capsys, "doctor", logdir)

    assert (0, []) == (code, lines(out, "FAIL"))
    for expected in (
        "ok    the plugin is registered",
        "ok    tensorboard 2.",
        "ok    protobuf",
        "ok    keras 3.",
        "ok    event files of tb-meanpixel in ",
        "ok    bad/validation: 20 of 20 records, value range 0 to 1 (declared), 32 ref",
    ):
        assert lines(out, expected), expected


@pytest.mark.parametrize("scripts", [".local/bin", "usr/local/bin", "Scripts"])
def test_the_doctor_knows_where_pip_has_put_the_command(capsys, tmp_path, monkeypatch, scripts):
    """As `pip install --user` does it: Python, packages and scripts are in different places."""
    packages = tmp_path / ".local" / "lib" / "site-packages"
    command = tmp_path / scripts / "tensorboard"
    make_script(command)
    notes = packages / "tensorboard-2.99.0.dist-info"
    notes.mkdir(parents=True)
    (notes / "METADATA").write_text("Name: tensorboard\nVersion: 2.99.0\n")
    (notes / "RECORD").write_text(f"../../../{scripts}/tensorboard,,\n")
    monkeypatch.syspath_prepend(packages)
    monkeypatch.setenv("PATH", str(command.parent))
    code, out, _ = run(capsys, "doctor")

    assert (0, f"ok    `tensorboard` is {command}") == (code, lines(out, "ok    `tensor")[0])


def test_the_doctor_says_when_the_command_is_of_another_python(capsys, tmp_path, monkeypatch):
    make_script(tmp_path / "bin" / "tensorboard")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    code, out, _ = run(capsys, "doctor")

    assert 1 == code
    [line] = lines(out, "FAIL")
    assert f"FAIL  `tensorboard` is {tmp_path}/bin/tensorboard, of another Python" == line
    assert f"Type: {sys.executable} -m tensorboard.main" in out


def make_script(path, first="#!/bin/sh\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(first)
    path.chmod(0o755)


def test_the_doctor_says_when_there_is_no_command(capsys, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    code, out, _ = run(capsys, "doctor")

    assert 1 == code
    assert ["FAIL  no `tensorboard` on PATH"] == lines(out, "FAIL")
    assert f"Type: {sys.executable} -m tensorboard.main" in out


def test_the_doctor_says_what_to_type_where_nothing_was_recorded(capsys, tmp_path):
    code, out, _ = run(capsys, "doctor", tmp_path)

    assert 1 == code
    assert "no event files below a directory mean_pixel/" in out
    assert f'MeanPixelCallback("{tmp_path}/my-model", reference=x_val)' in out


def test_the_doctor_knows_that_a_directory_is_missing(capsys, tmp_path):
    code, out, _ = run(capsys, "doctor", tmp_path / "nowhere")

    assert 1 == code
    assert f"FAIL  '{tmp_path / 'nowhere'}' is no directory" in out


def test_the_doctor_finds_a_file_that_breaks_off(capsys, tmp_path):
    write(tmp_path / "vae", lambda epoch: REFERENCE, epochs=3)
    [path] = (tmp_path / "vae" / "mean_pixel").glob("*.tfevents.*")
    content = path.read_bytes()
    path.write_bytes(content[:-100])
    code, out, _ = run(capsys, "doctor", tmp_path)

    assert 1 == code
    assert f"{path} ends within a record: it is being written, or was cut off" in out
    assert "vae/validation: 2 of 2 records" in out


def test_the_doctor_reads_the_first_line_of_a_script(capsys, tmp_path, monkeypatch):
    """Debian's packages have no list of their files; another name of Python is as good."""
    command = tmp_path / "tensorboard"
    make_script(command, f"#!{sys.executable}3\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "of another Python" in run(capsys, "doctor")[1]

    command.write_text(f"#!{sys.executable}\n")
    code, out, _ = run(capsys, "doctor")
    assert (0, f"ok    `tensorboard` is {command}") == (code, lines(out, "ok    `tensor")[0])


@pytest.mark.parametrize("finding", IDS)
def test_every_finding_has_a_page_that_is_printed(finding, capsys):
    assert 0 == main(["explain", finding])

    printed = capsys.readouterr().out
    assert printed.startswith(f"# {finding}: ")
    for part in ("Why it happens", "How it is told", "What to look at first", "Known false alarms"):
        assert f"**{part}.** " in printed
