"""Where records go: paths and remote file systems, runs that are resumed or begun again,
processes that share a directory, and callbacks that share a run.

Real fits and real event files, read back through TensorBoard's own loaders.
"""

import csv
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from support.records import Remote, event_files, outputs, scalars, written
from tensorboard.context import RequestContext

from tb_meanpixel import MeanPixel, MeanPixelCallback, MeanPixelWriter

IMAGES = np.random.default_rng(0).random((8, 4, 4, 1), np.float32)
GREY, BLACK = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))
DRIFT = "val_mean_pixel_drift"


class Constant(keras.layers.Layer):
    """Images of one value."""

    def build(self, shape):
        self.value = self.add_weight(shape=(), initializer="zeros")

    def call(self, images):
        return keras.ops.zeros_like(images) + self.value


class Paint(keras.callbacks.Callback):
    """Sets the images' value, by which a run is known again."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def on_epoch_begin(self, epoch, logs=None):
        self.model.layers[0].value.assign(self.value)


class FailAt(keras.callbacks.Callback):
    """The crash of a run, at the end of an epoch."""

    def __init__(self, epoch, error=InterruptedError):
        super().__init__()
        self.epoch, self.error = epoch, error

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            raise self.error


def constant():
    model = keras.Sequential([keras.Input((4, 4, 1)), Constant()])
    model.compile(keras.optimizers.SGD(0.0), "mse", run_eagerly=True)
    return model


def fit(callbacks, epochs, model=None, **arguments):
    """Fit, and return the History."""
    return (model or constant()).fit(
        IMAGES, IMAGES, epochs=epochs, callbacks=callbacks, verbose=0, **arguments
    )


def fit_until(error, callbacks, epochs, **arguments):
    with pytest.raises(error):
        fit(callbacks, epochs, **arguments)


# A first run, and the one that follows it.
EARLY, LATE = Paint(0.25), Paint(0.75)


# Paths.


@pytest.mark.parametrize("kind", [str, Path], ids=["str", "Path"])
@pytest.mark.parametrize("place", ["logs/vae", "logs/with space/ü"])
def test_the_log_dir_is_a_string_or_a_path(tmp_path, monkeypatch, serve, kind, place):
    monkeypatch.chdir(tmp_path)
    fit([EARLY, MeanPixelCallback(kind(place), IMAGES)], 2)

    assert 1 == len(event_files(tmp_path / place))
    board = serve(tmp_path / "logs", "python")
    assert [(0, 0.25), (1, 0.25)] == outputs(board, Path(place).relative_to("logs").as_posix())


def test_two_spellings_of_a_directory_are_one_directory(tmp_path, monkeypatch, serve):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "logs")
    spellings = ["logs/vae", Path("logs", "..", "logs", "vae"), tmp_path / "link" / "vae/"]
    names = ["first", "second", "third"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        callbacks = [
            MeanPixelCallback(log_dir, IMAGES, stream=name)
            for log_dir, name in zip(spellings, names, strict=True)
        ]
        fit([EARLY, *callbacks], 2)

    board = serve(tmp_path / "logs", "python")
    assert 1 == len(event_files(tmp_path / "logs" / "vae"))
    assert [[(0, 0.25), (1, 0.25)]] * 3 == [outputs(board, "vae", name) for name in names]


# Remote file systems, as TensorBoard has them.


@pytest.mark.parametrize(
    "place, address",
    [
        ("string", "ram://string/vae"),
        ("slash", "ram://slash/vae/"),
        ("path", Path("ram://path/vae")),  # which makes one slash of two
    ],
)
def test_the_callback_writes_where_tensorflow_can(tmp_path, monkeypatch, place, address):
    """TensorFlow has a file system in memory; buckets are addressed in the same way."""
    monkeypatch.chdir(tmp_path)
    fit([EARLY, MeanPixelCallback(address, IMAGES)], 3)
    fit([LATE, MeanPixelCallback(address, IMAGES)], 5, initial_epoch=3)

    board = Remote(f"ram://{place}")
    assert [0.25] * 3 + [0.75] * 2 == [mean for _, mean in outputs(board, "vae")]
    assert [0, 1, 2, 3, 4] == list(scalars(board, "vae")["logs/loss"])
    assert [] == list(tmp_path.iterdir())


def test_a_remote_file_system_that_nobody_knows_is_refused_with_its_name():
    callback = MeanPixelCallback("nowhere://bucket", IMAGES)

    with pytest.raises(OSError, match=r"^log_dir 'nowhere://bucket' cannot be written"):
        fit([EARLY, callback], 1)


WITHOUT_TENSORFLOW = """
import sys
sys.modules["tensorflow"] = None  # as if it were not installed
import numpy as np
from tb_meanpixel import MeanPixelWriter
"""


def python(code, *arguments):
    """Start a script in a process of its own."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def output_of(process):
    with process:
        try:
            output, errors = process.communicate(timeout=100)
        finally:
            process.kill()
    assert process.returncode == 0, errors
    return output


