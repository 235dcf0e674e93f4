"""A run again in the same directory: of the one before, no point is left."""

import time

import numpy as np
import pytest
from support.boards import write_simple_values

from tb_meanpixel import MeanPixelWriter, read
from tb_meanpixel.findings.curves import ScalarKey
from tb_meanpixel.serving.reading.leftovers import leftovers
from tb_meanpixel.serving.reading.raw_series import RawSeries

IMAGES = np.random.default_rng(0).random((16, 4, 4, 1), np.float32)
EPOCHS = 40


def darkening(folder, losses_at, epochs=range(EPOCHS)):
    """A run whose images darken from the fifth epoch on; `losses_at(epoch)` are its scalars."""
    with MeanPixelWriter(folder, value_range=(0, 1)) as writer:
        for epoch in epochs:
            output = IMAGES - 0.005 * max(0, epoch - 5)
            writer.write(epoch, output=output, reference=IMAGES, scalars=losses_at(epoch))


def falling(epoch):
    return {"loss": 1 / (1 + epoch), "val_loss": 2 / (1 + epoch)}


def rising(epoch):
    return {"loss": 0.5 + 0.05 * epoch}


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    darkening(logs / "again", falling)
    darkening(logs / "again", rising)
    darkening(logs / "shorter", falling)
    darkening(logs / "shorter", rising, range(3))
    darkening(logs / "resumed", falling, range(10))
    darkening(logs / "resumed", rising, range(5, 10))
    darkening(logs / "every_second", falling)
    darkening(logs / "every_second", lambda e: {"loss": 1.0} | ({"val_loss": 7.0} if e % 2 else {}))
    darkening(logs / "silent", falling)
    darkening(logs / "silent", lambda epoch: {})
    return logs


@pytest.fixture(scope="module")
def board(logdir, loader, serve):
    return serve(logdir, loader)


def losses(board, run, route="scalars"):
    """`{tag: {step: value}}` of the curves in an answer."""
    answer = (board.binary if route == "overview" else board.json)(route, run=run)
    [found] = [one for one in answer["runs"] if one["name"] == run]
    return {
        curve["tag"]: dict(zip(curve["steps"], curve["values"], strict=True))
        for curve in found["curves"]
    }


def test_findings_and_report_have_the_loss_of_the_latest_run(logdir):
    run = read(logdir)["again"]
    [history] = run.histories
    sentences = [finding.sentence for finding in run.findings()]

    assert pytest.approx(rising(EPOCHS - 1)["loss"]) == history.loss[-1]
    assert any("rose" in sentence for sentence in sentences)
    assert not any("fell" in sentence for sentence in sentences)


@pytest.mark.parametrize("route", ["scalars", "overview"])
def test_a_curve_that_only_the_former_run_had_is_gone(board, route):
    shown = losses(board, "again", route)

    assert {"logs/loss"} == set(shown)
    assert pytest.approx({e: rising(e)["loss"] for e in range(EPOCHS)}) == shown["logs/loss"]


def test_nothing_lies_past_the_last_record_of_a_shorter_run(board):
    [run] = [one for one in board.json("runs")["runs"] if one["name"] == "shorter"]

    assert [("logs/loss", 2)] == [(curve["tag"], curve["last_step"]) for curve in run["curves"]]
    assert {0, 1, 2} == set(losses(board, "shorter")["logs/loss"])


def test_a_resumed_run_keeps_what_came_before_it(board):
    assert set(range(10)) == set(losses(board, "resumed")["logs/loss"])
    assert set(range(5)) == set(losses(board, "resumed")["logs/val_loss"])


def test_a_run_without_any_scalars_has_none_of_the_former(board):
    assert {} == losses(board, "silent")


def test_of_a_loss_at_every_second_step_all_is_new_after_the_first_record(board):
    """The former run's point at step 0 is as old as one written before the first record."""
    shown = losses(board, "every_second")["logs/val_loss"]

    assert dict.fromkeys(range(1, EPOCHS, 2), 7.0) == {s: v for s, v in shown.items() if s > 0}


# By wall times alone.


def series(steps, wall_times, values=None):
    steps = np.array(list(steps), np.int64)
    return RawSeries(steps, np.array(list(wall_times), float), np.array(values or steps * 0.0))


OWN = ScalarKey("mean_pixel", "vae/mean_pixel", "logs/val_loss")
OTHER = ScalarKey("scalars", "vae", "Loss/val")
BESIDE = ScalarKey("scalars", "vae", "Loss/train")
RECORDS = series(range(5), range(100, 105), [1, 2, 3, 4, 5])


def steps_left(curves, *counts):
    found = leftovers(curves, counts or [RECORDS])
    return {key: curves[key].steps[mask].tolist() for key, mask in found.items()}


@pytest.mark.parametrize("before", [0.4, -0.4], ids=["before its record", "after it"])
def test_points_of_the_run_itself_stay(before):
    assert {} == steps_left({OWN: series(range(5), np.arange(100, 105) - before)})


def test_points_of_a_former_run_go_to_the_first_one():
    assert {OWN: list(range(9))} == steps_left({OWN: series(range(9), range(9))})


def test_a_curve_by_iteration_stays():
    iterations = series(range(0, 100, 4), np.linspace(99, 104, 25))

    assert {} == steps_left({OTHER: iterations, BESIDE: series(range(5), range(100, 105))})


def test_another_writer_that_went_on_has_left_its_old_curve():
    old, new = series(range(9), range(9)), series(range(5), range(100, 105))

    assert {OTHER: list(range(9))} == steps_left({OTHER: old, BESIDE: new})


def test_losses_stay_if_the_images_were_recorded_from_checkpoints_later():
    old = series(range(9), range(9))

    assert {} == steps_left({OTHER: old, BESIDE: old, OWN: series(range(5), range(100, 105))})


def test_a_point_that_is_not_too_old_for_one_of_the_streams_stays():
    of_training = series(range(9), range(9), list(range(1, 10)))
    losses = series(range(9), np.arange(9) + 0.1)

    assert {} == steps_left({OWN: losses}, RECORDS, of_training)


def test_a_live_run_keeps_the_losses_of_its_first_epoch():
    live = series([0], [time.time()], [1])
    losses = series(range(25), live.wall_times[0] - np.arange(25, 0, -1))

    assert {} == steps_left({OTHER: losses, BESIDE: series([0], live.wall_times + 1)}, live)


def test_losses_of_another_writer_stay_beside_images_without_scalars(tmp_path, serve, loader):
    darkening(tmp_path / "torch", lambda epoch: {}, range(5))
    write_simple_values(tmp_path / "torch", {"Loss/train": [1.0] * 5, "Loss/val": [2.0] * 5})

    assert {"Loss/train", "Loss/val"} == set(losses(serve(tmp_path, loader), "torch"))
