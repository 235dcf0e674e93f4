import re
import warnings

import keras
import numpy as np
import pytest
from hypothesis import given, strategies
from scipy.stats import wasserstein_distance
from sklearn.datasets import load_digits

from tb_meanpixel import MeanPixel, MeanPixelCallback, measure
from tb_meanpixel.recording import counting
from tb_meanpixel.recording.sample_places import grid_step, places
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.pairs import PairSums
from tb_meanpixel.statistics.scores import overall, scores
from tb_meanpixel.statistics.value_range import ValueRange

UNIT = ValueRange(0.0, 1.0, "declared")


def batches(count=50, channels=3, seed=0):
    """References in range, outputs around it with some that are not finite."""
    random = np.random.default_rng(seed)
    references = random.random((count, 6, 5, channels)).astype("float32")
    outputs = random.normal(0.5, 0.4, references.shape).astype("float32")
    outputs[3, 2, 2, 0], outputs[4, 1, 1, 0], outputs[5, 0, 0, 0] = np.nan, np.inf, -np.inf
    return references, outputs


def assert_same(expected, measured, tolerance=1e-5):
    """Counts are equal, sums are to the precision of float32."""
    for quantity in ("mean_pixels", "contrasts", "pixels"):
        first, second = getattr(expected, quantity), getattr(measured, quantity)
        np.testing.assert_array_equal(first.cells, second.cells, err_msg=quantity)
        np.testing.assert_allclose(first.sums, second.sums, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(first.squares, second.squares, rtol=tolerance, atol=tolerance)


def assert_measured(metric, references, outputs, tolerance=1e-5):
    record, expected = (
        metric.record(),
        measure(output=outputs, reference=references, value_range=(0, 1), data_format="NHWC"),
    )
    assert_same(expected.reference, record.reference, tolerance)
    assert_same(expected.output, record.output, tolerance)
    for name in PairSums.field_names():
        np.testing.assert_allclose(
            getattr(expected.pairs, name),
            getattr(record.pairs, name),
            rtol=tolerance,
            atol=tolerance,
        )


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("batch", [50, 16, 7])
def test_it_measures_what_numpy_measures_in_batches_of_any_size(channels, batch):
    references, outputs = batches(channels=channels)
    metric = MeanPixel()

    for start in range(0, len(outputs), batch):
        metric.update_state(references[start : start + batch], outputs[start : start + batch])

    assert_measured(metric, references, outputs)


def test_the_result_is_the_mean_pixel_of_the_outputs():
    metric = MeanPixel()
    assert np.isnan(metric.result())

    metric.update_state(np.zeros((2, 4, 4)), np.ones((2, 4, 4)) * [[[0.25]], [[0.75]]])
    assert float(metric.result()) == 0.5

    metric.reset_state()
    assert np.isnan(metric.result())
    assert metric.record() is None


@pytest.mark.parametrize("dtype", ["float16", "float64", "bfloat16"])
def test_outputs_of_other_float_types_are_counted_as_their_values_are(dtype):
    references, outputs = batches(channels=1)
    outputs = keras.ops.cast(outputs, dtype)
    metric = MeanPixel()

    metric.update_state(references, outputs)

    values = keras.ops.convert_to_numpy(keras.ops.cast(outputs, "float32"))
    assert_measured(metric, references, values)


def test_bytes_are_images_too():
    images = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)
    metric = MeanPixel(value_range=(0, 255))

    metric.update_state(images, images)

    assert metric.record().output.pixels.counts.tolist() == [[1] * 256]
    assert float(metric.result()) == 127.5


def test_counts_stay_exact_where_a_float32_counter_stops():
    pixels = 5 * 2048 * 2048  # more than 2^24, at which 1 more is no more in float32
    images = np.full((5, 2048, 2048, 1), 0.5, "float32")
    assert np.float32(2**24) + np.float32(1) == 2**24
    metric = MeanPixel(every_pixel=True)

    metric.update_state(images, images)
    metric.update_state(images, images)
    metric.update_state(images[:1, :1, :1], images[:1, :1, :1])

    record = metric.record()
    assert record.output.pixels.total.tolist() == [2 * pixels + 1]
    assert record.output.pixels.counts[0, 128] == 2 * pixels + 1


def test_sums_keep_what_single_additions_would_lose():
    metric = MeanPixel(every_pixel=True)
    tiny = np.full((1, 1, 1, 1), 2.0**-20, "float32")
    metric.update_state(np.full((1, 4096, 4096, 1), 1.0), np.full((1, 4096, 4096, 1), 1.0))
    assert np.float32(2**24) + np.float32(2.0**-20) == 2**24

    for _ in range(64):
        metric.update_state(tiny, tiny)

    assert metric.record().output.pixels.sums.tolist() == [2**24 + 64 * 2.0**-20]


