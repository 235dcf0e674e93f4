import json

import numpy as np
import pytest
from boards import decode_histograms
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_meanpixel import wire
from tb_meanpixel.histogram import Histogram, count_values
from tb_meanpixel.images import ValueRange
from tb_meanpixel.metadata import HistogramTag, ScoreTag, StreamInfo
from tb_meanpixel.reader import Curve, HistogramSeries, ScalarSeries, Stream, Training

NAN, INF = np.nan, np.inf
INFO = StreamInfo("validation", True, ValueRange(0.0, 1.0, "data"), ("all",), 2, 3, 4, "00ff")
TAG = HistogramTag(INFO, "output", "pixels", 0.0, 1.0, 2)
SCORES = (ScoreTag("validation", "drift"), ScoreTag("validation", "bias", "red"))
STREAM = Stream(INFO, 2, 7, (TAG,), SCORES)
CURVE = Curve("vae/train", "epoch_loss", "scalars", "loss", "train", 3, primary=True)
TRAINING = Training("vae", "vae/mean_pixel", (STREAM,), (CURVE,), ("a note",))


def scalars(*values):
    steps = np.arange(len(values))
    return ScalarSeries(steps, 100.0 + steps, np.array(values, float))


def histograms(cells, tag=TAG, notes=()):
    """A series whose values are all 0.25 or -1."""
    cells = np.array(cells)
    steps = np.arange(len(cells))
    sums = cells[..., 1] * 0.25 - cells[..., 0]
    squares = cells[..., 1] * 0.0625 + cells[..., 0]
    histogram = Histogram(0.0, 1.0, cells, sums.astype(float), squares.astype(float))
    return HistogramSeries(tag, steps, 100.0 + steps, histogram, notes)


def sent(*series):
    return decode_histograms(wire.encode_histograms(TRAINING, STREAM, series))


def test_the_listing_says_what_there_is():
    assert {
        "version": 1,
        "trainings": [
            {
                "name": "vae",
                "run": "vae/mean_pixel",
                "streams": [
                    {
                        "name": "validation",
                        "paired": True,
                        "value_range": {"low": 0.0, "high": 1.0, "source": "data"},
                        "channels": ["all"],
                        "height": 2,
                        "width": 3,
                        "bins": 2,
                        "reference_count": 4,
                        "reference_hash": "00ff",
                        "quantities": ["pixels"],
                        "statistics": ["bias", "drift"],
                        "last_step": 7,
                    }
                ],
                "curves": [
                    {
                        "run": "vae/train",
                        "tag": "epoch_loss",
                        "name": "loss",
                        "split": "train",
                        "primary": True,
                        "last_step": 3,
                    }
                ],
                "notes": ["a note"],
            }
        ],
    } == json.loads(wire.encode_trainings([TRAINING]))


def test_scalars_are_sent_in_the_order_asked_for():
    series = {
        CURVE.key: scalars(0.5),
        TRAINING.score_key(SCORES[1]): scalars(0.25, 0.5),
        TRAINING.score_key(SCORES[0]): scalars(1.0),
    }
    [training] = json.loads(wire.encode_scalars([(TRAINING, SCORES, [CURVE])], series))["trainings"]

    assert ["drift", "bias"] == [score["statistic"] for score in training["scores"]]
    assert {
        "stream": "validation",
        "statistic": "bias",
        "channel": "red",
        "steps": [0, 1],
        "wall_times": [100.0, 101.0],
        "values": [0.25, 0.5],
    } == training["scores"][1]
    assert [
        {
            "run": "vae/train",
            "tag": "epoch_loss",
            "steps": [0],
            "wall_times": [100.0],
            "values": [0.5],
        }
    ] == training["curves"]


def test_a_series_that_was_not_found_is_left_out():
    sent_scalars = json.loads(wire.encode_scalars([(TRAINING, SCORES, [CURVE])], {}))

    assert [{"name": "vae", "scores": [], "curves": []}] == sent_scalars["trainings"]


def test_values_that_are_not_finite_are_null():
    series = {CURVE.key: scalars(0.5, NAN, INF, -INF)}
    content = wire.encode_scalars([(TRAINING, (), [CURVE])], series)

    assert [0.5, None, None, None] == json.loads(content)["trainings"][0]["curves"][0]["values"]


