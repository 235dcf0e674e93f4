from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from support.strategies import histogram_tags, image_batches
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_SCALAR, DATA_CLASS_TENSOR
from tensorboard.util import tensor_util

from tb_meanpixel.schema import summary
from tb_meanpixel.schema.metadata import (
    SCALAR_SCORES,
    HistogramTag,
    LogTag,
    QuantilesTag,
    ScoreTag,
    StreamInfo,
    SumsTag,
)
from tb_meanpixel.schema.score_order import SCORE_ORDER
from tb_meanpixel.schema.serialization import parse
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
    """The values of the scores of a record of the stream `samples`, and the record's scores."""
    seen = record(channels, paired)
    stream = replace(STREAM, name="samples", channels=seen.channels)
    by_name = scores.scores(seen)
    return list(summary.score_values(by_name, stream)), by_name


def described(value):
    return parse(value.metadata.plugin_data.content)


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

    assert np.float32 == array.dtype
    assert (*histogram.cells.shape[:-1], 256 + 9) == array.shape
    np.testing.assert_array_equal(histogram.cells, decoded.cells[0])
    with np.errstate(over="ignore"):
        for name in ("mean", "std"):
            expected, found = getattr(histogram, name), getattr(decoded, name)[0]
            np.testing.assert_allclose(np.float32(expected), np.float32(found), rtol=3e-7)
    assert (0.0, 1.0, 256) == (decoded.low, decoded.high, decoded.bins)


def test_counts_that_float32_cannot_hold_are_float64_with_exact_sums():
    tag = HistogramTag(STREAM, "output", "pixels", 0.0, 1.0, 1)
    for count, dtype in [(2**24 - 1, np.float32), (2**24, np.float64), (2**53 - 1, np.float64)]:
        histogram = count_values(np.zeros((1, 1)), 0, 1, 1)
        histogram.cells[0, 1] = count
        histogram.sums[0], histogram.squares[0] = 1 / 3, 2 / 3
        array = summary.encode_histogram(histogram)

        assert dtype == array.dtype
        assert count == read(array, tag).cells[0, 0, 1]
        if dtype == np.float64:
            assert (1 / 3, 2 / 3) == (read(array, tag).sums[0, 0], read(array, tag).squares[0, 0])


def test_a_tensor_is_cells_then_moments_then_edges():
    histogram = count_values(np.array([-1.0, 0.5, np.nan]), 0, 1, 2)

    # underflow, two bins, overflow, NaN, +Inf, -Inf, mean, standard deviation, low, high
    assert [1, 0, 1, 0, 1, 0, 0, -0.25, 0.75, 0, 1] == summary.encode_histogram(histogram).tolist()


def test_of_no_finite_value_the_sums_are_zero():
    histogram = count_values(np.array([[np.nan], [np.inf]]), 0, 1, 2)
    tag = HistogramTag(STREAM, "output", "pixels", 0.0, 1.0, 2)
    decoded = read(summary.encode_histogram(histogram), tag)

    assert (0.0, 0.0, 2) == (decoded.sums[0, 0], decoded.squares[0, 0], decoded.total[0, 0])


@given(histogram_tags())
def test_a_tensor_must_have_the_shape_and_the_edges_of_its_metadata(tag):
    nothing = np.zeros((0, len(tag.stream.channels)))
    histogram = count_values(nothing, tag.low, tag.high, tag.bins)
    other_edges = replace(histogram, high=2 * abs(tag.high) + 1)

    assert read(summary.encode_histogram(histogram), tag)
    with np.errstate(over="ignore"):  # the limits of a range may be beyond float32
        differ = np.float32(other_edges.high) != np.float32(tag.high)
        assert differ != bool(read(summary.encode_histogram(other_edges), tag))
        assert not read(summary.encode_histogram(histogram)[:, 1:], tag)
        assert not read(summary.encode_histogram(histogram).astype("float16"), tag)


@pytest.mark.parametrize("side", ["output", "reference"])
def test_a_side_is_three_histograms(side):
    values = list(summary.histogram_values(record(1).output, STREAM, side, bins=8))

    assert [
        f"validation/{side}/mean_pixels",
        f"validation/{side}/contrasts",
        f"validation/{side}/pixels",
    ] == tags(values)
    for value in values:
        tag = parse(value.metadata.plugin_data.content)
        assert (STREAM, side, 8) == (tag.stream, tag.side, tag.bins)
        assert tag.tag == value.tag
        assert read(tensor_util.make_ndarray(value.tensor), tag)


