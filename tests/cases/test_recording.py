"""What is recorded of people's training loops, with the smallest inputs that went wrong.

A case that is not right yet is a strict xfail that says what comes in place of the right value.
"""

import keras
import numpy as np
import pytest
from support.boards import write_simple_values

from tb_meanpixel import MeanPixel, MeanPixelCallback, MeanPixelWriter, read
from tb_meanpixel.statistics.histogram import count_values
from tb_meanpixel.statistics.scores import wasserstein

IMAGES = np.random.default_rng(0).random((16, 4, 4, 1), np.float32)
DARK, BRIGHT = np.full((8, 4, 4, 1), 0.25, np.float32), np.full((8, 4, 4, 1), 0.75, np.float32)


def identity(**arguments):
    """A model that gives its inputs back."""
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Identity()])
    model.compile("sgd", "mse", **arguments)
    return model


def curves(folder):
    """The recorded numbers of the training loop, `{name: values}`."""
    [run] = read(folder)
    return {curve.name: list(curve.values) for curve in run.curves()}


# Callback and metric side by side.


def test_a_metric_keeps_its_name_in_the_logs_beside_a_callback(tmp_path):
    model = identity(metrics=[MeanPixel()])
    try:
        fitted = model.fit(
            DARK,
            DARK,
            validation_data=(DARK, DARK),
            verbose=0,
            callbacks=[MeanPixelCallback(tmp_path, reference=BRIGHT)],
        )
    except ValueError:
        return  # refused as fit begins: as good

    assert [pytest.approx(0.25)] == fitted.history["val_mean_pixel"]


def test_a_users_metric_may_end_in_mean_pixel(tmp_path):
    def loss_mean_pixel(y_true, y_pred):
        return keras.ops.mean(keras.ops.abs(y_pred - y_true))

    identity(metrics=[loss_mean_pixel]).fit(
        IMAGES, IMAGES, verbose=0, callbacks=[MeanPixelCallback(tmp_path, reference=IMAGES)]
    )

    assert "loss_mean_pixel" in curves(tmp_path)


def test_the_callback_leaves_keras_asynchronous_logging_on(tmp_path):
    def is_synchronous(callback):
        """Whether Keras calls the callback at every batch, and so waits for it."""
        base = keras.callbacks.Callback
        hooks = ["on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"]
        return any(getattr(type(callback), hook) is not getattr(base, hook) for hook in hooks)

    assert not is_synchronous(keras.callbacks.EarlyStopping())
    assert not is_synchronous(MeanPixelCallback(tmp_path, reference=IMAGES))


# The official VAE: its own train_step, and a property `metrics` of its own.


class VAE(keras.Model):
    """keras.io's, with README's lines about the metric."""

    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder, self.decoder = encoder, decoder
        self.total_loss_tracker = keras.metrics.Mean(name="total_loss")
        self.mean_pixel = MeanPixel()

    @property
    def metrics(self):
        return [self.total_loss_tracker, self.mean_pixel]

    def train_step(self, data):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            _, _, z = self.encoder(data)
            reconstruction = self.decoder(z)
            loss = keras.ops.mean(keras.losses.binary_crossentropy(data, reconstruction))
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        self.total_loss_tracker.update_state(loss)
        self.mean_pixel.update_state(data, reconstruction)
        return {"loss": self.total_loss_tracker.result()}


def vae():
    images = keras.Input((4, 4, 1))
    flat = keras.layers.Flatten()(images)
    z_mean, z_log_var = keras.layers.Dense(2)(flat), keras.layers.Dense(2)(flat)
    encoder = keras.Model(images, [z_mean, z_log_var, z_mean + z_log_var])
    decoder = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(16, activation="sigmoid"),
            keras.layers.Reshape((4, 4, 1)),
        ]
    )
    model = VAE(encoder, decoder)
    model.compile(keras.optimizers.Adam())
    return model


def test_the_metric_of_the_official_vae_is_recorded(tmp_path):
    vae().fit(IMAGES, epochs=2, verbose=0, callbacks=[MeanPixelCallback(tmp_path)])

    [run] = read(tmp_path)
    assert ["train"] == [history.stream for history in run.histories]
    assert [0, 1] == list(run.histories[0].steps)


def test_the_official_vae_is_recorded_with_readmes_predict_fn(tmp_path):
    callback = MeanPixelCallback(
        tmp_path,
        reference=IMAGES,
        predict_fn=lambda model, x: model.decoder(model.encoder(x)[0]),
        stream="reference",
    )
    history = vae().fit(IMAGES, verbose=0, callbacks=[callback]).history

    assert 1 == len(history["reference_mean_pixel_drift"])


def test_images_in_the_place_of_the_directory_are_told_where_they_belong():
    with pytest.raises(
        TypeError, match=r"log_dir must.*Type: MeanPixelCallback\('logs/my-model', r"
    ):
        MeanPixelCallback(IMAGES)


