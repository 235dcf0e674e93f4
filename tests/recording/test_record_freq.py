"""`record_freq`: records every so many batches of training, on an axis of batches."""

import copy
import pickle
import re

import keras
import numpy as np
import pytest

import tb_meanpixel
from tb_meanpixel import MeanPixelCallback

IMAGES = np.random.default_rng(0).random((128, 4, 4, 1), np.float32)
DRIFT = "val_mean_pixel_drift"
# Records until outputs that are all alike are a collapse for certain.
CERTAIN = 8


class Constant(keras.layers.Layer):
    """Images of one value, which training moves towards the mean of the data."""

    def build(self, shape):
        self.value = self.add_weight(shape=(), initializer="zeros")

    def call(self, images):
        return keras.ops.zeros_like(images) + self.value


def model(rate=0.1, **compiling):
    made = keras.Sequential([keras.Input((4, 4, 1)), Constant()])
    made.compile(keras.optimizers.SGD(rate), "mse", **{"run_eagerly": True, **compiling})
    return made


def fit(made, callbacks, epochs=1, batches=4, **arguments):
    """Fit in so many batches an epoch, and return the History's lists."""
    images = IMAGES[: 8 * batches]
    arguments = {"batch_size": 8, "verbose": 0, **arguments}
    return made.fit(images, images, epochs=epochs, callbacks=callbacks, **arguments).history


def recording(directory, every=2, **arguments):
    return MeanPixelCallback(directory, IMAGES, record_freq=every, **arguments)


def steps(directory):
    """The steps of the records, by one of their scores."""
    return list(score(directory, "output_mean"))


def score(directory, name):
    [run] = tb_meanpixel.read(directory)
    [one] = [one for one in run.scores() if one.name == name and not one.channel]
    return dict(zip(one.steps.tolist(), one.values.tolist(), strict=True))


def curve(directory, tag):
    [run] = tb_meanpixel.read(directory)
    [one] = [one for one in run.curves() if one.tag == tag]
    return dict(zip(one.steps.tolist(), one.values.tolist(), strict=True))


class Keep(keras.callbacks.Callback):
    """The value that the model's images have after each batch, and the losses."""

    def __init__(self, stop_at=None):
        super().__init__()
        self.values, self.losses, self.stop_at = [], [], stop_at

    def on_train_batch_end(self, batch, logs=None):
        self.values.append(float(self.model.layers[0].value))
        self.losses.append(logs["loss"])
        if len(self.values) == self.stop_at:
            self.model.stop_training = True


def test_batches_are_counted_over_all_epochs_and_the_last_is_recorded(tmp_path):
    kept = Keep()
    history = fit(model(), [kept, recording(tmp_path, 3)], epochs=2, batches=5)

    expected = [3, 6, 9, 10]
    assert expected == steps(tmp_path)
    at = {step: kept.values[step - 1] for step in expected}
    assert pytest.approx(at, abs=1e-6) == score(tmp_path, "output_mean")
    # The losses of the batches, and of the epoch at its end.
    losses = {step: kept.losses[step - 1] for step in [3, 5, 6, 9, 10]}
    assert pytest.approx(losses) == curve(tmp_path, "logs/loss")
    # The scores of an epoch's last record are in its logs: of steps 3 and 10.
    drifts = score(tmp_path, "drift")
    assert pytest.approx([drifts[3], drifts[10]]) == history[DRIFT]


def test_the_unit_is_the_step(tmp_path):
    fit(model(), [recording(tmp_path)])

    [run] = tb_meanpixel.read(tmp_path)
    assert ["step"] == [history.unit for history in run.histories]


def test_an_epoch_without_a_record_gets_no_scores(tmp_path):
    history = fit(model(), [recording(tmp_path, 5)], epochs=3)

    assert [5, 10, 12] == steps(tmp_path)
    assert 2 == len(history[DRIFT])


def test_a_second_fit_goes_on(tmp_path):
    made, callback = model(), recording(tmp_path)
    fit(made, [callback])
    fit(made, [callback])
    fit(made, [recording(tmp_path)])  # a new one begins where the optimizer is

    assert [2, 4, 6, 8, 10, 12] == steps(tmp_path)


def test_a_new_model_in_the_same_directory_is_told_what_to_do(tmp_path):
    fit(model(), [recording(tmp_path)])

    with pytest.warns(RuntimeWarning, match="Step 2 .* To go on, load the whole model, with its"):
        fit(model(), [recording(tmp_path)])


def test_batches_that_accumulate_gradients_are_all_counted(tmp_path):
    made = model()
    made.compile(keras.optimizers.SGD(0.1, gradient_accumulation_steps=2), "mse", run_eagerly=True)
    fit(made, [recording(tmp_path)])
    fit(made, [recording(tmp_path)])

    assert [2, 4, 6, 8] == steps(tmp_path)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="Keras makes one batch a call")
