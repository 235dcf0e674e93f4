import gc
import re
import warnings
import weakref

import keras
import numpy as np
import pytest
import scipy.stats

from tb_meanpixel import MeanPixelCallback, MeanPixelWriter

RNG = np.random.default_rng(0)
IMAGES = RNG.random((70, 4, 4, 1), np.float32)  # more than are passed through the model at a time
FEW = IMAGES[:8]
ADDED = {"val_mean_pixel", "val_mean_pixel_bias", "val_mean_pixel_drift"}


def autoencoder(shape=(4, 4, 1), **compiling):
    """A model that makes images of its images; eager unless said otherwise: tracing takes time."""
    model = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Flatten(),
            keras.layers.Dense(int(np.prod(shape)), activation="sigmoid"),
            keras.layers.Reshape(shape),
        ]
    )
    model.compile("adam", "mse", **{"run_eagerly": True, **compiling})
    return model


class Constant(keras.layers.Layer):
    """Images of one value, which training moves."""

    def build(self, shape):
        self.value = self.add_weight(shape=(), initializer=keras.initializers.Constant(0.25))

    def call(self, images):
        return keras.ops.zeros_like(images) + self.value


def constant(shape=(4, 4, 1), rate=0.0):
    model = keras.Sequential([keras.Input(shape), Constant()])
    model.compile(keras.optimizers.SGD(rate), "mse", run_eagerly=True)
    return model


class Coder(keras.Model):
    """The shape of Keras's own VAE example: a train_step, and a metric of its own."""

    def __init__(self, fail_at=None):
        super().__init__()
        self.encoder = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
        self.decoder = keras.Sequential(
            [keras.Input((16,)), keras.layers.Dense(16), keras.layers.Reshape((4, 4, 1))]
        )
        self.loss_tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def train_step(self, data):
        self.loss_tracker.update_state(0.5)
        return {"loss": self.loss_tracker.result()}


class CoderWithCall(Coder):
    def call(self, images):
        return self.decoder(self.encoder(images))


def coder(kind=Coder):
    model = kind()
    model.compile("adam", run_eagerly=True)
    return model


def decode(model, images):
    return model.decoder(model.encoder(images))


def run(model, callback, epochs=1, images=FEW, **arguments):
    """Fit, and return the History."""
    callbacks = [*arguments.pop("before", []), callback, *arguments.pop("after", [])]
    return model.fit(
        images,
        arguments.pop("targets", images),
        epochs=epochs,
        callbacks=callbacks,
        verbose=0,
        **arguments,
    )


@pytest.fixture
def read(tmp_path, serve):
    """What a fit wrote to `tmp_path`: `{tag: [[step, value], ...]}`, then the outputs' series."""

    def read(stream="validation", quantity="pixels"):
        board = serve(tmp_path, "python")
        [found] = board.json("scalars")["runs"]
        scalars = {
            f"{score['stream']}/{score['name']}": points(score)
            for score in found["scores"]
            if not score["channel"]
        }
        scalars |= {curve["tag"]: points(curve) for curve in found["curves"]}
        return scalars, board.side("output", run=".", stream=stream, quantity=quantity)

    return read


def points(series):
    return dict(zip(series["steps"], series["values"], strict=True))


