import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.strategies import (
    FLOATS,
    INTEGERS,
    finite_values,
    powers_of_two,
    probabilities,
    ranges,
    values,
)

from tb_meanpixel.statistics.histogram import (
    EXTRA_CELLS,
    Histogram,
    count_values,
    require_same_edges,
)
from tb_meanpixel.statistics.images import colour_count

NAN, INF = np.nan, np.inf


def same_moments(first, second):
    """Whether sums agree but for the rounding of another order of summation."""
    rounding = 1e-12 * np.sqrt(first.squares * first.finite)
    return bool(
        np.abs(first.sums - second.sums) <= rounding
        and np.abs(first.squares - second.squares) <= 1e-12 * first.squares
    )


@pytest.mark.parametrize(
    "value, cell",
    [
        (-INF, 8),
        (-0.1, 0),
        (-0.0, 1),
        (0.0, 1),
        (0.2, 1),
        (0.25, 2),
        (0.5, 3),
        (0.99, 4),
        (1.0, 4),
        (1.01, 5),
        (1e308, 5),
        (NAN, 6),
        (INF, 7),
    ],
)
def test_a_value_is_counted_in_one_cell(value, cell):
    # underflow | [0, .25) [.25, .5) [.5, .75) [.75, 1] | overflow | NaN | +Inf | -Inf
    expected = [0] * 9
    expected[cell] = 1

    assert expected == count_values(np.array([value]), 0, 1, 4).cells.tolist()


@pytest.mark.parametrize("dtype", [*FLOATS, *INTEGERS])
def test_every_type_is_counted_alike(dtype):
    h = count_values(np.array([0, 1, 1], dtype), 0, 1, 2)

    assert [0, 1, 2, 0, 0, 0, 0] == h.cells.tolist()
    assert np.int64 == h.cells.dtype
    assert (2.0, 2.0) == (h.sums, h.squares)


def test_columns_are_rows_of_their_own():
    h = count_values(np.array([[0.0, 0.9], [0.1, NAN]]), 0, 1, 2)

    assert [[0, 2, 0, 0, 0, 0, 0], [0, 0, 1, 0, 1, 0, 0]] == h.cells.tolist()
    assert [0.1, 0.9] == h.sums.tolist()


def test_no_values_are_an_empty_histogram():
    h = count_values(np.zeros(0), 0, 1, 2)

    assert 0 == h.total
    assert np.isnan([h.mean, h.std, *h.quantile([0.5])]).all()


def test_counts_beyond_a_chunk_are_exact():
    levels = np.arange(300_000) % 256

    assert count_values(levels.astype(np.uint8), 0, 255, 256).cells.tolist() == (
        count_values(levels.astype(np.float64), 0, 255, 256).cells.tolist()
    )


@given(values(), ranges, powers_of_two)
def test_nothing_is_dropped(x, limits, bins):
    h = count_values(x, *limits, bins)

    assert len(x) == h.total == h.finite + h.non_finite
    assert (h.cells >= 0).all()


@given(values(), ranges, powers_of_two)
def test_the_outer_cells_are_comparisons(x, limits, bins):
    low, high = limits
    h = count_values(x, low, high, bins)
    finite = x[np.isfinite(x)]
    if x.dtype == np.float16:  # counted as float32, which is nearer to limits such as 0.7
        finite = finite.astype(np.float32)

    assert (finite < low).sum() == h.underflow
    assert (finite > high).sum() == h.overflow
    assert ((low <= finite) & (finite <= high)).sum() == h.counts.sum()
    assert [np.isnan(x).sum(), (x == INF).sum(), (x == -INF).sum()] == h.cells[-3:].tolist()


@given(values(dtypes=FLOATS, max_size=200), ranges, powers_of_two)
def test_a_greater_value_is_in_no_lower_bin(x, limits, bins):
    finite = np.sort(x[np.isfinite(x)])
    cells = [
        count_values(finite[i : i + 1], *limits, bins).cells.argmax() for i in range(len(finite))
    ]

    assert sorted(cells) == cells


@given(finite_values(max_size=40), finite_values(max_size=40), ranges, powers_of_two)
def test_two_batches_add_up_to_both_together(a, b, limits, bins):
    together = count_values(np.concatenate([a, b]).astype(np.float64), *limits, bins)
    added = count_values(a.astype(np.float64), *limits, bins) + count_values(
        b.astype(np.float64), *limits, bins
    )

    assert together.cells.tolist() == added.cells.tolist()
    assert same_moments(together, added)


