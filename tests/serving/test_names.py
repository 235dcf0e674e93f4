"""Names of runs, scalars and streams are other people's input: each stays what it is."""

import csv
import io
import json

import numpy as np
import pytest
from support.boards import write_scalars

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.serving.answers.routes import ROUTES

GREY, BLACK = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))
RUNS = [
    "=1+1", "+1", "-x", "@SUM(A1)", "-0.5", "it's", 'say "hi"', "two\nlines", "tab\there", "a%2Fb",
    "..a", "a..", "...", "\u202egnp.exe", "\u0628\u0627", "x" * 250, "a&run=b", "a?b#c", "a;b,c",
    "<b>", "%00", "%", "{{1}}", "${x}", "\U0001f600",
]  # fmt: skip
SCALARS = ["=cmd|' /C calc'!A0", "@x", "-1", "+a", "x" * 300, "..", "../..", "a%2Fb"]


@pytest.fixture(scope="module")
def board(tmp_path_factory, loader, serve):
    logs = tmp_path_factory.mktemp("logs")
    for name in RUNS:
        with MeanPixelWriter(logs / name) as writer:
            scalars = dict.fromkeys(SCALARS, 0.5) if name == RUNS[0] else {"loss": 0.5}
            writer.write(0, output=GREY, reference=BLACK, scalars=scalars)
        write_scalars(logs / name / "train", {"=epoch_loss": [1.0], "\u202ex": [0.5]})
    return serve(logs, loader)


def test_all_runs_are_listed_under_their_names(board):
    assert sorted(RUNS) == [run["name"] for run in board.json("runs")["runs"]]


@pytest.mark.parametrize("name", RUNS)
def test_each_address_takes_each_name_and_answers_with_it(board, name):
    for route in ROUTES:
        response = board.get(route, run=name, stream="validation")
        assert response.status_code == 200, (route, response.text)
        assert response.headers.get("Content-Disposition", "").isascii()
    [found] = board.json("scalars", run=name)["runs"]
    assert name == found["name"]
    assert {f"{name}/mean_pixel", f"{name}/train"} == {
        curve["event_directory"] for curve in found["curves"]
    }
    rows = json.loads(board.get("export", run=name, format="json").data)["rows"]
    assert {name} == {row["run"] for row in rows}


def test_curves_of_any_name_can_be_requested(board):
    for name in SCALARS:
        [run] = board.json("scalars", run=RUNS[0], tag=f"logs/{name}")["runs"]
        assert [(f"logs/{name}", [0.5])] == [(one["tag"], one["values"]) for one in run["curves"]]


@pytest.mark.parametrize("what", ["scores", "curves", "histograms", "findings", "mean_images"])
def test_no_cell_of_a_table_is_a_formula(board, what):
    response = board.get("export", what=what, stream="validation")
    rows = list(csv.reader(io.StringIO(response.text, newline="")))
    cells = {cell for row in rows for cell in row}
    begins = ("=", "+", "-", "@", "\t", "\r")

    assert {cell for cell in cells if cell.startswith(begins)} <= {
        "-0.5",
        "+1",
        "-1",
        "+inf",
        "-inf",
    }
    if what == "curves":
        assert {"'=1+1", "'@SUM(A1)", "'-x", "-0.5", "+1"} <= {row[0] for row in rows}
        assert {"'=1+1/mean_pixel", "'=epoch_loss"} <= cells
        assert {"'=cmd|' /C calc'!A0", "'@x", "'+a"} <= cells


@pytest.mark.parametrize("name", ["a/../b", "..", "/", "a//b", "nothing", "\x00", "'", "x" * 5000])
def test_a_name_that_is_none_is_a_sentence(board, name):
    for route in ROUTES:
        if route not in ("opening", "runs"):
            response = board.get(route, run=name, stream="validation")
            assert response.status_code == 404
            assert response.text.startswith("No")
            assert len(response.text) < 400
