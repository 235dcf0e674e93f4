from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from support.strategies import histogram_tags, image_batches
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_SCALAR, DATA_CLASS_TENSOR
from tensorboard.util import tensor_util

from tb_meanpixel.schema import metadata, summary
from tb_meanpixel.schema.metadata import HistogramTag, LogTag, StreamInfo
from tb_meanpixel.serving.reading.histogram_series import decode_histograms
from tb_meanpixel.serving.reading.raw_series import RawSeries
from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.histogram import count_values
from tb_meanpixel.statistics.image_statistics import measure_images
from tb_meanpixel.statistics.images import channel_names
from tb_meanpixel.statistics.mean_pixel import image_means
from tb_meanpixel.statistics.record import PairSums, Record
from tb_meanpixel.statistics.value_range import ValueRange

UNIT = ValueRange(0.0, 1.0, "declared")
STREAM = StreamInfo("validation", True, UNIT, ("all",), 2, 2, 3, "0123456789abcdef")


def record(channels, paired=False):
    images = np.linspace(0, 1, 3 * 2 * 2 * channels).reshape(3, 2, 2, channels)
    means = image_means(images)
    pairs = PairSums.of(means, means) if paired else None
    return Record(measure_images(images, UNIT), measure_images(images, UNIT), pairs)


def score_values(channels, paired=False):
    """The values of the scores of a record of the stream `samples`."""
    seen = record(channels, paired)
    return list(summary.score_values(scores.scores(seen), seen.channels, "samples"))


def tags(values):
    return [value.tag for value in values]


def read(array, tag):
    """The histogram that is read from a tensor; None if it is left out."""
    raw = RawSeries(np.zeros(1, np.int64), np.zeros(1), [array.tobytes()])
    series = decode_histograms(tag, raw)
    return series.histogram if len(series.steps) else None


@given(image_batches(dtypes=(np.float32, np.uint8)))
def test_decoding_is_the_inverse_of_encoding(batch):
    histogram = measure_images(batch, UNIT).pixels
    array = summary.encode_histogram(histogram)
    stream = replace(STREAM, channels=channel_names(batch.shape[-1]))
    decoded = read(array, HistogramTag(stream, "output", "pixels", 0.0, 1.0, 256))

    assert np.float64 == array.dtype
    assert (*histogram.cells.shape[:-1], 256 + 9) == array.shape
    np.testing.assert_array_equal(histogram.cells, decoded.cells[0])
    np.testing.assert_array_equal(histogram.sums, decoded.sums[0])
    np.testing.assert_array_equal(histogram.squares, decoded.squares[0])
    assert (0.0, 1.0, 256) == (decoded.low, decoded.high, decoded.bins)


def test_counts_are_exact_up_to_2_to_the_53():
    histogram = count_values(np.zeros((1, 1)), 0, 1, 1)
    histogram.cells[0, 1] = 2**53 - 1
    tag = HistogramTag(STREAM, "output", "pixels", 0.0, 1.0, 1)
    decoded = read(summary.encode_histogram(histogram), tag)

    assert 2**53 - 1 == decoded.cells[0, 0, 1]


def test_a_tensor_is_cells_then_sums_then_edges():
    histogram = count_values(np.array([-1.0, 0.5, np.nan]), 0, 1, 2)

    # underflow, two bins, overflow, NaN, +Inf, -Inf, sum, sum of squares, low, high
    assert [1, 0, 1, 0, 1, 0, 0, -0.5, 1.25, 0, 1] == summary.encode_histogram(histogram).tolist()


@given(histogram_tags())
def test_a_tensor_must_have_the_shape_and_the_edges_of_its_metadata(tag):
    nothing = np.zeros((0, len(tag.stream.channels)))
    histogram = count_values(nothing, tag.low, tag.high, tag.bins)
    other_edges = replace(histogram, high=2 * abs(tag.high) + 1)

    assert read(summary.encode_histogram(histogram), tag)
    assert not read(summary.encode_histogram(other_edges), tag)
    assert not read(summary.encode_histogram(histogram)[:, 1:], tag)
    with np.errstate(over="ignore"):  # the limits of a range may be beyond float32
        assert not read(summary.encode_histogram(histogram).astype("float32"), tag)


@pytest.mark.parametrize("side", ["output", "reference"])
def test_a_side_is_three_histograms(side):
    values = list(summary.histogram_values(record(1).output, STREAM, side, bins=8))

    assert [
        f"validation/{side}/mean_pixels",
        f"validation/{side}/contrasts",
        f"validation/{side}/pixels",
    ] == tags(values)
    for value in values:
        tag = metadata.parse(value.metadata.plugin_data.content)
        assert (STREAM, side, 8) == (tag.stream, tag.side, tag.bins)
        assert tag.tag == value.tag
        assert read(tensor_util.make_ndarray(value.tensor), tag)


def test_the_contrasts_have_edges_of_their_own():
    values = summary.histogram_values(record(1).output, STREAM, "output", bins=8)
    edges = [metadata.parse(value.metadata.plugin_data.content) for value in values]

    assert [(0.0, 1.0), (0.0, 0.5), (0.0, 1.0)] == [(tag.low, tag.high) for tag in edges]


def test_every_value_says_whose_it_is_and_of_which_class():
    histograms = list(summary.histogram_values(record(1).output, STREAM, "output", bins=8))
    logs = list(summary.log_values({"loss": 0.5}))

    assert {"mean_pixel"} == {
        value.metadata.plugin_data.plugin_name for value in [*histograms, *score_values(1), *logs]
    }
    assert {DATA_CLASS_TENSOR} == {value.metadata.data_class for value in histograms}
    assert {DATA_CLASS_SCALAR} == {value.metadata.data_class for value in [*score_values(1), *logs]}


SCORES = {
    *(f"{side}_{of}" for side in ("output", "reference") for of in ("mean", "std", "q01", "q99")),
    *(f"reference_{of}" for of in ("below_range", "above_range", "at_low", "at_high")),
    "bias",
    "drift",
    "drift_means",
    "contrast_ratio",
    "brightness_spread_ratio",
    "pixel_spread_ratio",
    "below_range",
    "above_range",
    "at_low",
    "at_high",
    "non_finite",
}


@pytest.mark.parametrize(
    "paired, expected", [(False, SCORES), (True, {*SCORES, "correlation", "paired_t"})]
)
def test_grey_images_have_overall_scores_only(paired, expected):
    assert sorted(f"samples/{name}" for name in expected) == sorted(tags(score_values(1, paired)))


def test_colour_images_have_a_score_for_each_channel_too():
    colors = ("red", "green", "blue")

    assert sorted(
        [
            *(f"samples/{name}" for name in [*SCORES, "color_cast"]),
            *(f"samples/{name}/{color}" for color in colors for name in SCORES),
        ]
    ) == sorted(tags(score_values(3)))


def test_the_tag_of_a_score_is_that_of_its_metadata():
    for value in score_values(3):
        assert value.tag == metadata.parse(value.metadata.plugin_data.content).tag


def test_logs_are_scalars_under_their_own_names():
    [value] = summary.log_values({"kl_loss": 0.1})

    assert "logs/kl_loss" == value.tag
    assert LogTag("kl_loss") == metadata.parse(value.metadata.plugin_data.content)
    assert np.float32(0.1) == tensor_util.make_ndarray(value.tensor)
