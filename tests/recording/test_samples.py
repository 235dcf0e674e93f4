"""Which images are kept of a step, and how small."""

import keras
import numpy as np
import pytest
from support.records import event_files
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from tb_meanpixel import MeanPixelCallback, MeanPixelWriter
from tb_meanpixel.recording.samples import MAX_BYTES, Samples
from tb_meanpixel.schema.metadata import SAMPLES_PLUGIN_NAME
from tb_meanpixel.schema.sample_sheet import describe_sheet
from tb_meanpixel.statistics.value_range import ValueRange

RANGE = ValueRange(0.0, 1.0, "declared")


def events(log_dir):
    """The events of a run, as TensorBoard reads them."""
    [path] = event_files(log_dir)
    return list(EventFileLoader(str(path)).Load())


def sheets(log_dir):
    """The sheets of a run in the order in which they were written, by tag."""
    found = {}
    for event in events(log_dir):
        for value in event.summary.value:
            if value.tag.split("/")[-1].startswith("samples"):
                found.setdefault(value.tag, []).append(value.tensor.string_val[0])
    return found


@pytest.fixture
def noise():
    return np.random.default_rng(0).random((12, 128, 128, 3)).astype("float32")


def test_a_step_of_noise_takes_no_more_than_it_may(noise):
    samples = Samples(8, paired=True)
    samples.take_reference(noise, None, RANGE, "hash")

    sheet = samples.draw(noise[::-1], RANGE)

    assert len(sheet) <= MAX_BYTES
    assert describe_sheet(sheet).height < 64


def test_smooth_images_are_kept_large(noise):
    smooth = np.broadcast_to(noise.mean((1, 2), keepdims=True), noise.shape)
    samples = Samples(8, paired=True)
    samples.take_reference(smooth, None, RANGE, "hash")

    content = describe_sheet(samples.draw(smooth, RANGE))

    assert (content.height, content.width) == (64, 64)


@pytest.mark.parametrize("count", [1, 2, 3, 30])
def test_as_many_are_kept_as_were_asked_for(count, noise):
    samples = Samples(count, paired=True)
    samples.take_reference(noise, None, RANGE, "hash")

    kept = describe_sheet(samples.draw(noise, RANGE)).samples

    outputs = [one.index for one in kept if one.side == "output"]
    assert len(outputs) == len(set(outputs)) == min(count, len(noise))


def test_inputs_that_are_images_of_their_own_are_kept(tmp_path):
    """A super-resolution: the inputs are smaller than the outputs."""
    targets = np.random.default_rng(1).random((10, 8, 8, 1)).astype("float32")
    model = keras.Sequential([keras.layers.Input((4, 4, 1)), keras.layers.UpSampling2D(2)])
    model.compile(loss="mse")

    model.fit(
        targets[:, ::2, ::2],
        targets,
        verbose=0,
        callbacks=[MeanPixelCallback(tmp_path, reference=(targets[:, ::2, ::2], targets))],
    )

    found = sheets(tmp_path)
    [references] = found["validation/samples_reference"]
    sides = [one.side for one in describe_sheet(references).samples]
    assert sides == 6 * ["reference"] + 6 * ["input"]
    [step] = found["validation/samples"]
    assert [one.side for one in describe_sheet(step).samples if one.is_worst] == 2 * [
        "output",
        "reference",
        "input",
    ]


def test_references_are_written_once(tmp_path, noise):
    with MeanPixelWriter(tmp_path, value_range=(0, 1)) as writer:
        for step in range(3):
            writer.write(step, output=noise, reference=noise)

    found = sheets(tmp_path)

    assert {tag: len(each) for tag, each in found.items()} == {
        "validation/samples": 3,
        "validation/samples_reference": 1,
    }


def test_of_batches_the_first_one_is_kept(tmp_path, noise):
    with MeanPixelWriter(tmp_path, value_range=(0, 1)) as writer:
        for step in range(2):
            writer.update(output=noise * 0.5, reference=noise)
            writer.update(output=noise, reference=noise)
            writer.write(step)

    found = sheets(tmp_path)

    assert {tag: len(each) for tag, each in found.items()} == {
        "validation/samples": 2,
        "validation/samples_reference": 1,
    }
    for sheet in found["validation/samples"]:
        errors = [one.error for one in describe_sheet(sheet).samples if one.side == "output"]
        assert min(errors) > 0.2  # half as bright, not those of the second batch


def test_the_environment_turns_them_off(tmp_path, noise, monkeypatch):
    monkeypatch.setenv("TB_MEANPIXEL_SAMPLES", "0")
    with MeanPixelWriter(tmp_path) as writer:
        writer.write(0, output=noise, reference=noise)

    plugins = {
        value.metadata.plugin_data.plugin_name
        for event in events(tmp_path)
        for value in event.summary.value
    }
    assert SAMPLES_PLUGIN_NAME not in plugins
    monkeypatch.setenv("TB_MEANPIXEL_SAMPLES", "no")
    with pytest.raises(ValueError, match="TB_MEANPIXEL_SAMPLES must be a whole number"):
        MeanPixelWriter(tmp_path)


@pytest.mark.parametrize("samples", [-1, 65, 2.5, True, "8", None])
def test_what_is_no_number_of_samples_is_refused(samples, tmp_path):
    for make in (MeanPixelWriter, MeanPixelCallback):
        with pytest.raises((TypeError, ValueError), match="samples must be"):
            make(tmp_path, samples=samples)
