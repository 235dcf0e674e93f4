"""Which axis holds the channels: one rule, and no guessing."""

import re

import numpy as np
import pytest

from tb_meanpixel import MeanPixelCallback, MeanPixelWriter, measure
from tb_meanpixel.statistics.images import as_images

LAST = np.random.default_rng(0).random((5, 6, 7, 3))
FIRST = np.moveaxis(LAST, -1, 1)


def torch_tensor(array, **options):
    return pytest.importorskip("torch").tensor(np.ascontiguousarray(array), **options)


def other_tensor(framework, array):
    if framework == "tensorflow":
        return pytest.importorskip("tensorflow").constant(array)
    return pytest.importorskip("jax.numpy").asarray(array)


def test_torch_tensors_have_their_channels_first():
    torch = pytest.importorskip("torch")
    images = torch_tensor(FIRST, requires_grad=True)

    assert LAST.tolist() == as_images(images).tolist() == as_images(list(images)).tolist()
    assert (5, 6, 7, 1) == as_images(torch.zeros(5, 6, 7)).shape


@pytest.mark.parametrize("framework", ["tensorflow", "jax"])
def test_all_others_have_them_last(framework):
    np.testing.assert_allclose(as_images(other_tensor(framework, LAST)), LAST, rtol=1e-6)
    assert LAST.tolist() == as_images(LAST).tolist() == as_images(LAST.tolist()).tolist()


@pytest.mark.parametrize("make", [np.asarray, torch_tensor])
def test_a_declared_layout_counts_for_any_array_and_number_of_channels(make):
    many = np.zeros((2, 3, 4, 12))

    assert LAST.tolist() == as_images(make(FIRST), data_format="channels_first").tolist()
    assert LAST.tolist() == as_images(make(LAST), data_format="channels_last").tolist()
    assert (2, 3, 4, 12) == as_images(make(many), data_format="channels_last").shape
    assert (3, 5, 5, 1) == as_images(make(np.zeros((3, 5, 5))), data_format="channels_first").shape


@pytest.mark.parametrize(
    "make, shape, axes, other, same",
    [
        (np.zeros, (8, 3, 32, 32), "height, width, channels", "channels_first", "channels_last"),
        (np.zeros, (8, 4, 4, 5), "height, width, channels", "channels_first", "channels_last"),
        (
            lambda shape: torch_tensor(np.zeros(shape)),
            (8, 32, 32, 3),
            "channels, height, width",
            "channels_last",
            "channels_first",
        ),
    ],
)
def test_more_than_four_channels_are_refused_with_what_to_type(make, shape, axes, other, same):
    channels = shape[1] if same == "channels_first" else shape[-1]
    sentence = (
        f"x of shape {shape} would have {channels} channels, as (batch, {axes}). Type "
        f"data_format='{other}' if that is wrong, data_format='{same}' if it is right"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        as_images(make(shape), "x")

    as_images(make(shape), "x", other), as_images(make(shape), "x", same)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_one_torch_image_is_no_batch_and_the_lines_to_type_work(channels):
    x = torch_tensor(np.zeros((channels, 6, 7)))
    sentence = f"x of shape ({channels}, 6, 7) is one image of {channels} channels, or {channels} g"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}") as caught:
        as_images(x, "x")

    one, other = re.findall(r"x\[[^ ]*?\]|x\[:, None\]", str(caught.value))
    assert ("x[None]", "x[:, None]") == (one, other)
    assert (1, 6, 7, channels) == as_images(x[None]).shape
    assert (channels, 6, 7, 1) == as_images(x[:, None]).shape


@pytest.mark.parametrize(
    "output, reference, arguments",
    [
        (lambda: torch_tensor(FIRST), lambda: torch_tensor(FIRST), {}),
        (lambda: LAST, lambda: torch_tensor(FIRST), {}),  # a diffusers pipeline, and its data set
        (lambda: torch_tensor(FIRST), lambda: LAST, {}),
        (lambda: FIRST, lambda: FIRST, {"data_format": "NCHW"}),
        (lambda: LAST, lambda: FIRST, {"reference_data_format": "CHW"}),
        (lambda: FIRST, lambda: LAST, {"data_format": "NCHW", "reference_data_format": "NHWC"}),
    ],
)
def test_output_and_reference_may_differ_in_layout(tmp_path, output, reference, arguments):
    output, reference = output(), reference()
    output = output * 0.5
    with MeanPixelWriter(tmp_path, value_range=(0, 1), **arguments) as writer:
        scores = writer.write(0, output=output, reference=reference)
    record = measure(output=output, reference=reference, value_range=(0, 1), **arguments)

    assert pytest.approx(-LAST.mean() / 2) == scores["bias"]
    assert ("all", "red", "green", "blue") == record.channels
    assert pytest.approx(LAST.mean((0, 1, 2)) / 2) == record.output.pixels.mean[1:]


@pytest.mark.parametrize("wrong", ["output", "reference"])
def test_writer_and_measure_name_the_argument_to_type(tmp_path, wrong):
    images = {"output": LAST, "reference": LAST, wrong: FIRST}
    argument = {"output": "data_format", "reference": "reference_data_format"}[wrong]
    sentence = f"^{wrong} of shape .* Type {argument}='channels_first' if"
    with MeanPixelWriter(tmp_path) as writer, pytest.raises(ValueError, match=sentence):
        writer.write(0, **images)
    with pytest.raises(ValueError, match=sentence):
        measure(**images, value_range=(0, 1))


@pytest.mark.parametrize("hold", [lambda x: x, lambda x: (x[:, 0], x), lambda x: [(x,), (x,)]])
def test_the_callback_goes_by_keras_format_for_torch_tensors_too(tmp_path, hold):
    pytest.importorskip("keras")
    sentence = r"^reference of shape \(\d+, 3, 6, 7\) would have 7 ch.*data_format='channels_first'"
    for images in (FIRST, torch_tensor(FIRST)):
        with pytest.raises(ValueError, match=sentence):
            MeanPixelCallback(tmp_path, hold(images))
        MeanPixelCallback(tmp_path, hold(images), data_format="channels_first")
    MeanPixelCallback(tmp_path, hold(torch_tensor(LAST)))
