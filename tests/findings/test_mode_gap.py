"""A model that is another one in inference mode."""

import keras
import numpy as np
import pytest

from tb_meanpixel import MeanPixel, MeanPixelCallback, MeanPixelWriter, read

IMAGES = np.random.default_rng(0).random((64, 8, 8, 3)).astype("float32")
EPOCHS = 20


def findings(log_dir):
    [run] = read(log_dir)
    return [(one.id, one.stream, one.first_step) for one in run.findings()]


def write(log_dir, validation):
    """Two streams; `validation`, `(epoch, images) -> images`, makes those of inference mode."""
    writers = [
        MeanPixelWriter(log_dir, stream=stream, value_range=(0, 1), unit="epoch")
        for stream in ("train", "validation")
    ]
    for epoch in range(EPOCHS):
        for writer, outputs in zip(
            writers, (IMAGES * 0.999 + epoch * 1e-5, validation(epoch, IMAGES)), strict=True
        ):
            writer.write(epoch, output=outputs, reference=IMAGES, scalars={"loss": 1 / (1 + epoch)})
    for writer in writers:
        writer.close()


def flatter(share):
    def outputs(epoch, images):
        mean = images.mean((1, 2), keepdims=True)
        return mean + (images - mean) * share + epoch * 1e-5

    return outputs


def test_outputs_that_vary_less_in_inference_mode_are_told(tmp_path):
    write(tmp_path, flatter(0.4))

    assert findings(tmp_path) == [("mode_gap", "validation", 8)]
    [run] = read(tmp_path)
    [finding] = run.findings()
    # The spread of all pixels holds that of the images' means, too.
    assert 0.4 < finding.evidence["mode_gap"] < 0.45
    assert "in inference mode as in training mode" in finding.sentence


@pytest.mark.parametrize("share", [0.9, 1.1])
def test_a_small_difference_between_the_modes_is_none(share, tmp_path):
    write(tmp_path, flatter(share))

    assert findings(tmp_path) == []


def test_a_tint_hides_no_gap(tmp_path):
    tint = np.array([0.0, 0.3, 0.6])
    dull = IMAGES * 0.3
    writers = {
        stream: MeanPixelWriter(tmp_path, stream=stream, value_range=(0, 1), unit="epoch")
        for stream in ("train", "validation")
    }
    for epoch in range(EPOCHS):
        for stream, writer in writers.items():
            share = 0.5 if stream == "validation" else 1.0
            mean = dull.mean((0, 1, 2), keepdims=True)
            writer.write(epoch, output=mean + (dull - mean) * share + tint, reference=dull + tint)
    for writer in writers.values():
        writer.close()

    assert "mode_gap" in [one[0] for one in findings(tmp_path)]


def test_batch_norm_whose_averages_lag_is_told_while_it_trains(tmp_path, caplog):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((8, 8, 3)),
            keras.layers.Conv2D(8, 3, padding="same"),
            keras.layers.BatchNormalization(momentum=0.9999),
            keras.layers.Conv2D(3, 3, padding="same"),
            keras.layers.Rescaling(1.0),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=[MeanPixel(value_range=(0, 1))])

    model.fit(
        IMAGES,
        IMAGES,
        validation_data=(IMAGES, IMAGES),
        epochs=16,
        batch_size=16,
        verbose=0,
        callbacks=[MeanPixelCallback(tmp_path)],
    )

    assert ("mode_gap", "validation", 8) in findings(tmp_path)
    assert "in inference mode" in caplog.text