def test_the_contrasts_have_edges_of_their_own():
    values = summary.histogram_values(record(1).output, STREAM, "output", bins=8)
    edges = [parse(value.metadata.plugin_data.content) for value in values]

    assert [(0.0, 1.0), (0.0, 0.5), (0.0, 1.0)] == [(tag.low, tag.high) for tag in edges]


def test_every_value_says_whose_it_is_and_of_which_class():
    histograms = list(summary.histogram_values(record(1).output, STREAM, "output", bins=8))
    logs = list(summary.log_values({"loss": 0.5}))

    table, *scalars = score_values(1)[0]

    values = [*histograms, table, *scalars, *logs]
    assert {"mean_pixel"} == {value.metadata.plugin_data.plugin_name for value in values}
    assert {DATA_CLASS_TENSOR} == {value.metadata.data_class for value in [*histograms, table]}
    assert {DATA_CLASS_SCALAR} == {value.metadata.data_class for value in [*scalars, *logs]}


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_all_scores_are_one_tensor_with_their_names(channels, paired):
    (table, *_), by_name = score_values(channels, paired)
    tag, values = described(table), tensor_util.make_ndarray(table.tensor)
    overall = scores.overall(by_name)

    assert ("samples/scores", np.float32) == (table.tag, values.dtype)
    assert (len(tag.names), len(tag.stream.channels)) == values.shape
    assert {*overall} == {*filter(None, tag.names)}
    for name, number in overall.items():
        row = values[tag.names.index(name)]
        expected = by_name[name][1:] if name in by_name else [np.nan] * (len(row) - 1)
        np.testing.assert_array_equal(np.float32([number, *expected]), row)
    assert {*overall} - {*by_name} == {*tag.overall_names}
    unused = [place for place, name in enumerate(tag.names) if not name]
    assert np.isnan(values[unused]).all()


def test_four_numbers_of_a_record_are_scalars_as_well():
    (_, *scalars), by_name = score_values(3)
    count = summary.count_value("samples", 7)
    overall = scores.overall(by_name)

    assert [f"samples/{name}" for name in ("output_mean", "bias", "drift")] == tags(scalars)
    for value, name in zip(scalars, SCALAR_SCORES, strict=True):
        assert ScoreTag("samples", name) == described(value)
        assert np.float32(overall[name]) == tensor_util.make_ndarray(value.tensor)
    assert ("samples/epochs_recorded", 7.0) == (count.tag, tensor_util.make_ndarray(count.tensor))


def test_every_score_has_a_place_of_its_own_in_the_tensor():
    grey, colour = (
        {name for paired in (False, True) for name in score_values(channels, paired)[1]}
        for channels in (1, 3)
    )

    assert len(set(SCORE_ORDER)) == len(SCORE_ORDER)
    assert not (grey | colour | {"color_cast"}) - {*SCORE_ORDER}
    # Files rest on this order: it may only grow at its end.
    assert ("output_mean", "bias", "non_finite", "drift_p") == tuple(
        SCORE_ORDER[place] for place in (0, 8, 19, 27)
    )


def test_quantiles_say_their_probabilities():
    quantiles = {"contrasts": np.array([[0.0, 0.5], [0.25, 1.0]])}
    [value] = summary.quantile_values(quantiles, [0.0, 0.75], STREAM, "reference")

    assert "validation/reference/contrasts_quantiles" == value.tag
    assert QuantilesTag(STREAM, "reference", "contrasts", (0.0, 0.75)) == described(value)
    stored = tensor_util.make_ndarray(value.tensor)
    assert (np.float32, quantiles["contrasts"].tolist()) == (stored.dtype, stored.tolist())


def test_sums_are_exact_and_one_tensor():
    sums = {"products": np.array([1e300, 2.0]), "flipped": np.array([3.0, 1 / 3])}
    stream = replace(STREAM, channels=("all", "red"))
    value = summary.sums_value(sums, stream)

    assert ("validation/sums", SumsTag(stream, ("products", "flipped"))) == (
        value.tag,
        described(value),
    )
    stored = tensor_util.make_ndarray(value.tensor)
    assert (np.float64, [[1e300, 2.0], [3.0, 1 / 3]]) == (stored.dtype, stored.tolist())


def test_logs_are_scalars_under_their_own_names():
    [value] = summary.log_values({"kl_loss": 0.1})

    assert "logs/kl_loss" == value.tag
    assert LogTag("kl_loss") == parse(value.metadata.plugin_data.content)
    assert np.float32(0.1) == tensor_util.make_ndarray(value.tensor)