WEIGHTS = np.array([1, 0, 2, 0.5, 0, 1e-3, 1, 0], "float32")


@pytest.mark.parametrize("shape", [(8,), (8, 1)])
@pytest.mark.parametrize("channels", [1, 3])
def test_weights_weigh_in_the_result_and_images_of_weight_zero_are_left_out(channels, shape):
    references, outputs = batches(count=8, channels=channels)
    metric = MeanPixel()

    metric.update_state(references, outputs, sample_weight=WEIGHTS.reshape(shape))

    assert_measured(metric, references[WEIGHTS > 0], outputs[WEIGHTS > 0])
    finite = np.isfinite(outputs)
    weights = np.broadcast_to(WEIGHTS.reshape(-1, 1, 1, 1), outputs.shape)[finite]
    assert float(metric.result()) == pytest.approx(np.average(outputs[finite], weights=weights))


def test_batches_with_and_without_weights_add_up():
    images = np.stack([np.full((4, 4, 1), level, "float32") for level in (0.25, 0.5, 0.75)])
    metric, mean = MeanPixel(), keras.metrics.Mean()

    for weights in (None, [1.0, 3.0, 0.0], [2.0] * 3, [1e-6, 1e-6, 1e-6], [0.0, 0.0, 0.0]):
        metric.update_state(images, images, sample_weight=weights)
        mean.update_state(images.mean((1, 2, 3)), sample_weight=weights)
        assert float(metric.result()) == pytest.approx(float(mean.result()), rel=1e-6)

    assert metric.record().output.mean_pixels.total.tolist() == [11]


def test_weights_of_pixels_are_refused():
    images = np.zeros((2, 4, 4, 1), "float32")

    with pytest.raises(ValueError, match=r"^sample_weight must be one number.*\(2, 4, 4\)"):
        MeanPixel().update_state(images, images, sample_weight=np.ones((2, 4, 4)))


def test_keras_gives_the_weights_to_weighted_metrics(tmp_path, serve):
    inputs = keras.Input((4, 4, 1))
    model = keras.Model(inputs, keras.layers.Identity()(inputs))
    model.compile("sgd", "mse", weighted_metrics=[MeanPixel()])
    images = np.stack([np.full((4, 4, 1), level, "float32") for level in (0.25, 0.75)])
    history = model.fit(
        images,
        images,
        sample_weight=np.reshape([1.0, 3.0], (2, 1, 1)),  # as Keras's loss of images needs it
        verbose=0,
        callbacks=[MeanPixelCallback(tmp_path / "run")],
    ).history

    assert [0.625] == history["mean_pixel"]
    output = serve(tmp_path, "python").side(
        "output", run="run", stream="train", quantity="mean_pixels"
    )
    assert [0.5] == output["mean"][0]


@pytest.mark.parametrize("channels", [1, 3])
def test_large_images_are_counted_by_a_sample_and_their_moments_are_of_every_pixel(channels):
    random = np.random.default_rng(0)
    references, outputs = random.random((2, 6, 64, 40, channels)).astype("float32")
    metric = MeanPixel()

    metric.update_state(references[:4], outputs[:4])
    metric.update_state(references[4:], outputs[4:])

    record = metric.record()
    chosen = places(64, 40)[[0, 1, 2, 3, 0, 1]]  # by the place in the batch
    flat = outputs.reshape(6, -1, channels)
    sample = np.take_along_axis(flat, chosen[..., None], axis=1)[:, None]
    grid, every = measure_images(sample, UNIT), measure_images(outputs, UNIT)
    np.testing.assert_array_equal(grid.pixels.cells, record.output.pixels.cells)
    for exact in ("mean", "std"):
        expected = getattr(every.pixels, exact)
        np.testing.assert_allclose(getattr(record.output.pixels, exact), expected, rtol=1e-6)
    for quantity in ("mean_pixels", "contrasts"):
        expected, measured = getattr(every, quantity), getattr(record.output, quantity)
        np.testing.assert_array_equal(expected.cells, measured.cells)
    assert float(metric.result()) == pytest.approx(outputs.mean(), rel=1e-6)


