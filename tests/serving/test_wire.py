import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.boards import decode

from tb_meanpixel.findings.curves import Curve
from tb_meanpixel.schema.metadata import HistogramTag, MeanImageTag, ScoreTag, StreamInfo
from tb_meanpixel.serving.encoding import wire
from tb_meanpixel.serving.reading.histogram_series import (
    HistogramSeries,
    RunHistograms,
    smallest_counts,
)
from tb_meanpixel.serving.reading.runs import Catalog, Run, Steps, Stream
from tb_meanpixel.serving.reading.scalar_series import RunScalars, ScalarSeries
from tb_meanpixel.statistics.histogram import count_values
from tb_meanpixel.statistics.value_range import ValueRange

NAN, INF = np.nan, np.inf
INFO = StreamInfo("validation", True, ValueRange(0.0, 1.0, "data"), ("all",), 2, 3, 4, "00ff")
TAG = HistogramTag(INFO, "output", "pixels", 0.0, 1.0, 2)
IMAGE = MeanImageTag(INFO, "output", 2, 3)
SCORES = (ScoreTag("validation", "drift"), ScoreTag("validation", "bias", "red"))
STREAM = Stream(INFO, 2, Steps(1, 7, 3, 5), (TAG,), (IMAGE,), SCORES, lacks=("quantiles",))
CURVE = Curve("vae/train", "epoch_loss", "scalars", "loss", "train", 3, primary=True)
TRAINING = Run("vae", "vae/mean_pixel", "cafe", "ca", (STREAM,), (CURVE,), ("a note",))


def scalars(*values, first=0):
    steps = np.arange(first, first + len(values))
    return ScalarSeries(steps, 100.0 + steps, np.array(values, float))


def histograms(cells, tag=TAG, notes=()):
    """A series whose values are all 0.25 or -1."""
    cells = np.array(cells)
    steps = np.arange(len(cells))
    sums = cells[..., 1] * 0.25 - cells[..., 0]
    squares = cells[..., 1] * 0.0625 + cells[..., 0]
    return HistogramSeries(
        tag,
        steps,
        steps,
        100.0 + steps,
        smallest_counts(cells),
        sums.astype(float),
        squares.astype(float),
        notes,
    )


def sent(*series, name="vae"):
    one = RunHistograms(name, "validation", ["all"], series, "00ff")
    answer = decode(wire.encode_histograms([one], ["a note"]))
    assert ["a note"] == answer["notes"]
    [run] = answer["runs"]
    return {**answer, **run}