def test_without_tensorflow_the_writer_writes_to_any_file_system_of_fsspec():
    pytest.importorskip("fsspec")
    # The file system is the process's memory, so that is where it must be read again.
    code = """
sys.path.append(sys.argv[1])
from support.records import Remote, outputs, scalars

def write(steps, level):
    with MeanPixelWriter("memory://bucket/vae") as writer:
        for step in steps:
            output, reference = np.full((2, 2, 2), level), np.zeros((2, 2, 2))
            writer.write(step, output=output, reference=reference, scalars={"loss": step})

write(range(3), 0.25)
write(range(3, 5), 0.75)
board = Remote("memory://bucket")
print([outputs(board, "vae"), scalars(board, "vae")["logs/loss"]])
"""
    expected = [
        [(0, 0.25), (1, 0.25), (2, 0.25), (3, 0.75), (4, 0.75)],
        {step: float(step) for step in range(5)},
    ]
    process = python(WITHOUT_TENSORFLOW + code, Path(__file__).parents[1])
    assert f"{expected}\n" == output_of(process)


# Trainings that are taken up or begun again in their directory.


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

    for place in range(3):  # of the callback that crashes
        name = f"restored_{place}"
        for paint in (EARLY, LATE):
            callbacks = [
                MeanPixelCallback(logs / name, IMAGES),
                keras.callbacks.BackupAndRestore(logs.parent / f"backup_of_{name}"),
            ]
            if paint is EARLY:
                callbacks.insert(place, FailAt(3))
                fit_until(InterruptedError, [paint, *callbacks], 6)
            else:
                fit([paint, *callbacks], 6)

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


FIRST_THEN_SECOND = [(0, 0.25), (1, 0.25), (2, 0.25), (3, 0.75), (4, 0.75), (5, 0.75)]


