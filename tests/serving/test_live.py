"""While runs write: answers agree with each other, and none is older than what is on disk."""

import shutil
import time

import numpy as np
import pytest
from support.boards import write_scalars

from tb_meanpixel import MeanPixelWriter

BLACK = np.zeros((2, 2, 2))
VALIDATION = {"run": "run", "stream": "validation"}


def grey(brightness):
    return np.full((2, 2, 2), brightness)


@pytest.fixture
def watch(serve, loader):
    """A TensorBoard that follows the files: `board = watch(logdir)`."""

    def start(logdir):
        if loader == "python":
            return serve(logdir, loader)
        board = serve(logdir, loader, "--reload_interval=1")
        board.reload = lambda: time.sleep(0.05)  # the data server does so by itself
        return board

    return start


def polled(board, seconds=20):
    """Consistent looks at a board: `(run, steps of its histograms, of its scores)`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        board.reload()
        before = board.json("runs")["runs"]
        steps = histogram_steps(board) if before else []
        scores = score_steps(board) if before else []
        if before == board.json("runs")["runs"]:  # nothing arrived in between
            yield (before[0] if before else None), steps, scores
    raise TimeoutError


def counts(stream):
    return {name: stream["steps"][name] for name in ("loaded", "recorded")}


def histogram_steps(board, **query):
    [run] = board.histograms(**VALIDATION, side="output", **query)["runs"]
    return run["series"][0]["steps"]


def score_steps(board):
    [run] = board.json("scalars", run="run", curves="none")["runs"]
    assert run["scores"]
    [steps] = {tuple(score["steps"]) for score in run["scores"]}
    return list(steps)


def test_each_epoch_is_there_at_once_in_every_answer_or_in_none(tmp_path, watch):
    with MeanPixelWriter(tmp_path / "run") as writer:
        writer.write(0, grey(0.0), BLACK)
        board = watch(tmp_path)
        for epoch in range(1, 6):
            writer.write(epoch, grey(epoch / 10), BLACK, {"loss": 1.0})
            for run, steps, scores in polled(board):
                [stream] = run["streams"]
                assert steps == scores == list(range(stream["steps"]["last"] + 1))
                assert {"loaded": len(steps), "recorded": len(steps)} == counts(stream)
                if stream["steps"]["last"] == epoch:
                    break


def test_an_answer_is_confirmed_just_as_long_as_nothing_has_changed(tmp_path, watch):
    with MeanPixelWriter(tmp_path / "run") as writer:
        writer.write(0, grey(0.0), BLACK)
        board = watch(tmp_path)
        etags = {}
        for epoch in range(1, 5):
            writer.write(epoch, grey(epoch / 10), BLACK, {"loss": 1.0})
            for run, steps, _ in polled(board):
                revision = run["revision"]
                known = {"If-None-Match": ", ".join(etags.values())}
                response = board.client.get(
                    board.url("histograms"), query_string=VALIDATION, headers=known
                )
                if revision == board.json("runs")["runs"][0]["revision"]:
                    assert (304 if revision in etags else 200) == response.status_code
                    etags[revision] = response.headers["ETag"]
                if steps[-1] == epoch:
                    break
        assert len(etags) == len(set(etags.values()))


def test_what_is_kept_is_what_a_new_tensorboard_reads(tmp_path, watch, serve, loader):
    queries = [
        ("histograms", {"stream": "validation"}),
        ("scalars", {}),
        ("baseline_scores", {"stream": "validation"}),
        ("export", {"what": "mean_images", "stream": "validation"}),
    ]
    write_epochs(tmp_path / "run", 0.0, 1)
    board = watch(tmp_path)
    for brightness, epochs in [(0.25, 4), (0.75, 2), (0.5, 7)]:  # it begins again, and again
        write_epochs(tmp_path / "run", brightness, epochs)
        for _ in polled(board):
            bias = board.json("scalars", score="bias")["runs"][0]["scores"][0]
            if [brightness] * epochs == bias["values"]:
                break
        fresh = serve(tmp_path, loader)
        for route, query in queries:
            assert fresh.get(route, **query).data == board.get(route, **query).data


def write_epochs(directory, brightness, epochs):
    with MeanPixelWriter(directory) as writer:
        for epoch in range(epochs):
            writer.write(epoch, grey(brightness), BLACK)


def test_only_new_epochs_are_sent_to_who_has_the_others(tmp_path, watch):
    with MeanPixelWriter(tmp_path / "run") as writer:
        for epoch in range(3):
            writer.write(epoch, grey(0.25), BLACK)
    board = watch(tmp_path)
    [first] = board.histograms(**VALIDATION)["runs"]
    known = {"after": 2, "digest": first["digest"]}
    with MeanPixelWriter(tmp_path / "run") as writer:
        writer.write(3, grey(0.25), BLACK)
    for _, steps, _ in polled(board):
        if steps == [0, 1, 2, 3]:
            break
    [later] = board.histograms(**VALIDATION, **known)["runs"]
    [everything] = board.histograms(**VALIDATION)["runs"]

    assert (2, [3]) == (later["after"], later["series"][0]["steps"])
    assert later["digest"] == everything["digest"]
    np.testing.assert_array_equal(later["series"][0]["cells"], everything["series"][0]["cells"][3:])

    with MeanPixelWriter(tmp_path / "run") as writer:  # it begins again: what is known is void
        for epoch in range(4):
            writer.write(epoch, grey(0.75), BLACK)
    for _ in polled(board):
        [again] = board.histograms(**VALIDATION, **known)["runs"]
        if again["series"][0]["steps"] == [0, 1, 2, 3]:
            break
    assert again["after"] is None


def test_runs_appear_and_vanish(tmp_path, watch):
    for name in ("run", "short-lived"):
        with MeanPixelWriter(tmp_path / name) as writer:
            writer.write(0, grey(0.25), BLACK)
    board = watch(tmp_path)
    assert ["run", "short-lived"] == names(board)

    shutil.rmtree(tmp_path / "short-lived")
    with MeanPixelWriter(tmp_path / "late") as writer:
        writer.write(0, grey(0.25), BLACK)
    if hasattr(board.context.multiplexer, "AddRunsFromDirectory"):  # what its thread does
        board.context.multiplexer.AddRunsFromDirectory(str(tmp_path))
    for _ in polled(board):
        if names(board) == ["late", "run"]:
            break

    assert 404 == board.get("findings", run="short-lived").status_code


def names(board):
    return [run["name"] for run in board.json("runs")["runs"]]


def test_thinned_epochs_are_counted_and_joined_by_step(tmp_path, serve, loader):
    with MeanPixelWriter(tmp_path / "run") as writer:
        for epoch in range(40):
            writer.write(epoch, grey(epoch / 40), BLACK)
    write_scalars(tmp_path / "run" / "train", {"epoch_loss": [1 - e / 40 for e in range(40)]})
    board = serve(tmp_path, loader, "--samples_per_plugin=mean_pixel=7,scalars=11")
    [run] = board.json("runs")["runs"]
    [scalars] = board.json("scalars", score="output_mean")["runs"]
    [score], [loss] = scalars["scores"], scalars["curves"]

    assert {"loaded": 7, "recorded": 40} == counts(run["streams"][0])
    assert histogram_steps(board) == score["steps"]
    assert (7, 11) == (len(score["steps"]), len(loss["steps"]))
    # Brightness rises as the loss falls: what has the same step adds up to 1.
    losses = dict(zip(loss["steps"], loss["values"], strict=True))
    shared = [
        value + losses[step]
        for step, value in zip(score["steps"], score["values"], strict=True)
        if step in losses
    ]
    assert shared == pytest.approx([1.0] * len(shared))
    assert 39 in score["steps"]


def test_a_resumed_run_counts_the_epochs_of_all_its_sessions(tmp_path, serve, loader):
    for first, end in [(0, 5), (3, 8)]:
        with MeanPixelWriter(tmp_path / "run") as writer:
            for epoch in range(first, end):
                writer.write(epoch, grey(0.5), BLACK)
    [run] = serve(tmp_path, loader).json("runs")["runs"]

    assert {"loaded": 8, "recorded": 8} == counts(run["streams"][0])
    assert "epochs_recorded" not in run["streams"][0]["scores"]