def test_one_nan_is_seen_wherever_it_is():
    images = np.full((4, 64, 64, 1), 0.5, "float32")
    outputs = images.copy()
    outputs[0, 0, 0], outputs[1, 0, 1] = np.nan, np.inf  # not on the grid
    metric = MeanPixel()

    for _ in range(50):
        metric.update_state(images, images)
    metric.update_state(images, outputs)

    pixels = metric.record().output.pixels
    assert pixels.cells[0, -3:].tolist() == [1, 1, 0]
    assert pixels.finite.tolist() == [pytest.approx(51 * 4 * 81, abs=2)]
    assert pixels.mean.tolist() == [0.5]
    assert metric.record().output.mean_pixels.mean.tolist() == [0.5]


def test_the_share_of_what_is_not_finite_is_that_of_all_pixels():
    outputs = np.full((4, 64, 64, 1), 0.5, "float32")
    outputs[:, :16] = np.nan
    metric = MeanPixel()

    metric.update_state(outputs, outputs)

    pixels = metric.record().output.pixels
    assert pixels.non_finite / pixels.total == pytest.approx(0.25, abs=1e-3)


@given(strategies.integers(8, 4096), strategies.integers(8, 4096))
def test_a_grid_has_at_least_eight_rows_and_columns_and_an_odd_step(height, width):
    step = grid_step(height, width)

    assert step % 2 == 1
    assert min(height, width) // step >= 8
    assert min(height, width) // (step + 2) < 8  # a wider one would have fewer