# What is recorded.


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model, its History, and the log directory of its run."""
    keras.utils.set_random_seed(0)
    logs = tmp_path_factory.mktemp("logs")
    model = autoencoder(run_eagerly=False)
    history = run(model, MeanPixelCallback(logs / "vae", reference=IMAGES), 3, IMAGES)
    return model, history, logs


@pytest.fixture(scope="module")
def board(trained, loader, serve):
    return serve(trained[-1], loader)


@pytest.fixture(scope="module")
def outputs(trained):
    """The images that the trained model makes of the reference."""
    model, *_ = trained
    return model.predict(IMAGES, batch_size=64, verbose=0).astype(np.float64)


def test_the_scores_over_http_are_numpys_of_the_models_predictions(board, outputs):
    [found] = board.json("scalars", run="vae")["runs"]
    last = {score["name"]: points(score)[2] for score in found["scores"]}
    means, known = outputs.mean(axis=(1, 2, 3)), IMAGES.mean(axis=(1, 2, 3), dtype=np.float64)
    exact = {
        "output_mean": outputs.mean(),
        "reference_mean": IMAGES.mean(dtype=np.float64),
        "bias": outputs.mean() - IMAGES.mean(dtype=np.float64),
        "brightness_spread_ratio": means.std() / known.std(),
        "pixel_spread_ratio": np.sqrt(outputs.var(axis=0).mean() / IMAGES.var(axis=0).mean()),
        "correlation": np.corrcoef(means, known)[0, 1],
        "paired_t": scipy.stats.ttest_rel(means, known).statistic,
        "non_finite": 0.0,
    }
    distance = scipy.stats.wasserstein_distance(outputs.ravel(), IMAGES.ravel())

    assert pytest.approx(exact, rel=1e-4, abs=1e-6) == {name: last[name] for name in exact}
    assert pytest.approx(distance, abs=1 / 256) == last["drift"]


@pytest.mark.parametrize(
    "quantity, high, exact",
    [
        ("pixels", 1, np.ravel),
        ("mean_pixels", 1, lambda images: images.mean(axis=(1, 2, 3))),
        ("contrasts", 0.5, lambda images: images.std(axis=(1, 2, 3))),
    ],
)
def test_the_histograms_over_http_are_numpys_of_the_models_predictions(
    board, outputs, quantity, high, exact
):
    series = board.side("output", run="vae", stream="validation", quantity=quantity)
    counts, _ = np.histogram(exact(outputs), 64, (0, high))

    assert [0, 1, 2] == series["steps"]
    assert [0, *counts, 0, 0, 0, 0] == series["cells"][2, 0].tolist()
    assert pytest.approx(exact(outputs).mean(), abs=1e-6) == series["mean"][2, 0]
    assert pytest.approx(exact(outputs).std(), abs=1e-6) == series["std"][2, 0]


def test_the_reference_is_recorded_once(board):
    series = board.side("reference", run="vae", stream="validation", quantity="pixels")

    assert [0] == series["steps"]
    assert np.histogram(IMAGES, 64, (0, 1))[0].tolist() == series["cells"][0, 0, 1:65].tolist()


def test_the_loss_is_recorded_beside_the_scores(board, trained):
    _, history, _ = trained
    [found] = board.json("scalars", run="vae", curves="primary")["runs"]

    curves = [(curve["event_directory"], curve["tag"]) for curve in found["curves"]]
    assert [("vae/mean_pixel", "logs/loss")] == curves
    assert pytest.approx(history.history["loss"]) == found["curves"][0]["values"]


def test_the_logs_gain_the_overall_scores(board, trained):
    _, history, _ = trained
    [found] = board.json("scalars", run="vae")["runs"]
    scores = {score["name"]: score["values"] for score in found["scores"]}

    assert {"loss", *ADDED} == set(history.history)
    for name, score in [("", "output_mean"), ("_bias", "bias"), ("_drift", "drift")]:
        assert pytest.approx(scores[score]) == history.history[f"val_mean_pixel{name}"]


@pytest.mark.parametrize(
    "name, added",
    [
        ("validation", ADDED),
        ("train", {"mean_pixel", "mean_pixel_bias", "mean_pixel_drift"}),
        ("eval", {"eval_mean_pixel", "eval_mean_pixel_bias", "eval_mean_pixel_drift"}),
    ],
)
def test_the_names_in_the_logs_follow_the_stream(tmp_path, name, added):
    callback = MeanPixelCallback(tmp_path, FEW, stream=name)

    assert {"loss", *added} == set(run(constant(), callback).history)


def test_validation_losses_and_metrics_are_recorded_too(tmp_path, read):
    model = autoencoder(metrics=["mae"])
    history = run(model, MeanPixelCallback(tmp_path, FEW), 2, validation_data=(FEW, FEW)).history
    scalars, _ = read()

    for name in ("loss", "val_loss", "mae", "val_mae"):
        assert pytest.approx(history[name]) == list(scalars[f"logs/{name}"].values())
    assert not [tag for tag in scalars if re.match("logs/.*mean_pixel", tag)]


@pytest.mark.parametrize(
    "freq, epochs, expected",
    [
        (1, 3, [0, 1, 2]),
        (2, 4, [1, 3]),
        (2, 5, [1, 3, 4]),  # and always the last
        (10, 3, [2]),
    ],
)
def test_every_freq_epochs_and_the_last_are_recorded(tmp_path, read, freq, epochs, expected):
    history = run(constant(), MeanPixelCallback(tmp_path, FEW, epoch_freq=freq), epochs).history
    scalars, output = read()

    assert expected == output["steps"] == list(scalars["validation/bias"])
    assert list(range(epochs)) == list(scalars["logs/loss"])
    assert len(expected) == len(history["val_mean_pixel"])


class StopAt(keras.callbacks.Callback):
    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            self.model.stop_training = True


@pytest.mark.parametrize("where", ["before", "after"])
def test_the_last_step_is_recorded_when_another_callback_stops(tmp_path, read, where):
    callback = MeanPixelCallback(tmp_path, FEW, epoch_freq=10)
    history = run(constant(rate=1.0), callback, epochs=9, **{where: [StopAt(3)]}).history
    scalars, output = read()

    # Who stops before us is seen in time for the logs.
    assert {"before": 1, "after": 0}[where] == len(history.get("val_mean_pixel", []))
    assert [3] == output["steps"] == list(scalars["validation/bias"])
    assert [0, 1, 2, 3] == list(scalars["logs/loss"])


def test_early_stopping_can_watch_the_drift(tmp_path, read):
    stop = keras.callbacks.EarlyStopping("val_mean_pixel_drift", mode="min", patience=1)
    history = run(constant(), MeanPixelCallback(tmp_path, FEW), 9, after=[stop]).history
    _, output = read()

    assert [0, 1] == output["steps"]  # the drift never changes
    assert 2 == len(history["val_mean_pixel_drift"])


def test_an_epoch_is_recorded_with_the_weights_at_its_end(tmp_path, read):
    class Move(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.layers[0].value.assign(epoch / 4)

    run(constant(), MeanPixelCallback(tmp_path, FEW), 4, before=[Move()])
    scalars, output = read()

    assert {0: 0.0, 1: 0.25, 2: 0.5, 3: 0.75} == scalars["validation/output_mean"]
    assert [[0.0], [0.25], [0.5], [0.75]] == output["mean"].tolist()


def test_a_second_fit_starts_again(tmp_path, read):
    model, callback = constant(), MeanPixelCallback(tmp_path, FEW)
    run(model, callback, 2)
    model.layers[0].value.assign(0.75)
    run(model, callback, 2)

    assert {0: 0.75, 1: 0.75} == read()[0]["validation/output_mean"]


def test_a_fit_can_continue_at_a_later_epoch(tmp_path, read):
    model, callback = constant(), MeanPixelCallback(tmp_path, FEW)
    run(model, callback, 2)
    run(model, callback, 4, initial_epoch=2)
    scalars, output = read()

    assert [0, 1, 2, 3] == output["steps"] == list(scalars["logs/loss"])


def test_two_callbacks_follow_two_streams(tmp_path, read):
    train = MeanPixelCallback(tmp_path, FEW / 2, stream="train", value_range=(0, 1))
    validation = MeanPixelCallback(tmp_path, FEW)
    history = run(constant(), validation, 2, before=[train]).history
    scalars, output = read("train")

    assert [0, 1] == output["steps"] == list(scalars["validation/bias"])
    assert {"loss", "mean_pixel", "mean_pixel_bias", "mean_pixel_drift", *ADDED} == set(history)
    assert ["logs/loss"] == [tag for tag in scalars if tag.startswith("logs/")]
    assert np.float32(2) == pytest.approx(
        scalars["validation/reference_mean"][0] / scalars["train/reference_mean"][0]
    )


def test_beside_kerass_own_callback_no_curve_is_there_twice(tmp_path, read):
    ours = MeanPixelCallback(tmp_path, FEW)
    run(constant(), ours, 2, after=[keras.callbacks.TensorBoard(tmp_path)], validation_split=0.5)
    scalars, _ = read()

    assert [
        "epoch_learning_rate",
        "logs/loss",
        "logs/val_loss",
    ] == sorted(tag for tag in scalars if not tag.startswith("validation/"))


# What is taken as reference.


def test_gray_images_may_come_without_a_channel_axis(tmp_path, read):
    model = keras.Sequential([keras.Input((4, 4)), Constant()])
    model.compile("sgd", "mse", run_eagerly=True)
    run(model, MeanPixelCallback(tmp_path, FEW[..., 0]), images=FEW[..., 0])

    assert [8 * 16] == read()[1]["cells"].sum(axis=-1)[0].tolist()


def channels_first_model():
    model = keras.Sequential([keras.Input((3, 4, 5)), Constant()])
    model.compile("sgd", "mse", run_eagerly=True)
    return model


@pytest.mark.parametrize("data_format", ["channels_first", "NCHW", None])
def test_images_may_have_their_channels_first(tmp_path, serve, data_format, monkeypatch):
    images = RNG.random((8, 3, 4, 5), np.float32)
    if data_format is None:
        monkeypatch.setattr(keras.config, "image_data_format", lambda: "channels_first")
    run(
        channels_first_model(),
        MeanPixelCallback(tmp_path, images, data_format=data_format),
        images=images,
    )
    [stream] = serve(tmp_path, "python").reader.runs()[0].streams

    assert ("all", "red", "green", "blue") == stream.info.channels
    assert (4, 5) == (stream.info.height, stream.info.width)


def test_integer_images_say_their_range_by_their_type(tmp_path, serve):
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Rescaling(1.0), Constant()])
    model.compile("sgd", "mse", run_eagerly=True)
    images = (FEW * 100).astype(np.uint8)
    run(model, MeanPixelCallback(tmp_path, images), images=images)
    [found] = serve(tmp_path, "python").json("runs")["runs"]

    expected = {"low": 0.0, "high": 255.0, "source": "dtype"}
    assert expected == found["streams"][0]["value_range"]


@pytest.mark.parametrize(
    "images, value_range, expected",
    [
        (FEW, None, (0.0, 1.0, "data")),
        (FEW * 2 - 1, None, (-1.0, 1.0, "data")),
        (FEW, (0, 2), (0.0, 2.0, "declared")),
    ],
)
def test_the_range_is_inferred_unless_declared(tmp_path, serve, images, value_range, expected):
    run(constant(), MeanPixelCallback(tmp_path, images, value_range=value_range))
    [found] = serve(tmp_path, "python").json("runs")["runs"]

    assert expected == tuple(found["streams"][0]["value_range"].values())


def test_an_inferred_range_is_said_in_the_log(tmp_path, caplog):
    caplog.set_level("INFO", "tb_meanpixel")
    run(constant(), MeanPixelCallback(tmp_path, FEW * 2 - 1))

    [said] = caplog.messages  # once, by the callback or by its writer
    assert "validation: value range -1..1, from the reference" in said
    assert said.endswith(" type: value_range=(-1, 1)")


@pytest.mark.parametrize(
    "reference",
    [
        (FEW[..., :1] * 0, FEW),
        ({"a": FEW, "b": FEW[:, 0, 0, 0]}, FEW),
        ([FEW, FEW[:, 0, 0, 0]], FEW),
    ],
    ids=["array", "dict", "list"],
)
def test_inputs_may_be_something_else_than_the_images(tmp_path, read, reference):
    """Whatever the inputs, each is passed on with its own part: the outputs are the inputs' `a`."""
    inputs = reference[0]
    if isinstance(inputs, dict):
        outer = {"a": keras.Input((4, 4, 1), name="a"), "b": keras.Input((), name="b")}
        first = outer["a"]
    elif isinstance(inputs, list):
        outer = [keras.Input((4, 4, 1)), keras.Input(())]
        first = outer[0]
    else:
        outer = first = keras.Input((4, 4, 1))
    model = keras.Model(outer, keras.layers.Identity()(first))
    model.compile("sgd", "mse", run_eagerly=True)
    run(model, MeanPixelCallback(tmp_path, reference), images=inputs, targets=FEW)
    passed_on = np.asarray(keras.tree.flatten(inputs)[0])

    assert pytest.approx(passed_on.mean(), abs=1e-6) == read()[0]["validation/output_mean"][0]
    assert pytest.approx(FEW.mean(), abs=1e-6) == read()[0]["validation/reference_mean"][0]


