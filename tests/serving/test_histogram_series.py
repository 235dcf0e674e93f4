from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_meanpixel.schema.metadata import HistogramTag, QuantilesTag, StreamInfo
from tb_meanpixel.schema.summary import encode_histogram
from tb_meanpixel.serving.reading.histogram_series import (
    QUANTILES,
    decode_histograms,
    smallest_counts,
)
from tb_meanpixel.serving.reading.quantile_series import (
    UNDEFINED,
    QuantileSeries,
    decode_quantiles,
)
from tb_meanpixel.serving.reading.raw_series import RawSeries
from tb_meanpixel.statistics.histogram import count_values
from tb_meanpixel.statistics.value_range import ValueRange

UNIT = ValueRange(0.0, 1.0, "declared")
STREAM = StreamInfo("validation", True, UNIT, ("all",), 2, 2, 2, "00ff")
TAG = HistogramTag(STREAM, "output", "pixels", 0.0, 1.0, 4)


def series(*batches, steps=None):
    """What is read back of histograms of some values."""
    tensors = [
        encode_histogram(count_values(np.asarray(values)[:, np.newaxis], 0, 1, 4)).tobytes()
        for values in batches
    ]
    steps = np.arange(len(batches)) if steps is None else np.array(steps)
    return decode_histograms(TAG, RawSeries(steps, 100.0 + steps, tensors))


batches = st.lists(
    hnp.arrays(np.float64, st.integers(1, 8), elements=st.integers(-8, 24).map(lambda n: n / 16)),
    min_size=1,
    max_size=12,
)


@given(batches, st.integers(1, 14))
def test_a_column_is_the_histogram_of_all_its_steps(some, columns):
    summed = series(*some).summed(columns)

    assert min(columns, len(some)) == len(summed.steps)
    assert [0, len(some) - 1] == [summed.steps[0], summed.last_steps[-1]]
    assert (summed.steps[1:] == summed.last_steps[:-1] + 1).all()  # no step twice, none dropped
    for column, (first, last) in enumerate(zip(summed.steps, summed.last_steps, strict=True)):
        together = count_values(np.concatenate(some[first : last + 1]), 0, 1, 4)
        assert together.cells.tolist() == summed.cells[column, 0].tolist()
        assert pytest.approx(together.sums, rel=1e-6, abs=1e-6) == summed.sums[column, 0]
        assert pytest.approx(together.squares, rel=1e-6) == summed.squares[column, 0]
        assert 100.0 + last == summed.wall_times[column]


@given(batches)
def test_statistics_are_those_of_each_histogram_alone(some):
    mean, std, quantiles = series(*some).statistics

    for index, values in enumerate(some):
        alone = count_values(values, 0, 1, 4)
        assert np.float32(alone.mean) == mean[index, 0]
        assert np.float32(alone.std) == std[index, 0]
        np.testing.assert_array_equal(
            alone.quantile(QUANTILES).astype(np.float32), quantiles[index, 0]
        )


@pytest.mark.parametrize(
    "first, last, carry_forward, steps",
    [
        (None, None, False, [2, 4, 6]),
        (4, None, False, [4, 6]),
        (None, 4, False, [2, 4]),
        (3, 5, False, [4]),
        (7, None, False, []),
        (None, 1, False, []),
        (5, 4, False, []),
        (4, None, True, [4, 6]),
        (5, None, True, [4, 6]),
        (9, None, True, [6]),
        (1, None, True, [2, 4, 6]),
    ],
)
def test_steps_can_be_chosen(first, last, carry_forward, steps):
    chosen = series([0.1], [0.2], [0.3], steps=[2, 4, 6]).between(
        first, last, carry_forward=carry_forward
    )

    assert steps == chosen.steps.tolist() == chosen.last_steps.tolist()
    assert len(steps) == len(chosen.cells) == len(chosen.sums) == len(chosen.wall_times)


def test_statistics_of_a_part_are_those_of_the_whole():
    whole, fresh = series([0.1], [0.2], [0.3]), series([0.1], [0.2], [0.3])
    computed = whole.statistics
    parts = [(whole.between(1, None).channel(0), slice(1, 3)), (whole.at(np.array([2])), [2])]

    for part, index in parts:
        for array, of_whole in zip(part.statistics, computed, strict=True):
            np.testing.assert_array_equal(of_whole[index], array)
    for array, of_whole in zip(fresh.between(1, 1).statistics, computed, strict=True):
        np.testing.assert_array_equal(of_whole[1:2], array)


def test_the_identity_changes_with_any_step_and_with_the_edges():
    one = series([0.1], [0.2])

    assert one.identity == series([0.1], [0.2]).identity
    assert one.identity != series([0.1]).identity
    assert one.identity != series([0.1], [0.2], steps=[0, 2]).identity
    assert one.identity[:5] == ("output", "pixels", 0.0, 1.0, 4)


@pytest.mark.parametrize(
    "maximum, dtype",
    [(0, "u2"), (2**16 - 1, "u2"), (2**16, "u4"), (2**32 - 1, "u4"), (2**32, "u8"), (2**53, "u8")],
)
def test_counts_are_kept_in_the_smallest_type(maximum, dtype):
    counts = smallest_counts(np.array([0.0, maximum]))

    assert (np.dtype(dtype), maximum) == (counts.dtype, counts[1])