def striped(side):
    """As dark as the grid of a lattice would see it, where the lattice lies."""
    step = grid_step(side, side)
    return 0.15 * (np.arange(side) % step == step // 2)[None, :, None, None]


def darker_border(side):
    border = np.ones((1, side, side, 1)) * 0.2
    margin = side // 16
    border[:, margin:-margin, margin:-margin] = 0
    return border


@pytest.mark.parametrize("side", [36, 64])
@pytest.mark.parametrize("wrong", [striped, darker_border])
def test_patterns_and_borders_are_seen_in_their_proportions(side, wrong):
    references = np.random.default_rng(0).random((64, side, side, 1)) * 0.6 + 0.3
    outputs = references - wrong(side)
    metric = MeanPixel()

    metric.update_state(references, outputs)

    drift = overall(scores(metric.record()))["drift"]
    expected = wasserstein_distance(outputs.ravel(), references.ravel())
    assert drift == pytest.approx(expected, abs=2 / 255)


@pytest.mark.parametrize("low, width", [(1000, 1), (5000, 2), (0, 65535), (-1000, 4000)])
def test_ranges_far_from_zero_have_the_spreads_that_they_have(low, width):
    unit = np.random.default_rng(0).random((64, 16, 16, 1))
    metric = MeanPixel(value_range=(low, low + width))

    metric.update_state(low + width * unit, low + width * (0.5 + 0.5 * (unit - 0.5)))

    found = overall(scores(metric.record()))
    for name in ("contrast_ratio", "brightness_spread_ratio", "pixel_spread_ratio"):
        assert found[name] == pytest.approx(0.5, rel=0.01), name


def test_equally_bright_outputs_that_vary_are_no_collapse():
    """Two principal components: their brightness hardly varies, their blocks do."""
    digits = load_digits().images[:256, ..., None].astype("float32") / 16
    flat = digits.reshape(256, 64)
    u, s, v = np.linalg.svd(flat - flat.mean(0), full_matrices=False)
    outputs = np.clip((u[:, :2] * s[:2]) @ v[:2] + flat.mean(0), 0, 1).reshape(digits.shape)
    metric = MeanPixel()

    metric.update_state(digits, outputs)

    found, exact = (
        overall(scores(record))
        for record in (
            metric.record(),
            measure(output=outputs, reference=digits, value_range=(0, 1)),
        )
    )
    for name in ("pixel_spread_ratio", "pixel_correlation", "image_correlation", "output_slope"):
        assert found[name] == pytest.approx(exact[name], rel=0.01), name
    assert found["pixel_spread_ratio"] > 0.5
    assert found["brightness_spread_ratio"] < 0.2


@pytest.mark.parametrize("low, high", [(-1, 1), (0, 255)])
def test_references_out_of_the_default_range_are_refused_with_what_to_type(low, high):
    images = low + (high - low) * np.random.default_rng(0).random((16, 8, 8, 1))
    metric = MeanPixel()

    metric.update_state(images, images)

    with pytest.raises(ValueError, match=re.escape(f"MeanPixel(value_range=({low}, {high}))")):
        metric.record()


def test_a_declared_range_that_the_references_leave_is_said_once():
    images = np.random.default_rng(0).random((16, 8, 8, 1)) * 2 - 1
    metric = MeanPixel(value_range=(0, 1))

    metric.update_state(images, images)

    with pytest.warns(RuntimeWarning, match="lie outside of its value range 0..1"):
        metric.record()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metric.record()


def test_counts_go_beyond_what_int32_holds():
    low, high = (keras.Variable([0], dtype="int32") for _ in range(2))

    for _ in range(5):
        counting.add_counts(low, high, keras.ops.convert_to_tensor([2**30 + 1], "int32"))

    assert counting.as_int64(low.numpy(), high.numpy()).tolist() == [5 * (2**30 + 1)]


def test_it_survives_its_own_config():
    settings = {
        "name": "mine",
        "value_range": (-1.0, 1.0),
        "bins": 32,
        "channels": 2,
        "data_format": "channels_first",
        "every_pixel": True,
    }
    config = MeanPixel(**settings).get_config()

    assert settings == {name: config[name] for name in settings}
    assert config == MeanPixel.from_config(config).get_config()


@pytest.mark.parametrize("data_format", ["channels_first", "NCHW", None])
def test_channels_first_images_are_the_same_images(data_format, monkeypatch):
    if data_format is None:
        monkeypatch.setattr(keras.config, "image_data_format", lambda: "channels_first")
    outputs, references = np.random.default_rng(0).random((2, 8, 5, 6, 3))
    first, last = MeanPixel(data_format=data_format), MeanPixel(data_format="channels_last")
    first.update_state(np.moveaxis(references, -1, 1), np.moveaxis(outputs, -1, 1))
    last.update_state(references, outputs)

    assert last.record().output.pixels.cells.tolist() == first.record().output.pixels.cells.tolist()


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"value_range": (1, 0)}, "value_range must be two finite numbers"),
        ({"bins": 48}, "bins must be a power of two"),
        ({"channels": 0}, "channels must be a whole number, 1 or more; got 0"),
        ({"channels": 2.5}, "channels must be a whole number, 1 or more; got 2.5"),
        ({"channels": "3"}, "channels must be a whole number, 1 or more; got '3'"),
        ({"data_format": "CWH"}, "data_format must be 'channels_last', 'channels_first'"),
    ],
)
def test_bad_arguments_are_refused_at_once(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        MeanPixel(**arguments)


@pytest.mark.parametrize(
    "reference, output, sentence",
    [
        ((8, 64), (8, 64), r"y_true must be \(batch, height, width, channels\)"),
        ((8, 4, 4, 3), (8, 4, 4, 1), r"same channels; got \(4, 4, 3\) and \(4, 4, 1\)"),
        ((8, 4, 4), (8, 5, 4), r"same height.*got \(4, 4, 1\) and \(5, 4, 1\)"),
        ((8, 4, 4, 7), (8, 4, 4, 7), r"Type: MeanPixel\(channels=7\).*data_format=.channels_first"),
    ],
)
def test_what_is_no_image_batch_is_refused(reference, output, sentence):
    with pytest.raises(ValueError, match=sentence):
        MeanPixel().update_state(np.zeros(reference), np.zeros(output))


def autoencoder(image_shape=(None, None, 1), **compile_arguments):
    """A model that only scales: its outputs are easily known."""
    inputs = keras.Input(image_shape)
    model = keras.Model(inputs, keras.layers.Conv2D(image_shape[-1], 1)(inputs))
    model.compile("sgd", "mse", metrics=[MeanPixel()], **compile_arguments)
    return model


def fit(model, log_dir, epochs=2, validation=True, **arguments):
    random = np.random.default_rng(0)
    images = random.random((40, 6, 5, 1)).astype("float32")
    held_out = images[32:]
    history = model.fit(
        images[:32],
        images[:32],
        validation_data=(held_out, held_out) if validation else None,
        epochs=epochs,
        batch_size=5,
        verbose=0,
        callbacks=[MeanPixelCallback(log_dir), *arguments.pop("callbacks", [])],
        **arguments,
    )
    return history.history, images[:32], held_out


@pytest.mark.parametrize(
    "compile_arguments",
    [
        pytest.param({}, id="graph"),
        pytest.param({"jit_compile": True}, id="jit", marks=pytest.mark.slow),
        pytest.param({"run_eagerly": True}, id="eager"),
        pytest.param({"steps_per_execution": 2}, id="two steps at once", marks=pytest.mark.slow),
    ],
)
def test_training_and_validation_become_streams_without_a_reference(
    tmp_path, serve, compile_arguments
):
    model = autoencoder(**compile_arguments)
    history, train, held_out = fit(model, tmp_path / "run")
    board = serve(tmp_path)
    outputs = model.predict(held_out, verbose=0)
    expected = measure_images(outputs, UNIT)

    [found] = board.json("runs")["runs"]
    output = board.side("output", run="run", stream="validation", quantity="pixels")
    trained = board.side("output", run="run", stream="train", quantity="mean_pixels")

    assert [stream["name"] for stream in found["streams"]] == ["validation", "train"]
    assert output["steps"] == trained["steps"] == [0, 1]
    np.testing.assert_array_equal(output["cells"][-1], expected.pixels.rebin(64).cells)
    assert trained["cells"][-1].sum() == len(train)
    assert history["val_mean_pixel"][-1] == pytest.approx(outputs.mean(), rel=1e-5)
    assert history["val_mean_pixel_bias"][-1] == pytest.approx(
        outputs.mean() - held_out.mean(), abs=1e-6
    )
    assert {"mean_pixel", "mean_pixel_drift", "val_mean_pixel_drift"} <= set(history)


def test_the_reference_of_validation_is_written_once(tmp_path, serve):
    fit(autoencoder(), tmp_path / "run", epochs=3)
    board = serve(tmp_path)

    reference = board.side("reference", run="run", stream="validation")

    assert reference["steps"] == [0]


def test_without_validation_data_training_alone_is_recorded(tmp_path, serve):
    fit(autoencoder(), tmp_path / "run", validation=False)
    board = serve(tmp_path)

    [found] = board.json("runs")["runs"]

    assert [stream["name"] for stream in found["streams"]] == ["train"]
    assert found["streams"][0]["steps"]["last"] == 1


def test_evaluate_outside_of_fit_leaves_the_records_alone(tmp_path, serve):
    model = autoencoder()
    callback = MeanPixelCallback(tmp_path / "run")
    images = np.full((8, 4, 4, 1), 0.5, "float32")
    model.fit(images, images, verbose=0, callbacks=[callback])

    model.evaluate(images * 0, images * 0, verbose=0, callbacks=[callback])

    [found] = serve(tmp_path).json("runs")["runs"]
    assert [stream["name"] for stream in found["streams"]] == ["train"]


def test_half_precision_training_is_measured(tmp_path, serve):
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        model = autoencoder()
    finally:
        keras.mixed_precision.set_global_policy("float32")
    _, _, held_out = fit(model, tmp_path / "run")
    outputs = np.asarray(keras.ops.cast(model.predict(held_out, verbose=0), "float32"))

    output = serve(tmp_path).side("output", run="run", stream="validation", quantity="pixels")

    np.testing.assert_array_equal(
        output["cells"][-1], measure_images(outputs, UNIT).pixels.rebin(64).cells
    )


class OwnLoop(keras.Model):
    """A model with its own steps, which holds the metric itself."""

    def __init__(self):
        super().__init__()
        self.scale = keras.layers.Conv2D(1, 1)
        self.mean_pixel = MeanPixel()

    def call(self, images):
        return self.scale(images)

    def test_step(self, data):
        images = data[0] if isinstance(data, tuple) else data
        self.mean_pixel.update_state(images, self(images, training=False))
        return {"mean_pixel": self.mean_pixel.result()}

    train_step = test_step


def test_a_model_with_its_own_steps_holds_the_metric_itself(tmp_path, serve):
    model = OwnLoop()
    model.compile(jit_compile=False)
    images = np.random.default_rng(0).random((16, 4, 4, 1)).astype("float32")

    history = model.fit(
        images,
        validation_data=(images[:8],),
        epochs=2,
        verbose=0,
        callbacks=[MeanPixelCallback(tmp_path / "run")],
    ).history

    board = serve(tmp_path)
    for stream, count in (("train", 16), ("validation", 8)):
        output = board.side("output", run="run", stream=stream)
        assert output["cells"].sum(axis=-1).tolist() == [[count], [count]]
    assert len(history["val_mean_pixel_drift"]) == 2


def test_a_model_without_the_metric_needs_a_reference(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(1, 1)])
    model.compile("sgd", "mse")

    with pytest.raises(ValueError, match=r"metrics=\[MeanPixel\(\)\]"):
        model.fit(
            np.zeros((2, 4, 4, 1)),
            np.zeros((2, 4, 4, 1)),
            verbose=0,
            callbacks=[MeanPixelCallback(tmp_path)],
        )


def test_a_saved_model_keeps_its_metric(tmp_path):
    model = autoencoder()
    fit(model, tmp_path / "run")
    model.save(tmp_path / "model.keras")

    loaded = keras.saving.load_model(tmp_path / "model.keras")  # without custom_objects
    weights = [np.asarray(w) for w in model.get_weights()]

    history, _, _ = fit(loaded, tmp_path / "again", epochs=1)
    assert "val_mean_pixel_drift" in history
    assert len(weights) == len(loaded.get_weights())