@given(finite_values(), ranges, st.randoms(use_true_random=False))
def test_the_order_of_values_does_not_matter(x, limits, random):
    shuffled = x[random.sample(range(len(x)), len(x))]
    first, second = count_values(x, *limits, 64), count_values(shuffled, *limits, 64)

    assert first.cells.tolist() == second.cells.tolist()
    assert same_moments(first, second)


@given(values(dtypes=(np.uint8,)), ranges, powers_of_two)
def test_the_short_cut_for_8_bit_images_changes_nothing(x, limits, bins):
    short, long = count_values(x, *limits, bins), count_values(x.astype(float), *limits, bins)

    assert short.cells.tolist() == long.cells.tolist()
    assert (short.sums, short.squares) == (long.sums, long.squares)


@given(values(dtypes=(np.float16,)), ranges, powers_of_two)
def test_half_precision_is_counted_as_single(x, limits, bins):
    half, single = count_values(x, *limits, bins), count_values(x.astype(np.float32), *limits, bins)

    assert half.cells.tolist() == single.cells.tolist()
    assert (half.sums, half.squares) == (single.sums, single.squares)


# 8-bit levels in other units, none of them within rounding of an inner bin edge.
LEVELS = st.lists(st.integers(0, 255), max_size=100).map(np.array)


@given(LEVELS, powers_of_two, st.sampled_from([np.float32, np.float64]))
def test_8_bit_levels_are_counted_as_numpy_counts_them(levels, bins, dtype):
    expected, edges = np.histogram(levels / 255, bins, (0, 1))
    h = count_values((levels / 255).astype(dtype), 0, 1, bins)

    assert expected.tolist() == h.counts.tolist()
    assert edges.tolist() == h.edges.tolist()


@given(st.lists(st.integers(-100, 1200), max_size=100), powers_of_two, st.sampled_from(FLOATS))
def test_values_on_the_edges_are_counted_as_numpy_counts_them(numbers, bins, dtype):
    x = np.array(numbers) / 1024  # sums of powers of two: no type rounds them
    expected, _ = np.histogram(x, bins, (0, 1))

    assert expected.tolist() == count_values(x.astype(dtype), 0, 1, bins).counts.tolist()


@given(values(), ranges, powers_of_two, powers_of_two)
def test_folding_keeps_what_is_known_of_the_values(x, limits, bins, factor):
    h = count_values(x, *limits, bins * factor)
    folded = h.rebin(bins)

    assert bins == folded.bins
    assert h.counts.sum() == folded.counts.sum()
    assert h.cells[[0, -4, -3, -2, -1]].tolist() == folded.cells[[0, -4, -3, -2, -1]].tolist()
    assert (h.low, h.high) == (folded.low, folded.high)
    np.testing.assert_array_equal([h.sums, h.squares], [folded.sums, folded.squares])


@given(st.lists(st.integers(-100, 1200), max_size=100), powers_of_two)
def test_folding_is_counting_in_fewer_bins(numbers, bins):
    x = np.array(numbers) / 1024

    assert count_values(x, 0, 1, bins).cells.tolist() == (
        count_values(x, 0, 1, 256).rebin(bins).cells.tolist()
    )


@given(values(), values(), ranges, powers_of_two)
def test_folding_commutes_with_adding(a, b, limits, bins):
    first, second = count_values(a, *limits, 256), count_values(b, *limits, 256)

    assert (first + second).rebin(bins).cells.tolist() == (
        (first.rebin(bins) + second.rebin(bins)).cells.tolist()
    )


@pytest.mark.parametrize("bins", [0, -1, 3, 8])
def test_bins_that_do_not_divide_are_refused(bins):
    with pytest.raises(ValueError, match=f"^bins must divide 4; got {bins}$"):
        count_values(np.zeros(1), 0, 1, 4).rebin(bins)


@pytest.mark.parametrize("other", [(0, 1, 8), (0, 2, 4), (-1, 1, 4)])
def test_histograms_with_other_edges_are_not_added(other):
    first, second = count_values(np.zeros(1), 0, 1, 4), count_values(np.zeros(1), *other)

    with pytest.raises(ValueError, match=r"must share \(low, high, bins\); got \(0\.0, 1\.0, 4\)"):
        first + second
    with pytest.raises(ValueError, match="must share"):
        require_same_edges(first, second)


@given(finite_values(min_size=1, max_size=100), ranges)
def test_mean_and_deviation_are_those_of_the_raw_values(x, limits):
    h = count_values(x, *limits, 4)
    exact = x.astype(np.float64)
    rms = np.sqrt(np.mean(exact**2))

    assert pytest.approx(exact.mean(), rel=0, abs=1e-12 * rms) == h.mean
    assert pytest.approx(exact.std(), rel=0, abs=2e-6 * rms) == h.std  # see Histogram.std