def test_sums_of_columns_do_not_wrap():
    histogram = count_values(np.zeros((0, 1)), 0, 1, 4)
    histogram.cells[0, 1] = 2**16 - 1
    tensors = [encode_histogram(histogram).tobytes()] * 3
    points = RawSeries(np.arange(3), np.zeros(3), tensors)

    assert 3 * (2**16 - 1) == decode_histograms(TAG, points).summed(1).cells[0, 0, 1]


def test_series_of_both_types_are_one():
    """As in a run of the first version that was resumed by this one."""
    histogram = count_values(np.array([[0.25], [0.75], [np.nan]]), 0, 1, 4)
    cells, rest = histogram.cells, [histogram.sums, histogram.squares, [0.0], [1.0]]
    exact = np.concatenate([cells[0], np.ravel(rest)]).astype("<f8")
    short = encode_histogram(histogram)
    contents = [exact.tobytes(), short.tobytes(), b"", exact.tobytes()]
    read = decode_histograms(TAG, RawSeries(np.arange(4), np.zeros(4), contents))

    assert [0, 1, 3] == read.steps.tolist()
    assert [cells.tolist()] * 3 == read.cells.tolist()
    assert [[1.0], [1.0], [1.0]] == read.sums.tolist()
    assert [[0.625], [0.625], [0.625]] == read.squares.tolist()
    assert read.notes[0].startswith("1 steps of validation/output/pixels were left out: ")


PROBABILITIES = (0.0, 0.05, 0.5, 0.95, 1.0)


def with_quantiles(values, *rows):
    """A series of histograms of some values, whose quantiles are rows of five; None for none."""
    tag = QuantilesTag(STREAM, "output", "mean_pixels", PROBABILITIES)
    steps = np.array([step for step, row in enumerate(rows) if row is not None])
    contents = [np.array(row, "<f4").tobytes() for row in rows if row is not None]
    histograms = series(*values)
    raw = RawSeries(steps, steps * 1.0, contents)
    quantiles, notes = decode_quantiles(tag, raw, histograms.steps)
    return replace(histograms, quantiles=quantiles, notes=notes)


THREAD = [0.5, 0.51, 0.52, 0.53, 0.54]  # all within one bin


def test_quantiles_are_those_that_were_recorded():
    read = with_quantiles([[0.5, 0.54]] * 2, THREAD, THREAD)

    assert "recorded" == read.quantile_source
    assert pytest.approx([0.51, 0.52, 0.53]) == read.statistics[2][1, 0]
    assert () == read.notes


def test_where_none_were_recorded_bins_stand_for_them():
    read = with_quantiles([[0.5, 0.54]] * 3, THREAD, None, THREAD)
    alone = series([0.5, 0.54])

    assert ("mixed", "binned") == (read.quantile_source, alone.quantile_source)
    assert pytest.approx([0.51, 0.52, 0.53]) == read.statistics[2][2, 0]
    assert alone.statistics[2][0].tolist() == read.statistics[2][1].tolist()


def test_of_no_finite_value_there_are_no_quantiles_to_record():
    read = with_quantiles([[0.5], [np.nan]], THREAD, [np.nan] * 5)

    assert "recorded" == read.quantile_source
    assert np.isnan(read.statistics[2][1]).all()


@pytest.mark.parametrize("row", [THREAD[::-1], THREAD[:4], [0, 1, 0, 1, 0]])
def test_what_are_no_quantiles_is_left_out_and_noted(row):
    read = with_quantiles([[0.5, 0.54]] * 2, row, THREAD)

    assert "mixed" == read.quantile_source
    [note] = read.notes
    assert note.startswith("1 steps of validation/output/mean_pixels_quantiles were left out: ")


def test_parts_of_a_series_keep_their_quantiles_and_sums_of_steps_have_none():
    read = with_quantiles([[0.5, 0.54]] * 4, THREAD, THREAD, np.array(THREAD) + 1, THREAD)

    assert pytest.approx(1.52) == read.between(2, 2).channel(0).statistics[2][0, 0, 1]
    assert pytest.approx(1.52) == read.at(np.array([3, 2])).quantiles.values[1, 0, 2]
    assert read.summed(4).quantiles is not None
    assert (None, "binned") == (read.summed(2).quantiles, read.summed(2).quantile_source)


@given(hnp.arrays(np.float32, (3, 2, 5), elements=st.floats(-(2.0**99), 2.0**99, width=32)))
@example(np.full((1, 1, 5), np.nan, np.float32))
@example(np.full((1, 1, 5), 0.25, np.float32))
def test_levels_are_within_half_a_step_of_their_values(values):
    values = np.array(values)
    values[0, 0, 0] = np.nan
    low, high, levels = QuantileSeries(PROBABILITIES, values).levels()
    read = low + levels.astype(float) * ((high - low) / 65534)

    assert "<u2" == levels.dtype.str
    assert (np.isnan(values) == (levels == UNDEFINED)).all()
    defined = ~np.isnan(values)
    assert (abs(read - values)[defined] <= (high - low) / 65534 * 0.5001).all()