@pytest.mark.parametrize(
    "greatest, dtype",
    [
        (0, "uint16"),
        (2**16 - 1, "uint16"),
        (2**16, "uint32"),
        (2**32 - 1, "uint32"),
        (2**32, "float64"),
        (2**53, "float64"),
    ],
)
def test_counts_are_sent_exactly_in_the_smallest_type(greatest, dtype):
    [series] = sent(histograms([[[0, greatest, 0, 0, 0, 0, 0]]]))["series"]

    assert dtype == series["cells"].dtype.name
    assert greatest == series["cells"][0, 0, 1]


def test_no_steps_are_arrays_without_elements():
    [series] = sent(histograms(np.zeros((0, 1, 7), int)))["series"]

    assert [] == series["steps"]
    assert [(0, 1, 7), (0, 1), (0, 1), (0, 1, 3)] == [
        series[name].shape for name in ("cells", "mean", "std", "quantile_values")
    ]


def test_no_series_are_a_header_alone():
    assert [] == sent()["series"]


def test_moments_are_computed_from_the_exact_sums():
    cells = [[[0, 4, 0, 0, 9, 0, 0]], [[4, 4, 0, 0, 0, 0, 0]], [[0, 0, 0, 0, 5, 0, 0]]]
    [series] = sent(histograms(cells))["series"]

    np.testing.assert_array_equal([[0.25], [-0.375], [NAN]], series["mean"])
    np.testing.assert_array_equal([[0.0], [0.625], [NAN]], series["std"])
    assert ["float32"] * 3 == [
        series[name].dtype.name for name in ("mean", "std", "quantile_values")
    ]


def test_quantiles_are_those_of_the_histogram():
    header = sent(histograms([[[0, 2, 2, 0, 0, 0, 0]]]))

    assert [0.05, 0.5, 0.95] == header["quantiles"]
    assert pytest.approx([0.05, 0.5, 0.95]) == header["series"][0]["quantile_values"][0, 0].tolist()


def test_the_header_describes_training_stream_and_series():
    reference = HistogramTag(INFO, "reference", "pixels", 0.0, 1.0, 2)
    header = sent(
        histograms(np.ones((3, 1, 7), int), notes=("one", "two")),
        histograms(np.ones((1, 1, 7), int), reference, notes=("three",)),
    )

    assert (1, "vae", "validation", ["all"], 5) == tuple(
        header[key] for key in ("version", "training", "stream", "channels", "extra_cells")
    )
    assert ["one", "two", "three"] == header["notes"]
    assert [("output", [0, 1, 2]), ("reference", [0])] == [
        (series["side"], series["steps"]) for series in header["series"]
    ]
    assert [100.0, 101.0, 102.0] == header["series"][0]["wall_times"]


@given(
    st.lists(
        hnp.arrays(
            np.int64,
            st.tuples(st.integers(0, 4), st.integers(1, 4), st.just(9)),
            elements=st.integers(0, 1 << 34),
        ),
        max_size=3,
    ),
    st.text(max_size=9),
)
def test_decoding_is_the_inverse_of_encoding(arrays, name):
    training = Training(name, "run", (STREAM,), ())
    tag = HistogramTag(INFO, "output", "pixels", 0.0, 1.0, 4)
    series = [histograms(cells, tag) for cells in arrays]
    header = decode_histograms(wire.encode_histograms(training, STREAM, series))

    assert name == header["training"]
    assert [cells.tolist() for cells in arrays] == [
        one["cells"].tolist() for one in header["series"]
    ]


def test_a_count_of_the_package_is_a_count_on_the_wire():
    h = count_values(np.array([[-1.0], [0.1], [0.9], [1.0], [2.0], [NAN], [INF], [-INF]]), 0, 1, 2)
    series = HistogramSeries(
        TAG,
        np.array([0]),
        np.array([100.0]),
        Histogram(0.0, 1.0, h.cells[np.newaxis], h.sums[np.newaxis], h.squares[np.newaxis]),
    )

    # underflow, two bins, overflow, NaN, +Inf, -Inf
    assert [1, 1, 2, 1, 1, 1, 1] == sent(series)["series"][0]["cells"][0, 0].tolist()
