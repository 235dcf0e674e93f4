"""The benchmarks that the documents name: run in small, and their numbers fit together."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
TRAIN_STEPS, TEST_STEPS = 80, 16  # of an epoch, as training.py says


def run(script, *arguments):
    """What a benchmark prints."""
    command = [sys.executable, BENCHMARKS / script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def tables(printed):
    """Every markdown table as `{first cell: the other cells}`, without its head."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", printed, re.MULTILINE):
        rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in block.splitlines()]
        found.append({first: cells for first, *cells in rows[2:]})
    return found


def with_error(text):
    """`1.0234 ±0.0051` as two numbers."""
    value, error = map(float, text.split(" ±"))
    assert value > 0 <= error
    return value, error


def test_the_ratios_of_training_are_those_of_its_times():
    printed = run("training.py", "--model", "small", "--steps", "4")
    epochs, accumulating = tables(printed)

    def milliseconds(variant):
        train, test, callbacks, _ = epochs[variant]
        return TRAIN_STEPS * float(train) + TEST_STEPS * float(test) + float(callbacks)

    for variant, cells in epochs.items():
        ratio, _ = with_error(cells[-1])
        assert ratio == pytest.approx(milliseconds(variant) / milliseconds("nothing"), rel=0.01)
        # What is around the steps was called, and only where there is something.
        alone = variant in ("nothing", "nothing again", "mean pixel in the loss")
        assert (float(cells[2]) == 0) == alone
    [against_naive] = re.findall(r"^MeanPixelCallback / naive: (.*)$", printed, re.MULTILINE)
    reference, naive = (
        float(epochs[variant][2])
        for variant in (
            "MeanPixelCallback, 256 reference images",
            "naive: predict all, then numpy",
        )
    )
    assert with_error(against_naive)[0] == pytest.approx(reference / naive, rel=0.01)
    assert "plain sum" in accumulating
    for _, taken, ratio in accumulating.values():
        assert float(taken) > 0
        with_error(ratio)


def test_the_ratios_of_serving_are_those_of_its_times():
    printed = run("serving.py", "--runs=3", "--epochs=10", "--turns=1")
    requests, reload, *others = tables(printed)

    assert "3 runs x 10 epochs" in printed
    yardstick, one = next(iter(requests.values()))
    assert float(one) == 1
    for taken, ratio in requests.values():
        assert float(ratio) == pytest.approx(float(taken) / float(yardstick), abs=0.002)
    everything, _ = reload["all, first time"]
    for taken, ratio in reload.values():
        assert float(ratio) == pytest.approx(float(taken) / float(everything), abs=0.002)
    for table in others:
        for [taken] in table.values():
            assert float(taken) > 0
    # 64 bins of outputs at least, in a byte each.
    sent, kept = re.findall(r"(\d+) bytes a run and epoch", printed)
    assert int(sent) > 64
    assert int(kept) > 64


@pytest.mark.browser
def test_the_ratios_of_the_page_are_those_of_its_seconds():
    arguments = ["--runs=2", "--epochs=12", "--turns=1"]
    if "CHROMIUM" in os.environ:
        arguments.append(f"--chromium={os.environ['CHROMIUM']}")
    [rows] = tables(run("page.py", *arguments))

    compared = [list(map(float, cells)) for cells in rows.values() if cells[-1]]
    assert len(compared) == 2  # ways to open a tab
    for ours, theirs, ratio in compared:
        assert ratio == pytest.approx(ours / theirs, abs=0.01 + 0.01 / theirs)
    for what, [number, *_] in rows.items():
        # The slowest of the moves in brackets; our code may be asked for before the first tick.
        assert all(float(part) > 0 for part in re.findall(r"[\d.]+", number)), what


def test_diagnosis_finds_what_was_provoked_once_a_seed():
    printed = run("diagnosis.py", "--scenario", "healthy", "collapse", "--seeds=1", "--healthy=0")
    [counts] = tables(printed)

    assert list(counts) == ["healthy", "collapse"]
    for cells in counts.values():
        assert [cell for cell in cells if cell not in ("", "0")] == ["**1**"]


def test_what_peers_say_of_a_run_is_told_beside_our_findings():
    [rows] = tables(run("peers.py", "--scenario", "healthy", "nan"))

    assert ["–"] * 5 == rows["healthy"]
    ours, *theirs = rows["nan"]
    assert ours == "non_finite"
    assert "–" not in theirs


def test_the_ratios_of_writing_are_those_of_its_times():
    printed = run("writing.py", "--turns=1")
    [rows] = tables(printed)

    assert "8x3x32x32 float32, NCHW" in printed
    yardstick, one, _ = next(iter(rows.values()))
    assert float(one) == 1
    for taken, ratio, peak in rows.values():
        assert float(ratio) == pytest.approx(float(taken) / float(yardstick), rel=0.02, abs=0.01)
        assert float(peak) >= 0