def test_groups_reach_the_record(tmp_path):
    callback = MeanPixelCallback(tmp_path, reference=IMAGES, groups=np.arange(16) // 4)
    identity().fit(IMAGES, IMAGES, verbose=0, callbacks=[callback])

    [run] = read(tmp_path)
    assert 4 == run.histories[0].scores["independent_count", ""][0]


# The metric as Keras expects one.


def test_a_model_compiled_with_the_metric_is_loaded_as_it_was_saved(tmp_path):
    model = identity(metrics=[MeanPixel(bins=32)])
    model.fit(IMAGES, IMAGES, verbose=0)
    model.save(tmp_path / "model.keras")

    loaded = keras.saving.load_model(tmp_path / "model.keras")

    assert model.evaluate(IMAGES, IMAGES, verbose=0) == pytest.approx(
        loaded.evaluate(IMAGES, IMAGES, verbose=0)
    )


def test_the_configuration_of_the_metric_is_keyword_only():
    with pytest.raises(TypeError, match="positional"):
        MeanPixel("mean_pixel", "float32")


def test_sample_weights_weigh_as_in_keras_own_mean():
    images = np.stack([DARK[0], BRIGHT[0]])
    metric, mean = MeanPixel(), keras.metrics.Mean()
    weights = np.array([1.0, 3.0])

    metric.update_state(images, images, sample_weight=weights)
    mean.update_state(images.mean((1, 2, 3)), sample_weight=weights)

    assert pytest.approx(0.625) == float(mean.result())
    assert pytest.approx(0.625) == float(metric.result())


# The writer, and what people give it.


def written(folder, step=0, scalars=None):
    with MeanPixelWriter(folder) as writer:
        writer.write(step, output=IMAGES, reference=IMAGES, scalars=scalars)
    return curves(folder)


@pytest.mark.parametrize("step", [2, np.int64(2), np.int32(2)])
def test_a_step_is_a_whole_number_of_any_kind(tmp_path, step):
    assert {"loss": [0.5]} == written(tmp_path, step, {"loss": 0.5})


def test_a_loss_tensor_with_a_gradient_is_a_number(tmp_path):
    torch = pytest.importorskip("torch")

    assert {"loss": [0.5]} == written(
        tmp_path, scalars={"loss": torch.tensor(0.5, requires_grad=True)}
    )


@pytest.mark.parametrize("loss", [None, np.array([0.5, 0.6])], ids=["None", "two numbers"])
def test_a_loss_that_is_no_number_is_refused_by_name(tmp_path, loss):
    with pytest.raises((TypeError, ValueError), match="loss"):
        written(tmp_path, scalars={"loss": loss})


@pytest.mark.parametrize("step", [2.5, "2", None])
def test_a_step_that_is_no_whole_number_is_refused_by_name(tmp_path, step):
    with pytest.raises((TypeError, ValueError), match="step must be"):
        written(tmp_path, step)


def test_the_loss_of_another_writer_is_the_loss_of_the_findings(tmp_path):
    darker = [0.03 * max(0, step - 20) for step in range(30)]
    with MeanPixelWriter(tmp_path / "pytorch") as writer:
        for step, bias in enumerate(darker):
            writer.write(step, output=IMAGES + bias, reference=IMAGES)
    write_simple_values(
        tmp_path / "pytorch", {"loss/train": [1 / (1 + step) for step in range(30)]}
    )

    [run] = read(tmp_path)

    assert any("fell" in finding.sentence for finding in run.findings())


@pytest.mark.parametrize("every", [1, 2, 5])
def test_a_drift_is_hidden_by_a_validation_loss_of_every_second_epoch(tmp_path, every):
    """A3: Keras's `validation_freq`; the training loss is nearly flat meanwhile."""
    soft = 0.25 + IMAGES / 2
    apart = np.where(np.arange(16) % 2, 1, -1).reshape(16, 1, 1, 1)  # half darker, half brighter
    with MeanPixelWriter(tmp_path, value_range=(0, 1)) as writer:
        for step in range(40):
            output = soft + 0.005 * max(0, step - 20) * apart
            scalars = {"loss": 1 - step / 1e4}
            if step % every == every - 1:
                scalars["val_loss"] = 1 / (1 + step)
            writer.write(step, output=output, reference=soft, scalars=scalars)

    [run] = read(tmp_path)

    assert "loss_hides_drift" in {finding.id for finding in run.findings()}


# The distance of two histograms.


@pytest.mark.parametrize("bins", [4, 64, 256])
def test_a_distance_of_histograms_is_at_most_a_bin_off(bins):
    """Two values on either side of an edge: the error goes both ways."""
    low, high = np.array([0.4999, 0.4999]), np.array([0.5001, 0.5001])

    distance = float(wasserstein(count_values(low, 0, 1, bins), count_values(high, 0, 1, bins)))

    assert abs(distance - 0.0002) <= 1 / bins
