"""`report`: best steps, since when, thresholds, addresses; how it ends."""

import json
import os
import sys

import numpy as np
import pytest
from support.boards import Board
from support.command_runs import COLLAPSED, REFERENCE, collapses_at_12, good, program, write
from support.recordings import unpack

from tb_meanpixel.command_line.cli import main
from tb_meanpixel.command_line.sparkline import sparkline


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    write(logs / "good", good)
    write(logs / "ends", lambda epoch: COLLAPSED if 20 <= epoch < 30 else REFERENCE, epochs=40)
    write(logs / "early", lambda epoch: REFERENCE * 0.9, epochs=5)
    write(logs / "bad", collapses_at_12, loss=0.25)
    return logs


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    return code, *capsys.readouterr()


def findings(capsys, *arguments):
    """`{run: ids}` of those that have any."""
    content = json.loads(run(capsys, "report", *arguments, "--json")[1], parse_constant=pytest.fail)
    found = {one["name"]: [finding["id"] for finding in one["findings"]] for one in content["runs"]}
    return {name: ids for name, ids in found.items() if ids}


@pytest.mark.parametrize(
    "values, expected",
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"),
        ([2, 2, 2], "▁▁▁"),
        ([np.nan, 1, np.inf, 0], "·█·▁"),
        ([np.nan], "·"),
        ([], ""),
        ([-1.7e308, 0, 1.7e308], "▁▅█"),
        ([0] * 900 + [1] + [0] * 99, "▁▁▁▁▁▁▁▁▁▁▁▁▁▁█▁"),
    ],
)
def test_a_sparkline_keeps_the_peaks(values, expected):
    assert expected == sparkline(np.array(values, float))


def test_the_best_step_is_printed_alone(capsys, logdir):
    code, by_drift, err = run(capsys, "report", logdir / "bad", "--best", "drift")
    assert (0, "") == (code, err)
    assert 0 <= int(by_drift) < 12
    assert (0, "0\n", "") == run(capsys, "report", logdir, "--run", "bad", "--best", "loss")


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (("--best", "drift"), "--best needs one run; choose it by --run NAME: 'bad', 'early',"),
        (("--best", "loss", "--run", "good"), "good/validation has no loss that is a number"),
        (("--run", "x"), "There is no run 'x'; there are 'bad', 'early', 'ends', 'good'"),
        (("--stream", "x"), "There is no stream 'x'; there are 'validation'"),
        (("--thresholds", "/nowhere.toml"), "The thresholds cannot be used: "),
    ],
)
def test_what_there_is_not_is_a_2_and_no_traceback(capsys, logdir, arguments, expected):
    code, out, err = run(capsys, "report", logdir, *arguments)

    assert (2, "") == (code, out)
    assert err.startswith(expected)
    assert 1 == err.count("\n")


def test_findings_that_had_ended_can_be_left_out(capsys, logdir):
    assert ["collapse"] == findings(capsys, logdir)["ends"]
    assert "ends" in findings(capsys, logdir, "--since", 29)
    assert "ends" not in findings(capsys, logdir, "--since", 30)
    arguments = ("report", logdir, "--run", "ends", "--fail-on", "any")
    assert 1 == run(capsys, *arguments)[0]
    assert 0 == run(capsys, *arguments, "--since", 30)[0]


def test_what_is_too_early_to_tell_fails_only_where_that_is_strict(capsys, logdir):
    code, out, err = run(capsys, "report", logdir / "early", "--fail-on", "any")
    assert (0, "") == (code, err)
    assert "(too early to tell)" in out
    assert "./validation: Too early to tell: " in out
    assert " Look first at: " in out

    assert 1 == run(capsys, "report", logdir / "early", "--fail-on", "any", "--strict")[0]
    assert 1 == run(capsys, "report", logdir / "early", "--strict")[0]
    assert 0 == run(capsys, "report", logdir / "early", "--strict", "--fail-on", "frozen")[0]
    assert 0 == run(capsys, "report", logdir / "good", "--strict")[0]


def test_thresholds_come_from_a_file(capsys, tmp_path):
    unpack(tmp_path, "brightness")
    assert {"brightness": ["brightness_drift"]} == findings(capsys, tmp_path)
    other = tmp_path / "other.toml"
    other.write_text("bias = 0.5\ndrift = 0.5")

    assert {} == findings(capsys, tmp_path, "--thresholds", other)
    assert (
        f"\nThresholds: those of {other}.\n"
        in run(capsys, "report", tmp_path, "--thresholds", other)[1]
    )


@pytest.mark.parametrize("loader", ["fast", "python"])
def test_the_file_in_the_log_directory_counts_for_report_and_page(capsys, tmp_path, loader):
    unpack(tmp_path, "brightness")
    file = tmp_path / "mean_pixel.toml"
    board = Board(tmp_path, loader)
    before = board.json("findings")
    etag = board.get("findings").headers["ETag"]
    assert (None, []) == (before["thresholds_file"], before["notes"])
    assert ["findings/brightness_drift"] == [f["link"] for f in before["runs"][0]["findings"]]

    file.write_text("bias = 0.5\ndrift = 0.5")
    content = json.loads(run(capsys, "report", tmp_path, "--json")[1])
    assert str(file) == content["thresholds_file"]
    assert f"\nThresholds: those of {file}.\n" in run(capsys, "report", tmp_path)[1]
    after = board.json("findings")
    assert ("mean_pixel.toml", []) == (after["thresholds_file"], after["notes"])
    assert [] == after["runs"][0]["findings"] == content["runs"][0]["findings"]
    assert etag != board.get("findings").headers["ETag"]
    assert "mean_pixel.toml" == board.binary("opening")["shown"]["findings"]["thresholds_file"]

    file.write_text("biass = 0.5")
    code, out, err = run(capsys, "report", tmp_path)
    assert (2, "") == (code, out)
    assert "'biass'" in err
    wrong = board.json("findings")
    assert before["runs"] == wrong["runs"]
    assert wrong["notes"][0].startswith("mean_pixel.toml is not used: mean_pixel.toml ")
    assert str(tmp_path) not in wrong["notes"][0]


def test_each_finding_has_its_address(capsys, tmp_path):
    """tests/e2e opens one."""
    write(tmp_path / "a b&c" / "ü", collapses_at_12)
    _, out, _ = run(capsys, "report", tmp_path, "--url", "http://localhost:6006/#timeseries")

    address = (
        "http://localhost:6006/#mean_pixel&p.mean_pixel.run=a%20b%26c%2F%C3%BC"
        "&p.mean_pixel.stream=validation&p.mean_pixel.step=12"
    )
    assert f"    {address}" == out.splitlines()[-1]
    content = json.loads(run(capsys, "report", tmp_path, "--json", "--url", "https://x/tb/")[1])
    [finding] = content["runs"][0]["findings"]
    assert finding["url"] == address.replace("http://localhost:6006", "https://x/tb")


def test_the_console_script_and_the_module_are_called_by_their_names(logdir):
    done = program("report", logdir / "bad", "--fail-on", "collapse")
    assert 1 == done.returncode
    assert "./validation: Collapse since step 12. " in done.stdout
    assert program("--help").stdout.startswith("usage: tb-meanpixel [-h]")
    as_module = program("--help", command=(sys.executable, "-m", "tb_meanpixel"))
    assert as_module.stdout.startswith("usage: python -m tb_meanpixel [-h]")


def test_a_terminal_without_blocks_gets_none(logdir):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = program("report", logdir / "bad", env=environment)

    assert (0, "") == (done.returncode, done.stderr)
    assert "collapse" in done.stdout
    assert done.stdout.isascii()
