"""Mean images of two sizes, of many channels, and of long runs."""

import io

import numpy as np
import pytest
from PIL import Image
from support.boards import Board

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.serving.reading import batches
from tb_meanpixel.serving.reading.provider import Experiment

SAMPLES = {"larger": np.full((4, 8, 6, 1), 0.75), "smaller": np.full((4, 2, 3, 1), 0.75)}
REFERENCE = np.full((4, 4, 4, 1), 0.25)


@pytest.fixture(scope="module")
def board(tmp_path_factory, serve, loader):
    logs = tmp_path_factory.mktemp("logs")
    for name, samples in SAMPLES.items():
        with MeanPixelWriter(logs / name, paired=False, value_range=(0, 1)) as writer:
            writer.write(0, output=samples, reference=REFERENCE)
    for channels in (64, 65, 300):
        images = np.full((2, 3, 3, channels), 0.5)
        with MeanPixelWriter(
            logs / f"{channels}", data_format="NHWC", value_range=(0, 1)
        ) as writer:
            writer.write(0, output=images, reference=images / 2)
    return serve(logs, loader)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_side_has_its_own_shape(board, name):
    answer = board.binary("mean_images", run=name, stream="validation")
    size = SAMPLES[name].shape[1:3]

    assert (1, *size, 1) == answer["output"].shape
    assert (1, 4, 4, 1) == answer["reference"].shape
    assert (*size, 4, 4) == tuple(
        answer[key] for key in ("height", "width", "reference_height", "reference_width")
    )
    np.testing.assert_array_equal(0.75, answer["output"])
    np.testing.assert_array_equal(0.25, answer["reference"])
    for side, level, shape in (("output", 191, size), ("reference", 64, (4, 4))):
        saved = board.get("mean_image.png", run=name, stream="validation", side=side)
        np.testing.assert_array_equal(
            np.full(shape, level), np.asarray(Image.open(io.BytesIO(saved.data)))
        )


@pytest.mark.parametrize("name, size", [("larger", "6 x 8"), ("smaller", "3 x 2")])
def test_a_difference_of_two_sizes_is_a_sentence(board, name, size):
    response = board.get("mean_image.png", run=name, stream="validation", side="difference")

    assert 404 == response.status_code
    assert (
        f"No difference at step 0: the mean output has {size} pixels, the mean reference 4 x 4"
        in response.text
    )


def test_sixty_four_channels_are_a_picture(board):
    answer = board.binary("mean_images", run="64", stream="validation")

    assert (1, 3, 3, 64) == answer["output"].shape


@pytest.mark.parametrize("channels", [65, 300])
def test_more_channels_are_no_picture_and_a_sentence(board, channels):
    words = f"too many channels for a picture: {channels}, at most 64"
    [run] = [one for one in board.json("runs")["runs"] if one["name"] == f"{channels}"]

    for route in ("mean_images", "mean_image.png"):
        response = board.get(route, run=f"{channels}", stream="validation")
        assert 404 == response.status_code
        assert words in response.text
    assert run["streams"][0]["has_mean_images"] is False
    assert f"validation/output/mean_image was left out: {words}" in run["notes"]
    [scalars] = board.json("scalars", run=f"{channels}", score="bias", channel="")["runs"]
    assert [0.25] == scalars["scores"][0]["values"]


def test_of_a_run_that_is_too_long_some_images_are_read_and_a_note_says_so(tmp_path, monkeypatch):
    with MeanPixelWriter(tmp_path / "long", value_range=(0, 1)) as writer:
        for step in range(40):
            writer.write(step, output=REFERENCE * step / 40, reference=REFERENCE)
    monkeypatch.setattr(batches, "_MAX_BYTES", 10 * (16 * 2 + batches.POINT_BYTES))
    board = Board(tmp_path, "fast")
    answer = board.binary("mean_images", run="long", stream="validation", step=list(range(40)))
    board.close()

    assert 10 == len(answer["steps"])
    assert 39 == answer["steps"][-1]
    [note] = answer["notes"]
    assert note == (
        "validation/output/mean_image has too many images to be read at once: 10 of 40 steps "
        "were read, the last one and others at random"
    )
    for step, image in zip(answer["steps"], answer["output"], strict=True):
        np.testing.assert_allclose(image, 0.25 * step / 40, atol=1e-3)


def test_a_picture_reads_its_own_side_once(tmp_path, serve, loader, monkeypatch):
    with MeanPixelWriter(tmp_path / "run", value_range=(0, 1)) as writer:
        writer.write(0, output=REFERENCE, reference=REFERENCE)
    board = serve(tmp_path, loader)
    asked, tensors = [], Experiment.tensors

    def counted(self, plugin, event_directories, dtypes, *arguments, **keywords):
        asked.extend(tag for tag in dtypes if tag.endswith("mean_image"))
        return tensors(self, plugin, event_directories, dtypes, *arguments, **keywords)

    monkeypatch.setattr(Experiment, "tensors", counted)
    for step in (5, 6, 7):
        board.get("mean_image.png", run="run", stream="validation", step=step)
    assert ["validation/output/mean_image"] == asked
    board.get("mean_image.png", run="run", stream="validation", side="reference", step=5)
    assert ["validation/output/mean_image", "validation/reference/mean_image"] == asked