def test_at_most_max_images_are_used_and_pairs_stay_together(tmp_path, read, serve):
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Identity()])
    model.compile("sgd", "mse", run_eagerly=True)
    run(model, MeanPixelCallback(tmp_path, (IMAGES, IMAGES), max_images=5), 2)
    scalars, output = read()

    assert [[5 * 16], [5 * 16]] == output["cells"].sum(axis=-1).tolist()
    assert output["mean"][0] == output["mean"][1]  # the same images every epoch
    assert {0: 0.0, 1: 0.0} == scalars["validation/drift_means"]
    assert {0: 1.0, 1: 1.0} == scalars["validation/correlation"]


def test_samples_are_compared_without_pairs(tmp_path, read):
    callback = MeanPixelCallback(
        tmp_path,
        IMAGES,
        predict_fn=lambda model, noise: keras.ops.zeros((3, 4, 4, 1)),
        stream="samples",
        paired=False,
    )
    run(constant(), callback)
    scalars, output = read("samples")

    assert {0: 0.0} == scalars["samples/output_mean"]
    assert not {"samples/correlation", "samples/paired_t"} & set(scalars)
    assert output["cells"].sum() > 0


# Which models.


def test_a_model_with_a_train_step_of_its_own_is_recorded(tmp_path, read):
    run(coder(CoderWithCall), MeanPixelCallback(tmp_path, FEW), 2)
    scalars, output = read()

    assert [0, 1] == output["steps"]
    assert {0: 0.5, 1: 0.5} == scalars["logs/loss"]