@given(finite_values(min_size=1), st.lists(st.sampled_from([NAN, INF, -INF]), max_size=5))
def test_non_finite_values_leave_the_moments_alone(x, others):
    x = x.astype(np.float64)
    clean, dirty = count_values(x, 0, 1, 4), count_values(np.append(x, others), 0, 1, 4)

    assert len(others) == dirty.non_finite
    assert same_moments(clean, dirty)


@given(st.floats(-300, 300, allow_subnormal=False), st.integers(1, 500), st.sampled_from(FLOATS))
def test_equal_values_have_no_deviation(value, count, dtype):
    assert 0.0 == count_values(np.full(count, value, dtype), 0, 1, 4).std


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.7, 1e-3, 254.9])
@pytest.mark.parametrize("shape", [(1_000_000,), (500_000, 3)], ids=["grey", "rgb"])
def test_a_million_equal_values_have_no_deviation(value, shape):
    assert not count_values(np.full(shape, value), 0, 1, 4).std.any()


@given(finite_values(min_size=1, max_size=100), ranges, powers_of_two, probabilities)
def test_a_quantile_is_within_a_bin_of_the_exact_one(x, limits, bins, at):
    h = count_values(x, *limits, bins)
    exact = np.quantile(x.astype(np.float64), at, method="inverted_cdf")

    assert (np.abs(h.quantile(at) - np.clip(exact, *limits)) <= h.width * (1 + 1e-6)).all()


@given(values(min_size=1), ranges, powers_of_two, probabilities)
def test_quantiles_rise_with_their_probabilities(x, limits, bins, at):
    assume(np.isfinite(x).any())
    quantiles = count_values(x, *limits, bins).quantile(sorted(at))

    assert (np.diff(quantiles) >= 0).all()
    assert limits[0] <= quantiles[0]
    assert quantiles[-1] <= limits[1]


@pytest.mark.parametrize(
    "numbers, expected",
    [
        ([0.0, 0.25, 0.5, 0.75], [0.0, 0.5, 1.0]),
        ([-5.0], [0.0, 0.0, 0.0]),
        ([5.0], [1.0, 1.0, 1.0]),
        ([-5.0, 5.0], [0.0, 0.0, 1.0]),
        ([NAN, INF], [NAN, NAN, NAN]),
    ],
)
def test_quantiles_at_0_half_and_1(numbers, expected):
    quantiles = count_values(np.array(numbers), 0, 1, 4).quantile([0, 0.5, 1])

    np.testing.assert_allclose(quantiles, expected, atol=1e-300)


def test_sums_too_great_for_a_float_are_no_error():
    huge = count_values(np.array([1e308]), 0, 1, 4)

    assert 2 == (huge + huge).overflow
    assert INF == (huge + huge).mean


@given(st.integers(1, 4), finite_values(min_size=4, max_size=40))
def test_the_total_row_counts_all_rows_together(rows, x):
    columns = x[: len(x) // rows * rows].reshape(-1, rows)
    h = count_values(columns, 0, 1, 8).with_all()
    together = count_values(columns[:, : colour_count(rows)].ravel(), 0, 1, 8)
    several = rows > 1

    assert (rows + several, 8 + EXTRA_CELLS) == h.cells.shape
    assert together.cells.tolist() == h.cells[0].tolist()
    assert pytest.approx(h.mean[0], rel=1e-9, abs=1e-9) == together.mean


def test_rows_and_steps_are_computed_alike():
    cells = np.array([[[0, 1, 1, 0, 0, 0, 0]], [[0, 0, 2, 0, 1, 0, 0]]])  # (steps, rows, cells)
    h = Histogram(
        0.0, 1.0, cells, sums=np.array([[0.5], [1.5]]), squares=np.array([[0.25], [1.25]])
    )

    assert [[2], [2]] == h.finite.tolist()
    assert [[0], [1]] == h.non_finite.tolist()
    assert [[0.25], [0.75]] == h.mean.tolist()
    assert [[0.25], [0.25]] == h.std.tolist()
    assert (2, 1, 3) == h.quantile([0.25, 0.5, 0.75]).shape


def test_bins_and_edges_follow_from_the_range():
    h = count_values(np.zeros(1), -1, 1, 4)

    assert (4, 0.5) == (h.bins, h.width)
    assert [-1.0, -0.5, 0.0, 0.5, 1.0] == h.edges.tolist()
