"""Streams and log names of one `fit`: nobody replaces what somebody else has written."""

import keras
import numpy as np
import pytest
from support.boards import write_simple_values

from tb_meanpixel import MeanPixel, MeanPixelCallback, MeanPixelWriter, read

DARK, BRIGHT = np.full((8, 4, 4, 1), 0.25, np.float32), np.full((8, 4, 4, 1), 0.75, np.float32)


def identity(**arguments):
    """A model that gives its inputs back."""
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Identity()])
    model.compile("sgd", "mse", run_eagerly=True, **arguments)
    return model


def two_outputs(functional=True, **arguments):
    """A model with the outputs "img" (its input) and "mask" (half of it)."""
    inputs = keras.Input((4, 4, 1))
    outputs = {
        "img": keras.layers.Identity(name="img")(inputs),
        "mask": keras.layers.Rescaling(0.5, name="mask")(inputs),
    }
    model = keras.Model(inputs, outputs if functional else list(outputs.values()))
    model.compile("sgd", dict.fromkeys(outputs, "mse") if functional else "mse", **arguments)
    return model


def fit(model, *callbacks, targets=DARK, validation=True):
    epochs = []
    counter = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: epochs.append(1))
    try:
        return model.fit(
            DARK,
            targets,
            validation_data=(DARK, targets) if validation else None,
            verbose=0,
            callbacks=[counter, *callbacks],
        ).history
    except ValueError:
        assert not epochs  # it is said before the first epoch
        raise


def loss_mean_pixel(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_pred - y_true))


def mean_pixel(y_true, y_pred):
    return keras.ops.mean(y_pred)


@pytest.mark.parametrize(
    "metrics",
    [
        {"metrics": [MeanPixel]},
        {"weighted_metrics": [MeanPixel]},
        {"metrics": [lambda: mean_pixel]},
        {"metrics": [lambda: MeanPixel(name="mean_pixel_drift")]},
    ],
)
def test_a_metric_of_the_callbacks_name_is_refused_with_the_names_to_type(tmp_path, metrics):
    model = identity(**{key: [make() for make in makers] for key, makers in metrics.items()})

    with pytest.raises(ValueError, match=r'stream="reference".*MeanPixel\(name="measured"\)'):
        fit(model, MeanPixelCallback(tmp_path, BRIGHT))


@pytest.mark.parametrize("typed", ["stream", "name"])
def test_the_names_to_type_work(tmp_path, typed):
    metric = MeanPixel(name="measured") if typed == "name" else MeanPixel()
    arguments = {"stream": "reference"} if typed == "stream" else {}
    history = fit(identity(metrics=[metric]), MeanPixelCallback(tmp_path, BRIGHT, **arguments))

    names = {"stream": ("val_mean_pixel", "reference_mean_pixel")}
    of_metric, of_callback = names.get(typed, ("val_measured", "val_mean_pixel"))
    assert ([0.25], [0.75]) == (history[of_metric], history[of_callback])


@pytest.mark.parametrize("other", ["same directory", "other directory", "val"])
def test_two_callbacks_of_one_stream_are_refused_with_the_name_to_type(tmp_path, other):
    stream = "val" if other == "val" else "validation"
    callbacks = [
        MeanPixelCallback(tmp_path, DARK),
        MeanPixelCallback(tmp_path / other, BRIGHT, stream=stream),
    ]
    with pytest.raises(ValueError, match=r"^Two MeanPixelCallbacks.*'val_mean_pixel'.*stream=\"v"):
        fit(identity(), *callbacks)

    fit(identity(), callbacks[0])  # in a fit of its own each is welcome
    fit(identity(), callbacks[1])


def test_a_callback_of_the_stream_of_a_metric_is_refused(tmp_path):
    callbacks = [MeanPixelCallback(tmp_path, BRIGHT), MeanPixelCallback(tmp_path)]

    with pytest.raises(ValueError, match=r'MeanPixelCallback\(\.\.\., reference=\.\.\., stream="v'):
        fit(identity(metrics=[MeanPixel()]), *callbacks)


def test_two_callbacks_of_one_metric_are_refused(tmp_path):
    callbacks = [MeanPixelCallback(tmp_path), MeanPixelCallback(tmp_path / "other")]

    with pytest.raises(ValueError, match="Keep one of them$"):
        fit(identity(metrics=[MeanPixel()]), *callbacks)