def test_a_model_without_call_is_recorded_with_a_predict_fn(tmp_path, read):
    model = coder()
    run(model, MeanPixelCallback(tmp_path, FEW, predict_fn=decode), 2)

    expected = np.mean(keras.ops.convert_to_numpy(decode(model, FEW)))
    assert pytest.approx(expected) == read()[0]["validation/output_mean"][1]


def test_without_call_and_predict_fn_the_error_says_what_to_type(tmp_path):
    with pytest.raises(ValueError, match=r"^Coder has no call\(\).*Pass predict_fn.*predict_fn="):
        run(coder(), MeanPixelCallback(tmp_path, FEW))


def test_a_predict_fn_may_return_numpy(tmp_path, read):
    run(constant(), MeanPixelCallback(tmp_path, FEW, predict_fn=lambda model, images: images))

    assert {0: 0.0} == read()[0]["validation/drift"]


@pytest.mark.parametrize(
    "outputs, got, which",
    [
        (lambda x: {"mean": x, "image": x}, "dict with keys ['image', 'mean']", "['image']"),
        (lambda x: [x, x], "list with 2 parts", "[0]"),
    ],
    ids=["dict", "list"],
)
def test_several_outputs_are_refused_with_what_to_type(tmp_path, outputs, got, which):
    images = keras.Input((4, 4, 1))
    model = keras.Model(images, outputs(Constant()(images)))
    model.compile("sgd", run_eagerly=True)
    sentence = (
        f"the model must return one array of images; got a {got}. "
        f"Pick one: predict_fn=lambda model, x: model(x, training=False){which}"
    )
    with pytest.raises(TypeError, match=f"^{re.escape(sentence)}$"):
        run(model, MeanPixelCallback(tmp_path, FEW))


