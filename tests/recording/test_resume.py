"""Runs that are resumed, begun again or broken off in their directory: each epoch is there once."""

import keras
import numpy as np
import pytest
from support.constant_model import BLACK, EARLY, GREY, IMAGES, LATE, FailAt, fit, fit_until
from support.records import outputs, scalars

from tb_meanpixel import MeanPixelCallback, MeanPixelWriter


def interrupted(log_dir):
    """The callback of a run that was broken off after five epochs."""
    callback = MeanPixelCallback(log_dir, IMAGES)
    fit_until(KeyboardInterrupt, [EARLY, callback, FailAt(4, KeyboardInterrupt)], 9)
    return callback


@pytest.fixture(scope="module")
def resumed(tmp_path_factory):
    """The log directory of the runs of the tests below."""
    logs = tmp_path_factory.mktemp("logs")

    fit([EARLY, MeanPixelCallback(logs / "resumed", IMAGES)], 3)
    fit([LATE, MeanPixelCallback(logs / "resumed", IMAGES)], 6, initial_epoch=3)

    same = MeanPixelCallback(logs / "same_callback", IMAGES)
    fit([EARLY, same], 3)
    fit([LATE, same], 6, initial_epoch=3)

    fit([EARLY, MeanPixelCallback(logs / "shorter", IMAGES)], 6)
    fit([LATE, MeanPixelCallback(logs / "shorter", IMAGES)], 3)

    left_over = interrupted(logs / "interrupted")  # as a notebook keeps it
    fit([LATE, MeanPixelCallback(logs / "interrupted", IMAGES)], 3)
    fit([LATE, interrupted(logs / "interrupted_same")], 3)

    not_closed = MeanPixelWriter(logs / "writers")
    for writer, steps, level in [
        (not_closed, range(5), 0.25),
        (MeanPixelWriter(logs / "writers"), range(3), 0.75),
    ]:
        for step in steps:
            writer.write(
                step, output=np.full((2, 2, 2), level), reference=BLACK, scalars={"loss": level}
            )

    for step in range(12):  # within a second or two
        with MeanPixelWriter(logs / "step_by_step") as writer:
            writer.write(
                step, output=np.full((2, 2, 2), 0.25), reference=BLACK, scalars={"loss": 0.25}
            )
    del left_over, not_closed
    return logs


@pytest.fixture(scope="module")
def board(resumed, loader, serve):
    return serve(resumed, loader)


@pytest.fixture(scope="module", params=range(3))
def restored(request, tmp_path_factory):
    """Place of the callback that crashes, and the log directory of the run that goes on."""
    logs = tmp_path_factory.mktemp("restored")
    for paint in (EARLY, LATE):
        callbacks = [
            MeanPixelCallback(logs / "run", IMAGES),
            keras.callbacks.BackupAndRestore(logs.parent / f"backup_{request.param}"),
        ]
        if paint is EARLY:
            callbacks.insert(request.param, FailAt(3))
            fit_until(InterruptedError, [paint, *callbacks], 6)
        else:
            fit([paint, *callbacks], 6)
    return request.param, logs


FIRST_THEN_SECOND = [(0, 0.25), (1, 0.25), (2, 0.25), (3, 0.75), (4, 0.75), (5, 0.75)]


@pytest.mark.parametrize(
    "run, expected",
    [
        ("resumed", FIRST_THEN_SECOND),
        ("same_callback", FIRST_THEN_SECOND),
        ("shorter", [(0, 0.75), (1, 0.75), (2, 0.75)]),
        ("interrupted", [(0, 0.75), (1, 0.75), (2, 0.75)]),
        ("interrupted_same", [(0, 0.75), (1, 0.75), (2, 0.75)]),
        ("writers", [(0, 0.75), (1, 0.75), (2, 0.75)]),
        ("step_by_step", [(step, 0.25) for step in range(12)]),
    ],
)
def test_each_epoch_is_there_once_and_of_the_last_run_that_trained_it(board, run, expected):
    by_tag = scalars(board, run)
    steps = [step for step, _ in expected]

    assert expected == outputs(board, run)
    assert dict(expected) == by_tag["validation/output_mean"]
    assert steps == list(by_tag["logs/loss"])


@pytest.mark.slow
def test_a_run_that_keras_restores_goes_on_where_it_was_saved(restored, loader, serve):
    place, logs = restored
    board = serve(logs, loader)
    # Crashed before epoch 3 was recorded; or recorded, but not saved: trained again; or saved.
    expected = {2: [*FIRST_THEN_SECOND[:3], (3, 0.25), *FIRST_THEN_SECOND[4:]]}
    expected = expected.get(place, FIRST_THEN_SECOND)

    assert expected == outputs(board, "run")
    assert dict(expected) == scalars(board, "run")["validation/output_mean"]
    assert list(range(6)) == list(scalars(board, "run")["logs/loss"])


def test_a_stream_that_is_added_later_leaves_the_others_alone(tmp_path, serve, loader):
    fit([EARLY, MeanPixelCallback(tmp_path / "run", IMAGES)], 3)
    with MeanPixelWriter(tmp_path / "run", stream="test") as writer:
        writer.write(0, output=GREY, reference=BLACK)
    board = serve(tmp_path, loader)

    assert [(0, 0.25), (1, 0.25), (2, 0.25)] == outputs(board, "run")
    assert [(0, 0.5)] == outputs(board, "run", "test")
    assert [0, 1, 2] == list(scalars(board, "run")["logs/loss"])