def test_several_batches_in_one_call_are_counted(tmp_path):
    made = model(run_eagerly=False, steps_per_execution=3)
    fit(made, [recording(tmp_path, 4)], batches=8)

    assert [6, 8] == steps(tmp_path)  # Keras says when three have ended: the fourth is in between


@pytest.mark.parametrize("where", ["before", "after"])
def test_the_last_batch_is_recorded_when_another_callback_stops(tmp_path, where):
    callback, stop = recording(tmp_path, 100), Keep(stop_at=3)
    fit(model(), [stop, callback] if where == "before" else [callback, stop])

    assert [3] == steps(tmp_path)


def test_early_stopping_can_watch_the_drift(tmp_path):
    stop = keras.callbacks.EarlyStopping(DRIFT, mode="min", patience=1)
    history = fit(model(rate=0.0), [recording(tmp_path), stop], epochs=9)

    assert 2 == len(history[DRIFT])  # the drift never changes
    assert [2, 4, 6, 8] == steps(tmp_path)


@pytest.mark.parametrize("verbose", [0, 1])
def test_stop_on_ends_the_training_within_the_epoch(tmp_path, caplog, capsys, verbose):
    got = []
    callback = recording(tmp_path, 1, stop_on=["collapse"], on_finding=got.append)
    fit(model(), [callback], batches=16, verbose=verbose)

    assert list(range(1, CERTAIN + 1)) == steps(tmp_path)
    assert ["collapse"] == [one.id for one in got if one.id == "collapse"]
    [line] = [line for line in caplog.messages if ": Collapse since step" in line]
    assert line.startswith(str(tmp_path))


def test_a_failure_to_record_warns_once_and_training_goes_on(tmp_path):
    calls = []

    def predict(made, x):
        calls.append(len(x))
        if len(calls) > made.good:
            raise ZeroDivisionError("no images")
        return made(x)

    callback, made = recording(tmp_path, 2, predict_fn=predict), model()
    made.good = 3  # the trial, and the two batches of the first record
    with pytest.warns(RuntimeWarning, match="could not record step 4: .*no images") as said:
        history = fit(made, [callback], epochs=2)

    assert 2 == len(history["loss"])
    assert 1 == sum("could not record" in str(one.message) for one in said)
    assert [2] == steps(tmp_path)


def test_epochs_have_no_hook_for_batches(tmp_path):
    def is_waited_for(callback):
        return not keras.src.utils.is_default(callback.on_train_batch_end)

    assert not is_waited_for(MeanPixelCallback(tmp_path, IMAGES))
    assert not is_waited_for(MeanPixelCallback(tmp_path, IMAGES, record_freq="epoch"))
    assert is_waited_for(recording(tmp_path))


def test_a_copy_counts_for_itself(tmp_path):
    callback = recording(tmp_path / "one")
    fit(model(), [callback])
    for again in (copy.copy(callback), pickle.loads(pickle.dumps(callback))):
        again._log_dir = str(tmp_path / f"of-{id(again)}")
        fit(model(), [again], batches=2)
        assert [2] == steps(again._log_dir)
    fit(callback.model, [callback])

    assert [2, 4, 6, 8] == steps(tmp_path / "one")


def test_epochs_and_batches_do_not_share_a_directory(tmp_path):
    other = MeanPixelCallback(tmp_path, IMAGES, stream="other")

    with pytest.raises(ValueError, match="one of them epochs, the other one batches. Give both"):
        fit(model(), [other, recording(tmp_path)])


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"record_freq": "batch"}, 'record_freq must be "epoch", or a whole number of batches'),
        ({"record_freq": 2.5}, 'record_freq must be "epoch", or a whole number of batches'),
        ({"record_freq": True}, 'record_freq must be "epoch", or a whole number of batches'),
        ({"record_freq": None}, 'record_freq must be "epoch", or a whole number of batches'),
        ({"record_freq": 0}, "record_freq must be a whole number, 1 or more; got 0"),
        (
            {"record_freq": 100, "epoch_freq": 5},
            "epoch_freq=5 counts epochs, and record_freq=100 batches: only one of them can",
        ),
        (
            {"record_freq": 100, "reference": None},
            "record_freq=100 needs a reference: MeanPixel metrics are complete only when an epoch",
        ),
    ],
)
def test_impossible_arguments_are_refused_with_a_sentence(tmp_path, arguments, sentence):
    with pytest.raises((TypeError, ValueError), match="^" + re.escape(sentence)):
        MeanPixelCallback(**{"log_dir": tmp_path, "reference": IMAGES, **arguments})