class CountEpochs(keras.callbacks.Callback):
    begun = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.begun += 1


@pytest.mark.parametrize(
    "predict_fn, sentence",
    [
        (
            lambda model, images: images[:, :2],
            "output must have the reference's shape (8, 4, 4, 1); got (8, 2, 4, 1)",
        ),
        (
            lambda model, images: images[:, 0, 0],
            "predict_fn's output must be (batch, height, width, channels)",
        ),
        (
            lambda model, images: np.concatenate([images] * 3, axis=-1),
            "output must have the reference's shape",
        ),
    ],
    ids=["size", "rank", "channels"],
)
def test_outputs_that_do_not_fit_are_refused_before_the_first_step(tmp_path, predict_fn, sentence):
    epochs = CountEpochs()
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        run(constant(), MeanPixelCallback(tmp_path, FEW, predict_fn=predict_fn), before=[epochs])

    assert 0 == epochs.begun


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16", "float64"])
def test_any_precision_is_recorded(tmp_path, read, policy):
    images = keras.Input((4, 4, 1))
    model = keras.Model(images, Constant(dtype=policy)(images))
    model.compile(keras.optimizers.SGD(0.0), "mse", run_eagerly=True)
    run(model, MeanPixelCallback(tmp_path, FEW))

    assert {0: 0.25} == read()[0]["validation/output_mean"]


# Training comes first.


class Sampling(keras.layers.Layer):
    """As in a VAE: adds noise from a seed generator of its own."""

    def __init__(self):
        super().__init__()
        self.seed = keras.random.SeedGenerator(1)

    def call(self, inputs):
        return inputs + 0.1 * keras.random.normal(keras.ops.shape(inputs), seed=self.seed)


@pytest.mark.parametrize(
    "run_eagerly",
    [
        pytest.param(False, id="compiled"),
        pytest.param(True, id="eager", marks=pytest.mark.slow),
    ],
)
def test_training_is_the_same_with_and_without_the_callback(tmp_path, run_eagerly):
    def train(callbacks):
        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [
                keras.Input((4, 4, 1)),
                keras.layers.Flatten(),
                keras.layers.Dense(8),
                keras.layers.BatchNormalization(),
                keras.layers.Dropout(0.2),
                Sampling(),
                keras.layers.Dense(16, activation="sigmoid"),
                keras.layers.Reshape((4, 4, 1)),
            ]
        )
        model.compile("adam", "mse", run_eagerly=run_eagerly)
        model.fit(IMAGES, IMAGES, 16, epochs=3, verbose=0, callbacks=callbacks)
        return [weights.tolist() for weights in model.get_weights()]

    assert train([]) == train([MeanPixelCallback(tmp_path, FEW)])


def test_recording_is_in_inference_mode(tmp_path, read):
    images = keras.Input((4, 4, 1))
    model = keras.Model(images, keras.layers.Dropout(0.5)(images))
    model.compile("sgd", "mse", run_eagerly=True)
    run(model, MeanPixelCallback(tmp_path, FEW))

    assert {0: 0.0} == read()[0]["validation/drift"]


