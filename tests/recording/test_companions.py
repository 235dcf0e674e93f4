"""Callbacks that share a run: of other streams, Keras's own, and those that use the scores."""

import csv

import keras
import numpy as np
import pytest
from support.constant_model import BLACK, DRIFT, EARLY, GREY, IMAGES, Constant, constant, fit
from support.records import event_files, outputs, scalars, written
from tensorboard.context import RequestContext

from tb_meanpixel import MeanPixel, MeanPixelCallback, MeanPixelWriter

EPOCHS = 3
COMPANIONS = ["none", "before", "after"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A run of two streams for each place of Keras's own TensorBoard callback."""
    logs = tmp_path_factory.mktemp("shared")
    for companion in COMPANIONS:
        directory = logs / companion
        callbacks = [
            EARLY,
            MeanPixelCallback(directory, IMAGES),
            MeanPixelCallback(
                directory,
                IMAGES,
                stream="samples",
                paired=False,
                predict_fn=lambda _, images: np.full((len(images) + 3, 4, 4, 1), 0.125),
            ),
        ]
        board = keras.callbacks.TensorBoard(directory, update_freq=1, write_graph=False)
        if companion == "before":
            callbacks.insert(0, board)
        elif companion == "after":
            callbacks.append(board)
        fit(callbacks, EPOCHS, batch_size=4, validation_data=(IMAGES[:4], IMAGES[:4]))
    return logs


@pytest.fixture(scope="module")
def shared_board(shared, loader, serve):
    return serve(shared, loader)


@pytest.mark.parametrize("companion", COMPANIONS)
def test_callbacks_of_one_fit_share_one_event_file(shared, companion):
    counts = written(shared / companion)

    assert 1 == len(event_files(shared / companion))
    assert {1} == set(counts.values())
    for tag in ("logs/loss", "logs/val_loss", "validation/drift", "samples/drift"):
        assert list(range(EPOCHS)) == sorted(step for name, step in counts if name == tag)


@pytest.mark.parametrize("companion", COMPANIONS)
def test_each_stream_of_a_fit_is_complete(shared_board, companion):
    [found] = [r for r in shared_board.reader.runs() if r.name == companion]
    by_tag = scalars(shared_board, companion)

    assert [("samples", False), ("validation", True)] == sorted(
        (stream.info.name, stream.info.paired) for stream in found.streams
    )
    for stream, level in [("validation", 0.25), ("samples", 0.125)]:
        assert [(epoch, level) for epoch in range(EPOCHS)] == outputs(
            shared_board, companion, stream
        )
        assert dict.fromkeys(range(EPOCHS), level) == by_tag[f"{stream}/output_mean"]
    assert "samples/correlation" not in by_tag
    assert set(range(EPOCHS)) == set(by_tag["logs/loss"]) == set(by_tag["logs/val_loss"])


@pytest.mark.parametrize("companion", COMPANIONS[1:])
def test_keras_own_callback_writes_all_that_is_its(shared_board, companion):
    runs = shared_board.provider.read_scalars(
        RequestContext(),
        experiment_id="",
        plugin_name="scalars",
        downsample=1000,
    )
    steps = {
        (run, tag): [datum.step for datum in series]
        for run, tags in runs.items()
        for tag, series in tags.items()
    }
    epochs = list(range(EPOCHS))

    assert epochs == steps[f"{companion}/train", "epoch_loss"]
    assert epochs == steps[f"{companion}/validation", "epoch_loss"]
    assert 2 * EPOCHS == len(steps[f"{companion}/train", "batch_loss"])
    added = (f"{companion}/validation", "epoch_mean_pixel_drift")
    assert (epochs if companion == "after" else None) == steps.get(added)


def test_writers_of_two_names_share_one_event_file(tmp_path, serve, loader):
    with (
        MeanPixelWriter(tmp_path / "run") as validation,
        MeanPixelWriter(tmp_path / "run", stream="samples", paired=False) as samples,
    ):
        for step in range(3):
            validation.write(step, output=GREY, reference=BLACK, scalars={"loss": step / 2})
            samples.write(step, output=GREY[:1], reference=BLACK, scalars={"loss": step / 2})
    board = serve(tmp_path, loader)

    assert 1 == len(event_files(tmp_path / "run"))
    assert {1} == set(written(tmp_path / "run").values())
    for name in ("validation", "samples"):
        assert [(0, 0.5), (1, 0.5), (2, 0.5)] == outputs(board, "run", name)
    assert {0: 0.0, 1: 0.5, 2: 1.0} == scalars(board, "run")["logs/loss"]


# Keras's callbacks that use the logs, placed after ours.


class Course(keras.callbacks.Callback):
    """Another brightness every epoch: nearest to that of the images in epoch 2."""

    levels = (0.875, 0.75, 0.5, 0.75, 0.875, 1.0)

    def on_epoch_begin(self, epoch, logs=None):
        self.model.layers[0].value.assign(self.levels[epoch])


@pytest.fixture(scope="module", params=["reference", "metric"])
def watched(request, tmp_path_factory, serve):
    """The History, the directory, and the drift that was recorded, by epoch."""
    directory = tmp_path_factory.mktemp(f"watched_{request.param}")
    model = keras.Sequential([keras.Input((4, 4, 1)), Constant()])
    model.compile(
        keras.optimizers.SGD(2.0**-20),  # moves the brightness by nothing to speak of
        "mse",
        metrics=[MeanPixel()] if request.param == "metric" else [],
        run_eagerly=True,
    )
    watching = {"monitor": DRIFT, "mode": "min"}
    callbacks = [
        Course(),
        MeanPixelCallback(directory / "run", IMAGES if request.param == "reference" else None),
        keras.callbacks.ModelCheckpoint(
            directory / "best.weights.h5", save_best_only=True, save_weights_only=True, **watching
        ),
        keras.callbacks.ReduceLROnPlateau(**watching, patience=1, factor=0.5, min_delta=0),
        keras.callbacks.EarlyStopping(**watching, patience=2, restore_best_weights=True),
        keras.callbacks.CSVLogger(directory / "logs.csv"),
    ]
    data = (IMAGES, IMAGES)
    history = fit(callbacks, len(Course.levels), model, validation_data=data, batch_size=8)
    drift = scalars(serve(directory, "python"), "run")["validation/drift"]
    return history, directory, drift


def test_history_holds_the_scores_that_are_recorded(watched):
    history, _, drift = watched

    assert drift == pytest.approx(dict(enumerate(history.history[DRIFT])), rel=1e-6)
    assert 2 == min(drift, key=drift.get)


def test_early_stopping_stops_by_the_drift_and_restores_the_best_epoch(watched):
    history, _, drift = watched

    assert [0, 1, 2, 3, 4] == list(drift)
    assert pytest.approx(0.5, abs=1e-3) == float(history.model.layers[0].value)


def test_model_checkpoint_keeps_the_epoch_of_least_drift(watched):
    _, directory, _ = watched
    model = constant()
    model.load_weights(directory / "best.weights.h5")

    assert pytest.approx(0.5, abs=1e-3) == float(model.layers[0].value)


def test_reduce_lr_on_plateau_follows_the_drift(watched):
    history, _, _ = watched

    rates = [rate * 2.0**20 for rate in history.history["learning_rate"]]
    assert [1.0, 1.0, 1.0, 1.0, 0.5] == rates
    assert 0.25 == float(history.model.optimizer.learning_rate) * 2.0**20


def test_csv_logger_writes_the_scores(watched):
    history, directory, drift = watched
    with (directory / "logs.csv").open() as file:
        rows = list(csv.DictReader(file))

    assert list(drift) == [int(row["epoch"]) for row in rows]
    for name in (DRIFT, "val_mean_pixel", "val_mean_pixel_bias", "val_loss"):
        assert history.history[name] == [float(row[name]) for row in rows]