@pytest.mark.parametrize(
    "run, expected",
    [
        ("resumed", FIRST_THEN_SECOND),
        ("same_callback", FIRST_THEN_SECOND),
        ("restored_0", FIRST_THEN_SECOND),  # crashed before epoch 3 was recorded
        ("restored_1", FIRST_THEN_SECOND),  # recorded, but not saved: run again
        ("restored_2", [*FIRST_THEN_SECOND[:3], (3, 0.25), *FIRST_THEN_SECOND[4:]]),
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


def test_a_stream_that_is_added_later_leaves_the_others_alone(tmp_path, serve, loader):
    fit([EARLY, MeanPixelCallback(tmp_path / "run", IMAGES)], 3)
    with MeanPixelWriter(tmp_path / "run", stream="test") as writer:
        writer.write(0, output=GREY, reference=BLACK)
    board = serve(tmp_path, loader)

    assert [(0, 0.25), (1, 0.25), (2, 0.25)] == outputs(board, "run")
    assert [(0, 0.5)] == outputs(board, "run", "test")
    assert [0, 1, 2] == list(scalars(board, "run")["logs/loss"])


# Processes that are told the same directory.


SECOND = """
import json, sys, warnings
sys.path.append(sys.argv[1])
from test_places import DRIFT, IMAGES, LATE, MeanPixelCallback, fit

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    callbacks = [MeanPixelCallback(sys.argv[2], IMAGES, stream=n) for n in ("validation", "second")]
    history = fit([LATE, *callbacks], 6).history
said = [str(warning.message) for warning in caught if warning.category is RuntimeWarning]
print(json.dumps({"history": history, "warnings": said}))
"""


@pytest.fixture(scope="module")
def contended(tmp_path_factory):
    """The log directory of two runs at once, and what the second one says."""
    logs = tmp_path_factory.mktemp("contended")
    said = []

    def second(epoch, logs_of_epoch):
        if epoch == 1:
            output = output_of(python(SECOND, Path(__file__).parents[1], logs / "vae"))
            said.append(json.loads(output.splitlines()[-1]))

    during = keras.callbacks.LambdaCallback(on_epoch_end=second)
    fit([EARLY, MeanPixelCallback(logs / "vae", IMAGES), during], 4)
    return logs, said[0]


def test_a_second_process_warns_once_and_trains_on(contended):
    logs, second = contended

    [warning] = second["warnings"]
    assert warning.startswith(f"Another process writes to {logs / 'vae' / 'mean_pixel'}, so this")
    assert 6 == len(second["history"]["loss"]) == len(second["history"][DRIFT])
    assert 6 == len(second["history"]["second_mean_pixel_drift"])


def test_a_second_process_leaves_the_firsts_data_alone(contended, loader, serve):
    logs, _ = contended
    board = serve(logs, loader)
    [found] = board.reader.runs()

    assert 1 == len(event_files(logs / "vae"))
    assert ["validation"] == [stream.info.name for stream in found.streams]
    assert [(epoch, 0.25) for epoch in range(4)] == outputs(board, "vae")
    assert list(range(4)) == list(scalars(board, "vae")["logs/loss"])


HOLD = """
with MeanPixelWriter(sys.argv[1]) as writer:
    writer.write(0, output=np.full((2, 2, 2), 0.25), reference=np.zeros((2, 2, 2)))
    print("writing", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize("end", ["close", "kill"])
def test_when_a_process_has_ended_another_may_write(tmp_path, serve, end):
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW + HOLD, tmp_path / "run"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert b"writing\n" == first.stdout.readline()
        with pytest.warns(RuntimeWarning, match="Another process writes to"):
            MeanPixelWriter(tmp_path / "run").close()
        if end == "kill":
            first.kill()
        else:
            first.communicate(b"\n", timeout=60)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with MeanPixelWriter(tmp_path / "run") as writer:
            writer.write(1, output=GREY, reference=BLACK)

    assert [(0, 0.25), (1, 0.5)] == outputs(serve(tmp_path, "python"), "run")


FORK = """
import multiprocessing, warnings

def write(step):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        with MeanPixelWriter(sys.argv[1]) as writer:
            writer.write(step, output=np.full((2, 2, 2), 0.25), reference=np.zeros((2, 2, 2)))
    print([str(warning.message)[:15] for warning in caught], flush=True)

def work():
    write(9)
    written.set()
    end.wait()

fork = multiprocessing.get_context("fork")
written, end = fork.Event(), fork.Event()
child = fork.Process(target=work)
with MeanPixelWriter(sys.argv[1]):
    write(0)
    child.start()
    written.wait()
write(1)
end.set()
child.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_worker_neither_writes_nor_keeps_the_directory(tmp_path, serve):
    """As data loaders fork theirs, in the midst of a run."""
    output = output_of(python(WITHOUT_TENSORFLOW + FORK, tmp_path / "run"))

    assert ["[]", "['Another process']", "[]"] == output.splitlines()
    assert [(0, 0.25), (1, 0.25)] == outputs(serve(tmp_path, "python"), "run")


# Callbacks that share a run.

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


# Keras's callbacks that watch the logs, placed after ours.


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