def test_the_catalog_lists_what_there_is():
    assert {
        "version": 1,
        "runs": [
            {
                "name": "vae",
                "event_directory": "vae/mean_pixel",
                "revision": "cafe",
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
                        "unit": "epoch",
                        "writer_version": "",
                        "lacks": ["quantiles"],
                        "quantities": ["pixels"],
                        "scores": ["bias", "drift"],
                        "loss": {"event_directory": "vae/train", "tag": "epoch_loss"},
                        "samples": 0,
                        "has_mean_images": True,
                        "steps": {"first": 1, "last": 7, "loaded": 3, "recorded": 5},
                    }
                ],
                "curves": [
                    {
                        "event_directory": "vae/train",
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
        "event_directories": ["vae/train", "vae/mean_pixel"],
        "notes": ["another"],
    } == json.loads(
        wire.encode_catalog(Catalog((TRAINING,), ("another",), ("vae/train", "vae/mean_pixel")))
    )


def test_scalars_are_sent_in_the_order_of_the_selection():
    scores = [(SCORES[0], scalars(1.0)), (SCORES[1], scalars(0.25, 0.5))]
    selected = RunScalars("vae", scores, [(CURVE, scalars(0.5))])
    [run] = json.loads(wire.encode_scalars([selected]))["runs"]

    assert ["drift", "bias"] == [score["name"] for score in run["scores"]]
    assert {
        "stream": "validation",
        "name": "bias",
        "channel": "red",
        "steps": [0, 1],
        "wall_times": [100.0, 101.0],
        "values": [0.25, 0.5],
    } == run["scores"][1]
    assert [
        {
            "event_directory": "vae/train",
            "tag": "epoch_loss",
            "steps": [0],
            "wall_times": [100.0],
            "values": [0.5],
        }
    ] == run["curves"]


def test_values_that_are_not_finite_are_null():
    selected = RunScalars("vae", [], [(CURVE, scalars(0.5, NAN, INF, -INF))])
    content = wire.encode_scalars([selected])

    assert [0.5, None, None, None] == json.loads(content)["runs"][0]["curves"][0]["values"]


def test_scalars_as_arrays_are_those_of_the_json():
    scores = [(SCORES[0], scalars(1.0, NAN)), (SCORES[1], scalars(0.25, INF))]
    selected = [RunScalars("vae", scores, [(CURVE, scalars(0.5, first=7))])]
    lists = json.loads(wire.encode_scalars(selected))["runs"][0]
    arrays = decode(wire.encode_scalars_binary(selected))["runs"][0]

    for one, other in zip(
        lists["scores"] + lists["curves"], arrays["scores"] + arrays["curves"], strict=True
    ):
        assert one["steps"] == other["steps"].tolist()
        assert one["wall_times"] == other["wall_times"].tolist()
        assert [NAN if v is None else v for v in one["values"]] == pytest.approx(
            other["values"].tolist(), nan_ok=True
        )


def test_equal_steps_are_stored_once():
    def size(*series):
        scores = [(SCORES[0], one) for one in series]
        return len(wire.encode_scalars_binary([RunScalars("vae", scores, [])]))

    values = np.zeros(1000)
    alone, twice = size(scalars(*values)), size(scalars(*values), scalars(*values))

    assert 4000 <= twice - alone < 4500  # the values, and a line of the header
    assert twice + 12000 <= size(scalars(*values), scalars(*values, first=1))


def test_steps_beyond_32_bits_are_exact():
    selected = RunScalars("vae", [], [(CURVE, scalars(0.5, first=3 << 40))])
    [curve] = decode(wire.encode_scalars_binary([selected]))["runs"][0]["curves"]

    assert [3 << 40] == curve["steps"].tolist()


@pytest.mark.parametrize(
    "maximum, dtype",
    [
        (0, "uint16"),
        (2**16 - 1, "uint16"),
        (2**16, "uint32"),
        (2**32 - 1, "uint32"),
        (2**32, "float64"),
        (2**53, "float64"),
    ],
)
def test_counts_are_sent_exactly_in_the_smallest_type(maximum, dtype):
    [series] = sent(histograms([[[0, maximum, 0, 0, 0, 0, 0]]]))["series"]

    assert dtype == series["cells"].dtype.name
    assert maximum == series["cells"][0, 0, 1]


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


def test_the_header_describes_run_stream_and_series():
    reference = HistogramTag(INFO, "reference", "pixels", 0.0, 1.0, 2)
    header = sent(
        histograms(np.ones((3, 1, 7), int), notes=("one", "two")),
        histograms(np.ones((1, 1, 7), int), reference, notes=("three",)),
    )

    names = ["version", "name", "stream", "channels", "extra_cells", "digest", "after"]
    assert [1, "vae", "validation", ["all"], 5, "00ff", None] == [header[name] for name in names]
    assert ["one", "two", "three"] == header["runs"][0]["notes"]
    assert [("output", [0, 1, 2]), ("reference", [0])] == [
        (series["side"], series["last_steps"]) for series in header["series"]
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
    tag = HistogramTag(INFO, "output", "pixels", 0.0, 1.0, 4)
    header = sent(*(histograms(cells, tag) for cells in arrays), name=name)

    assert name == header["name"]
    assert [cells.tolist() for cells in arrays] == [
        one["cells"].tolist() for one in header["series"]
    ]


def test_a_count_of_the_package_is_a_count_on_the_wire():
    h = count_values(np.array([[-1.0], [0.1], [0.9], [1.0], [2.0], [NAN], [INF], [-INF]]), 0, 1, 2)
    step, cells = np.array([0]), smallest_counts(h.cells[np.newaxis])
    sums, squares = h.sums[np.newaxis], h.squares[np.newaxis]
    series = HistogramSeries(TAG, step, step, np.array([100.0]), cells, sums, squares)

    # underflow, two bins, overflow, NaN, +Inf, -Inf
    assert [1, 1, 2, 1, 1, 1, 1] == sent(series)["series"][0]["cells"][0, 0].tolist()