def test_outputs_that_are_not_finite_are_counted_and_training_goes_on(tmp_path, read):
    class Break(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.layers[0].value.assign(np.nan)

    history = run(constant(), MeanPixelCallback(tmp_path, FEW), 3, before=[Break()]).history
    scalars, output = read()

    assert {0: 0.0, 1: 1.0, 2: 1.0} == scalars["validation/non_finite"]
    assert {0: 0.25, 1: None, 2: None} == scalars["validation/output_mean"]
    assert [0, 128, 128] == output["cells"][:, 0, -3].tolist()  # NaN
    assert [False, True, True] == np.isnan(history["val_mean_pixel_bias"]).tolist()


def test_a_failure_warns_once_and_training_goes_on(tmp_path, read):
    calls = []

    def fail_later(model, images):
        calls.append(len(images))
        if len(calls) > 2:  # the trial before the first epoch, and that epoch
            raise RuntimeError("out of paint")
        return images

    callback = MeanPixelCallback(tmp_path, FEW, predict_fn=fail_later)
    with pytest.warns(RuntimeWarning) as caught:
        history = run(constant(), callback, 4).history
    scalars, output = read()

    [warning] = caught
    assert re.fullmatch(
        "MeanPixelCallback 'validation' could not record epoch 1: ValueError: predict_fn failed in "
        r"fail_later, line \d+ of .*test_callback.py: RuntimeError: out of paint. It was given the "
        r"model and x = float32 \(8, 4, 4, 1\), tensors of Keras's backend. "
        "Training goes on; further failures are not reported",
        str(warning.message),
    )
    assert (4, 1) == (len(history["loss"]), len(history["val_mean_pixel"]))
    assert [0] == output["steps"]
    assert [0, 1, 2, 3] == list(scalars["logs/loss"])


def test_a_fit_without_failures_warns_of_nothing(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(constant(), MeanPixelCallback(tmp_path, FEW), 2)


def test_an_interrupted_fit_keeps_its_records(tmp_path, read):
    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(constant(), MeanPixelCallback(tmp_path, FEW), 4, after=[Interrupt()])

    assert [0, 1] == read()[1]["steps"]


# Arguments are checked before training.

WANTED = "reference must be (batch, height, width, channels) or (batch, height, width)"


@pytest.mark.parametrize(
    "arguments, error, sentence",
    [
        ({"reference": FEW[0, :, :, 0]}, ValueError, f"{WANTED}; got shape (4, 4). For one image"),
        ({"reference": FEW[0, 0, :, 0]}, ValueError, f"{WANTED}; got shape (4,). For flat vectors"),
        ({"reference": FEW[np.newaxis]}, ValueError, f"{WANTED}; got shape (1, 8, 4, 4, 1)"),
        ({"reference": FEW[:0]}, ValueError, "reference must hold at least one pixel; got shape"),
        (
            {"reference": FEW * np.nan},
            ValueError,
            "reference must hold finite values; all 128 are NaN or infinite",
        ),
        (
            {"reference": FEW * np.nan, "value_range": (0, 1)},
            ValueError,
            "reference must hold finite values; all 128 are NaN or infinite",
        ),
        (
            {"reference": [FEW[0], FEW[0, :2]]},
            ValueError,
            "reference must be images of one shape; got images of mixed shapes. Resize or crop",
        ),
        ({"reference": {"x": FEW}}, TypeError, "reference must be one array"),
        ({"reference": np.array([["x"]])}, TypeError, "reference must hold numbers"),
        (
            {"reference": (FEW, FEW, FEW, FEW)},
            ValueError,
            "reference must be images, (inputs, targets) or",
        ),
        (
            {"reference": (FEW[:5], FEW)},
            ValueError,
            "reference must be as many inputs as targets; got [5] and 8",
        ),
        ({"predict_fn": "model"}, TypeError, "predict_fn must be a function (model, inputs) ->"),
        ({"epoch_freq": 0}, ValueError, "epoch_freq must be a whole number, 1 or more; got 0"),
        ({"epoch_freq": 1.5}, ValueError, "epoch_freq must be a whole number, 1 or more; got 1.5"),
        ({"max_images": 0}, ValueError, "max_images must be a whole number, 1 or more; got 0"),
        ({"stream": "a/b"}, ValueError, "stream must be letters, digits"),
        ({"bins": 100}, ValueError, "bins must be a power of two from 2 to 256; got 100"),
        ({"value_range": (1, 0)}, ValueError, "value_range must be two finite numbers"),
        ({"log_dir": ""}, ValueError, "log_dir must name a directory"),
        ({"log_dir": 3}, TypeError, "log_dir must be the path of a directory, for instance"),
        ({"log_dir": FEW}, TypeError, "log_dir must be the path of a directory, and the images c"),
        ({"data_format": "last"}, ValueError, "data_format must be 'channels_last', 'channels_f"),
        ({"stream": None}, ValueError, "stream must be letters, digits"),
    ],
)
def test_impossible_arguments_are_refused_with_a_sentence(tmp_path, arguments, error, sentence):
    with pytest.raises(error, match="^" + re.escape(sentence)):
        MeanPixelCallback(**{"log_dir": tmp_path / "logs", "reference": FEW, **arguments})

    assert not (tmp_path / "logs").exists()


def test_without_reference_and_metric_the_error_says_what_to_type(tmp_path):
    with pytest.raises(ValueError, match=r"^reference must be images.*Pass reference=x_val"):
        run(constant(), MeanPixelCallback(tmp_path))


@pytest.mark.parametrize("log_dir", ["file", "file/logs"])
def test_a_directory_that_cannot_be_made_is_refused_before_the_first_epoch(tmp_path, log_dir):
    (tmp_path / "file").write_text("not a directory")
    epochs, callback = CountEpochs(), MeanPixelCallback(tmp_path / log_dir, FEW)

    with pytest.raises(OSError, match=rf"^log_dir '.*{log_dir}' cannot be written .*Choose a dir"):
        run(constant(), callback, before=[epochs])

    assert 0 == epochs.begun


def test_the_directory_is_made_when_fit_begins(tmp_path):
    callback = MeanPixelCallback(tmp_path / "logs", FEW)
    assert not (tmp_path / "logs").exists()

    run(constant(), callback)
    assert (tmp_path / "logs" / "mean_pixel").is_dir()


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ((), "missing 1 required positional argument: 'log_dir'"),
        (("logs", FEW, decode), "takes from 2 to 3 positional arguments but 4 were given"),
    ],
)
def test_what_is_missing_or_by_position_is_a_type_error(arguments, sentence):
    with pytest.raises(TypeError, match=sentence):
        MeanPixelCallback(*arguments)