def test_two_metrics_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r'MeanPixel\(name="mean_pixel_2"\)'):
        fit(identity(metrics=[MeanPixel(), MeanPixel()]), MeanPixelCallback(tmp_path))


def test_a_number_that_train_step_calls_so_is_kept_and_said(tmp_path):
    class Own(keras.Model):
        def call(self, images):
            return images

        def train_step(self, data):
            return {"val_mean_pixel": 0.125}

    model = Own()
    model.compile("sgd", "mse", run_eagerly=True)
    with pytest.warns(RuntimeWarning, match="the logs hold 'val_mean_pixel' already"):
        history = fit(model, MeanPixelCallback(tmp_path, BRIGHT), validation=False)

    assert ([0.125], [0.0]) == (history["val_mean_pixel"], history["val_mean_pixel_drift"])


@pytest.mark.parametrize("functional", [True, False], ids=["dict", "list"])
def test_the_metrics_of_two_outputs_are_streams_as_keras_names_them(tmp_path, functional):
    metrics = {"img": [MeanPixel()], "mask": [MeanPixel()]}
    model = two_outputs(functional, metrics=metrics if functional else list(metrics.values()))
    targets = {"img": DARK, "mask": DARK} if functional else [DARK, DARK]
    history = fit(model, MeanPixelCallback(tmp_path), targets=targets)

    [run] = read(tmp_path)
    means = {s.stream: list(s.values) for s in run.scores() if s.name == "output_mean"}
    assert means == {
        f"{side}_{name}": [value]
        for side in ("train", "validation")
        for name, value in {"img": 0.25, "mask": 0.125}.items()
    }
    assert [0.125] == history["val_mask_mean_pixel"]
    assert [-0.125] == history["val_mask_mean_pixel_bias"] == history["mask_mean_pixel_bias"]
    assert not [curve.name for curve in run.curves() if "mean_pixel" in curve.name]


def test_two_metrics_of_one_output_are_told_apart_by_name(tmp_path):
    metrics = {"img": [MeanPixel(name="a"), MeanPixel(name="b")], "mask": [MeanPixel()]}
    fit(
        two_outputs(metrics=metrics),
        MeanPixelCallback(tmp_path),
        targets={"img": DARK, "mask": DARK},
        validation=False,
    )

    [run] = read(tmp_path)
    assert {"train_img_a", "train_img_b", "train_mask"} == {s.stream for s in run.scores()}


def test_a_metric_of_one_of_two_outputs_needs_no_name(tmp_path):
    fit(
        two_outputs(metrics={"mask": [MeanPixel()]}),
        MeanPixelCallback(tmp_path),
        targets={"img": DARK, "mask": DARK},
    )

    [run] = read(tmp_path)
    assert {"train", "validation"} == {score.stream for score in run.scores()}


class OwnMetrics(keras.Model):
    """As Keras's own VAE: a train_step and a property `metrics`."""

    def __init__(self, returned):
        super().__init__()
        self.loss_tracker, self.mean_pixel = keras.metrics.Mean(name="loss"), MeanPixel()
        self.returned = returned

    @property
    def metrics(self):
        return [self.loss_tracker, self.mean_pixel][: self.returned]

    def call(self, images):
        return images

    def train_step(self, data):
        self.mean_pixel.update_state(data[0], data[0])
        return {"loss": self.loss_tracker.result()}


def test_a_property_metrics_must_return_the_metric_and_the_error_says_so(tmp_path):
    for returned in (1, 2):
        model = OwnMetrics(returned)
        model.compile("sgd", run_eagerly=True)
        if returned == 1:
            with pytest.raises(ValueError, match=r"return \[self.loss_tracker, self.mean_pixel\]"):
                fit(model, MeanPixelCallback(tmp_path), validation=False)
        else:
            assert [0.25] == fit(model, MeanPixelCallback(tmp_path), validation=False)["mean_pixel"]


def test_only_what_our_callback_writes_is_left_out_of_other_writers_curves(tmp_path):
    with MeanPixelWriter(tmp_path, stream="samples") as writer:
        writer.write(0, output=DARK, reference=DARK)
    names = ["epoch_loss_mean_pixel", "mean_pixel", "loss/mean_pixel", "epoch_mean_pixel_drift"]
    write_simple_values(tmp_path, {name: [0.5] for name in [*names, "epoch_samples_mean_pixel"]})

    [run] = read(tmp_path)
    assert sorted(names) == sorted(curve.tag for curve in run.curves())
