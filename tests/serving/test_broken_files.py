"""Files that nobody wrote in earnest: no answer fails, and no run beside them suffers."""

import contextlib
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.boards import Board, write_values
from support.broken_files import files
from support.broken_values import EMPTY, OUTPUT, value

from tb_meanpixel import MeanPixelWriter

GREY, BLACK = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))
NAME = "events.out.tfevents.1.host"

OF_ALL = [
    ("runs", {}),
    ("opening", {}),
    ("overview", {}),
    ("scalars", {"format": "binary"}),
    ("scalars", {}),
    ("histograms", {"stream": "validation"}),
    ("histograms", {"stream": "validation", "quantity": "pixels", "columns": 2}),
    ("baseline_scores", {"stream": "validation", "baseline": "first"}),
    ("findings", {}),
    ("export", {"what": "scores"}),
    ("export", {"what": "histograms", "stream": "validation"}),
    ("export", {"what": "mean_images", "stream": "validation", "format": "json"}),
]
OF_ONE = [
    ("opening", {}),
    ("baseline_scores", {"baseline": "reference"}),
    ("mean_images", {"step": [0, 1, 2]}),
    ("mean_image.png", {}),
    ("mean_image.png", {"side": "difference"}),
]

SMALL = np.full((1, 1, 1), 0.5)


def write_good(logs):
    with MeanPixelWriter(logs / "good") as writer:
        for step in range(3):
            writer.write(step, output=GREY * step / 2, reference=BLACK, scalars={"loss": 0.5})


def put(logs, contents):
    for number, content in enumerate(contents):
        directory = logs / f"bad{number}" / "mean_pixel"
        directory.mkdir(parents=True)
        (directory / NAME).write_bytes(content)


def of_good(board):
    """What the answers for all runs say of the good one."""
    [run] = [one for one in board.json("runs")["runs"] if one["name"] == "good"]
    scalars, findings = (
        next(one for one in board.json(route)["runs"] if one["name"] == "good")
        for route in ("scalars", "findings")
    )
    [histograms] = [
        one
        for one in board.histograms(stream="validation", quantity="pixels")["runs"]
        if one["name"] == "good"
    ]
    cells = [series["cells"].tolist() for series in histograms["series"]]
    scores = [(one["name"], one["steps"], one["values"]) for one in scalars["scores"]]
    return run["streams"][0]["steps"], scores, findings["findings"], cells


def check_all(board):
    for route, parameters in OF_ALL:
        response = board.get(route, **parameters)
        assert 200 == response.status_code, (route, parameters, response.text)


def check(board):
    check_all(board)
    for run in board.json("runs")["runs"]:
        for stream in run["streams"]:
            for route, parameters in OF_ONE:
                query = {"run": run["name"], "stream": stream["name"], **parameters}
                response = board.get(route, **query)
                expected = (200, 400, 404) if query["stream"] in ("", "logs") else (200, 404)
                assert response.status_code in expected, (query, response.text)
                assert "nosniff" == response.headers["X-Content-Type-Options"]


def check_files(serve, contents):
    with tempfile.TemporaryDirectory() as place:
        logs = Path(place)
        write_good(logs)
        put(logs, contents)
        for loader in ("fast", "python"):
            board = serve(logs, loader)
            good = of_good(board)
            assert GOOD.setdefault("alone", good) == good
            assert {"first": 0, "last": 2, "loaded": 3, "recorded": 3} == good[0]
            assert [3, 1] == list(map(len, good[3]))
            check(board)


GOOD = {}
many_files = st.lists(files(), min_size=40, max_size=40)
# Not made smaller: that takes minutes. An assertion names the run, and its file is in the example.
ONCE = {"suppress_health_check": list(HealthCheck), "database": None, "phases": [Phase.generate]}


@pytest.fixture
def serve_once():
    """A TensorBoard that ends when the next one starts."""
    with contextlib.ExitStack() as started:

        def start(logs, loader):
            started.close()
            return started.enter_context(contextlib.closing(Board(logs, loader, is_whole=False)))

        yield start


def test_a_value_that_is_nothing_spoils_no_listing(tmp_path, serve, loader):
    nothing = value(OUTPUT, EMPTY)
    nothing.ClearField("tensor")
    write_values(tmp_path / "bad" / "mean_pixel", nothing)
    write_good(tmp_path)

    names = [run["name"] for run in serve(tmp_path, loader).json("runs")["runs"]]

    assert ["good"] == [name for name in names if name != "bad"]  # the data server lists both


@settings(max_examples=4, **ONCE)
@given(many_files)
def test_a_hundred_and_sixty_files_spoil_no_answer(serve_once, contents):
    check_files(serve_once, contents)


@pytest.mark.slow
@settings(max_examples=50, **ONCE)
@given(many_files)
def test_two_thousand_files_spoil_no_answer(serve_once, contents):
    check_files(serve_once, contents)


def truncated(logs, every):
    """Runs of a small file of three steps that ends after so many bytes: the run's name says it."""
    with MeanPixelWriter(logs / "whole", bins=4) as writer:
        for step in range(3):
            writer.write(step, output=SMALL * step, reference=SMALL)
    [file] = (logs / "whole" / "mean_pixel").glob("*.tfevents.*")
    content = file.read_bytes()
    ends = range(0, len(content), every)
    for end in ends:
        directory = logs / f"{end:06d}" / "mean_pixel"
        directory.mkdir(parents=True)
        (directory / NAME).write_bytes(content[:end])
    return content, ends


def whole_records(content):
    """After how many bytes each record of a file ends."""
    ends, place = [], 0
    while place < len(content):
        place += 16 + int.from_bytes(content[place : place + 8], "little")
        ends.append(place)
    return ends


@pytest.mark.parametrize("every", [97, pytest.param(1, marks=pytest.mark.slow)])
def test_a_file_that_ends_anywhere_gives_its_whole_records(tmp_path, serve_once, loader, every):
    content, ends = truncated(tmp_path, every)
    _, *records = whole_records(content)
    board = serve_once(tmp_path, loader)
    check_all(board)
    loaded = {
        run["name"]: run["streams"][0]["steps"]["loaded"] for run in board.json("runs")["runs"]
    }
    expected = {f"{end:06d}": sum(record <= end for record in records) for end in ends}

    assert {"whole": 3, **{name: steps for name, steps in expected.items() if steps}} == loaded