def test_the_callback_writes_what_the_writer_writes(tmp_path, serve):
    run(constant(), MeanPixelCallback(tmp_path / "keras", FEW), epochs=1)
    with MeanPixelWriter(tmp_path / "loop") as writer:
        writer.write(0, output=np.full_like(FEW, 0.25), reference=FEW)
    board = serve(tmp_path, "python")
    fitted, looped = (board.side("output", run=t, stream="validation") for t in ("keras", "loop"))

    assert fitted["cells"].tolist() == looped["cells"].tolist()
    assert fitted["mean"].tolist() == looped["mean"].tolist()


# What predict_fn gets, and what is said of it.


class Diffusion(keras.Model):
    """As Keras's own example of DDIM: it makes images out of noise, in steps."""

    def __init__(self):
        super().__init__()
        self.network = Constant()

    def call(self, noise_and_rates):
        noise, rates = noise_and_rates
        return self.network(noise) * keras.ops.reshape(rates, (-1, 1, 1, 1))

    def reverse_diffusion(self, noise, steps):
        for _ in range(steps):
            noise = self([noise, keras.ops.ones((len(noise), 1))])
        return noise

    def train_step(self, data):
        return {"loss": keras.ops.sum(data)}


def diffusion():
    model = Diffusion()
    model.compile(run_eagerly=True)
    return model


@pytest.mark.parametrize(
    "predict_fn",
    [
        lambda model, noise: model.reverse_diffusion(noise, 8),
        lambda model, noise: model([noise, keras.ops.ones((len(noise), 1))]),
        lambda model, noise: model([noise, keras.ops.ones((keras.ops.shape(noise)[0], 1))]),
    ],
)
def test_predict_fn_gets_tensors_of_the_backend(tmp_path, read, predict_fn):
    run(diffusion(), MeanPixelCallback(tmp_path, (FEW, FEW), predict_fn=predict_fn))

    assert 1 == len(read()[0]["validation/drift"])


@pytest.mark.parametrize(
    "shape, expected",
    [((28, 28, 1), [50, 50]), ((128, 128, 1), [15] * 6 + [10]), ((1, 1, 1), [50, 50])],
)
def test_predict_fn_gets_a_stated_number_of_images(tmp_path, shape, expected):
    given, images = [], np.zeros((100, *shape), np.float32)

    def predict_fn(model, x):
        given.append(len(x))
        return x

    run(constant(shape), MeanPixelCallback(tmp_path, images, predict_fn=predict_fn), images=images)

    assert expected == given[1:]  # the first is the trial
    assert max(given) * np.prod(shape) <= 2**18


@pytest.mark.parametrize(
    "predict_fn, error, sentence",
    [
        (lambda model, x: x[:5], ValueError, "predict_fn must return as many images as it is g"),
        (lambda model, x: None, TypeError, "predict_fn must return images (batch, height, widt"),
        (
            lambda model, x: {"small": x[:, :2], "image": x},
            TypeError,
            "predict_fn must return one array of images; got a dict with keys ['image', 'small'].",
        ),
        (
            lambda model, x: keras.ops.reshape(x, (-1, 16)),
            ValueError,
            "predict_fn must return images; got flat vectors (8, 16). Type: keras.ops.reshape(outp",
        ),
        (
            lambda model, x: model([x, np.ones((3, 1))]),
            ValueError,
            "predict_fn failed in ",
        ),
    ],
    ids=["fewer", "none", "dict", "flat", "fails"],
)
def test_an_error_names_predict_fn_and_shows_no_arrays(tmp_path, predict_fn, error, sentence):
    with pytest.raises(error, match="^" + re.escape(sentence)) as raised:
        run(diffusion(), MeanPixelCallback(tmp_path, FEW, predict_fn=predict_fn))

    assert not re.search(r"array\(|tensor\(|\[\[|\n", str(raised.value).lower())
    assert raised.value.__context__ is None  # no frames of Keras above it


def fits(model, tmp_path, read, inputs, targets, *failing, works):
    """Fit with references that fail; type what the last error says, and fit with that."""
    for reference, arguments, sentence in failing:
        with pytest.raises((TypeError, ValueError), match=re.escape(sentence)):
            run(
                model,
                MeanPixelCallback(tmp_path, reference, **arguments),
                images=inputs,
                targets=targets,
            )
    reference, line = works
    arguments = {} if line is None else {"predict_fn": eval(line)}  # as typed
    run(
        model,
        MeanPixelCallback(tmp_path, reference, **arguments),
        images=inputs,
        targets=targets,
    )
    assert 1 == len(read()[0]["validation/drift"])


def test_what_to_type_for_flat_vectors_works(tmp_path, read):
    model = keras.Sequential([keras.Input((16,)), keras.layers.Dense(16)])
    model.compile("sgd", "mse")
    flat = FEW.reshape(len(FEW), -1)
    line = "lambda model, x: keras.ops.reshape(model(x, training=False), (-1, 4, 4, 1))"
    failing = [
        (FEW, {}, f"reference=(images.reshape(len(images), -1), images), predict_fn={line}"),
        ((flat, FEW), {}, f"predict_fn={line}"),
    ]
    fits(model, tmp_path, read, flat, flat, *failing, works=((flat, FEW), line))


def test_what_to_type_for_super_resolution_works(tmp_path, read):
    model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.UpSampling2D(2), Constant()])
    model.compile("sgd", "mse")
    low = FEW[:, ::2, ::2]
    failing = (low, {}, "as in super-resolution, type: reference=(low, high)")
    fits(model, tmp_path, read, low, FEW, failing, works=((low, FEW), None))


def test_what_to_type_for_masks_works(tmp_path, read):
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 1)])
    model.compile("sgd", "sparse_categorical_crossentropy")
    mask = np.arange(8 * 16).reshape(8, 4, 4) % 3
    line = "lambda model, x: keras.ops.argmax(model(x, training=False), axis=-1)"
    failing = ((FEW, mask), {}, f"predict_fn={line}")
    fits(model, tmp_path, read, FEW, mask, failing, works=((FEW, mask), line))


def test_what_to_type_for_videos_works(tmp_path, read):
    model = keras.Sequential([keras.Input((3, 4, 4, 1)), keras.layers.Conv3D(1, 1)])
    model.compile("sgd", "mse")
    videos = np.stack([FEW] * 3, axis=1)
    line = "lambda model, x: model(x, training=False)[:, -1]"
    failing = [
        (videos, {}, f"reference=(videos, videos[:, -1]), predict_fn={line}"),
        ((videos, videos[:, -1]), {}, f"predict_fn={line}"),
    ]
    works = ((videos, videos[:, -1]), line)
    fits(model, tmp_path, read, videos, videos, *failing, works=works)


# One trace for many fits.


def traced():
    """A model that counts how often its `call` runs, which a compiled one does only if traced."""

    class Traced(keras.Model):
        calls = 0

        def __init__(self):
            super().__init__()
            self.layer = keras.layers.Conv2D(1, 1)

        def call(self, x, training=None):
            type(self).calls += training is False
            return self.layer(x)

    model = Traced()
    model.compile("sgd", "mse")
    return model


def test_repeated_fits_of_a_model_trace_it_once(tmp_path):
    model, calls = traced(), []
    for epoch in range(4):
        callback = MeanPixelCallback(tmp_path, FEW)
        run(model, callback, epochs=epoch + 1, initial_epoch=epoch)
        calls.append(type(model).calls)

    assert 4 * [calls[0]] == calls


def test_a_compiled_model_shows_its_new_weights(tmp_path, read):
    model = autoencoder(run_eagerly=False)
    run(model, MeanPixelCallback(tmp_path, FEW))
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    model.optimizer.learning_rate = 0.0
    run(model, MeanPixelCallback(tmp_path, FEW), 2, initial_epoch=1)

    first, second = read()[0]["validation/output_mean"].values()
    expected = model.predict(FEW, verbose=0).mean()
    assert first != second
    assert second == pytest.approx(expected, abs=1e-6)


def test_ten_fits_of_ten_models_bring_no_retracing_warning(tmp_path, caplog):
    with caplog.at_level("WARNING"):
        for number in range(10):
            run(autoencoder(run_eagerly=False), MeanPixelCallback(tmp_path / str(number), FEW))

    assert not [line for line in caplog.messages if "infer" in line or "tb_meanpixel" in line]


def test_a_model_is_not_kept_alive(tmp_path):
    model = autoencoder(run_eagerly=False)
    run(model, MeanPixelCallback(tmp_path, FEW))
    gone = weakref.ref(model)
    del model
    gc.collect()

    assert gone() is None
