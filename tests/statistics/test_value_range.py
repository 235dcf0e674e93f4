import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.strategies import finite_elements, image_batches

from tb_meanpixel.statistics.value_range import (
    USUAL_RANGES,
    ValueRange,
    declaration,
    declared_range,
    infer_range,
    is_usual,
)

NAN, INF = np.nan, np.inf


def images(*pixels, dtype=float):
    """One grey image of these pixels."""
    return np.array(pixels, dtype).reshape(1, 1, -1, 1)


@pytest.mark.parametrize(
    "reference, expected",
    [
        # A usual range that is filled: something lies beyond a third of it.
        (images(0.0, 1.0), (0.0, 1.0, "data")),
        (images(0.2, 0.4), (0.0, 1.0, "data")),
        (images(-0.5, 0.5), (-1.0, 1.0, "data")),
        (images(0, 255, dtype=np.int32), (0.0, 255.0, "data")),
        (images(0.0, 86.0), (0.0, 255.0, "data")),
        (images(0.0, 40000.0), (0.0, 65535.0, "data")),
        (images(0, 255, dtype=np.uint8), (0.0, 255.0, "dtype")),
        (images(0, 65000, dtype=np.uint16), (0.0, 65535.0, "dtype")),
        (images(0, 255, dtype=np.uint16), (0.0, 255.0, "data")),
        # Masks are 0..1 whatever their type.
        (images(False, True, dtype=bool), (0.0, 1.0, "data")),
        (images(0, 1, dtype=np.uint8), (0.0, 1.0, "data")),
        (images(0, 1, dtype=np.uint16), (0.0, 1.0, "data")),
        (images(0, 1, dtype=np.int64), (0.0, 1.0, "data")),
        # Else the values' own ends, with some room, to round numbers.
        (images(0.0, 16.0), (0.0, 18.0, "data")),  # scikit-learn's digits
        (images(0, 16, dtype=np.uint8), (0.0, 18.0, "data")),
        (images(0, 85, dtype=np.uint8), (0.0, 95.0, "data")),
        (images(0, 4095, dtype=np.uint16), (0.0, 4600.0, "data")),  # 12 bits
        (images(0.0, 3.0), (0.0, 3.4, "data")),
        (images(0.0, 0.25), (0.0, 0.28, "data")),
        (images(-0.25, 1.0), (-0.4, 1.2, "data")),
        (images(-2.5, 3.0), (-3.5, 4.0, "data")),
        (images(-3.0, 0.0), (-3.4, 0.0, "data")),
        (images(1000.0, 1001.0), (999.9, 1001.1, "data")),
        (images(-1000.0, 2000.0), (-1400.0, 2400.0, "data")),
        # One value alone.
        (images(0.0, 0.0), (0.0, 1.0, "data")),
        (images(0, 0, dtype=np.uint8), (0.0, 1.0, "data")),
        (images(0.25, 0.25), (0.0, 1.0, "data")),
        (images(-0.25, -0.25), (-1.0, 1.0, "data")),
        (images(200, 200, dtype=np.uint8), (0.0, 255.0, "dtype")),
        (images(300.0, 300.0), (0.0, 340.0, "data")),
        (images(-300.0, -300.0), (-340.0, 0.0, "data")),
        (images(0.0, 1e-38), (0.0, 1.0, "data")),
        (images(0.5, NAN, INF, -INF), (0.0, 1.0, "data")),  # what is not finite has no say
        (images(0.0, 16.0, NAN, INF), (0.0, 18.0, "data")),
    ],
)
def test_the_range_is_a_usual_one_that_is_filled_or_the_values_own(reference, expected):
    assert expected == infer_range(reference)


def test_no_range_is_inferred_from_values_that_are_not_finite():
    with pytest.raises(ValueError, match=r"^x must hold finite values; all 3 are NaN or infinite$"):
        infer_range(images(NAN, INF, -INF), "x")


@given(image_batches(dtypes=(np.float32, np.uint8, np.int32)))
def test_an_inferred_range_holds_every_finite_value(batch):
    finite = batch[np.isfinite(batch)].astype(float)
    assume(finite.size and np.ptp(finite) < 1e36)  # wider ones are refused
    low, high, _ = infer_range(batch)

    assert low < high
    assert low <= finite.min() <= finite.max() <= high


@given(
    image_batches(dtypes=(np.float32, np.float64, np.uint8, np.int32), of=finite_elements),
)
def test_it_is_a_usual_one_or_hardly_wider_than_the_values(batch):
    inferred = infer_range(batch)
    least, greatest = float(batch.min()), float(batch.max())
    spread = greatest - least
    if spread <= 1e-5 * np.abs(batch.astype(float)).max():  # one value: up to 0
        spread = max(abs(least), abs(greatest))

    if is_usual(inferred):
        assert inferred[:2] in USUAL_RANGES
    else:
        assert 1.1 * spread * (1 - 1e-9) <= inferred.high - inferred.low <= 1.4 * spread
        assert (inferred.low < 0) == (least < 0)  # never across 0


@given(
    st.lists(st.integers(0, 1000), min_size=2, max_size=20),
    st.sampled_from([10.0**power for power in range(-6, 7)]),
)
def test_own_ends_follow_the_scale(numbers, scale):
    """A scale makes other numbers of the same images: the range is theirs as well."""
    assume(min(numbers) < max(numbers))
    batch = np.array(numbers, float).reshape(1, 1, -1, 1)
    of_batch, of_scaled = infer_range(batch), infer_range(batch * scale)
    assume(not is_usual(of_batch) and not is_usual(of_scaled))
    step = (max(numbers) - min(numbers)) / 10 * scale

    # Up to a step: rounding may put a number on the other side of one.
    assert of_scaled[:2] == pytest.approx(
        [limit * scale for limit in of_batch[:2]], abs=1.01 * step
    )


@given(image_batches(of=finite_elements, batch=3))
def test_neither_order_nor_repetition_nor_nan_changes_it(batch):
    again = np.concatenate([batch[::-1], batch])
    holed = again.astype(float)
    holed[0] = NAN  # the same image comes a second time

    assert infer_range(batch) == infer_range(again)
    assert infer_range(batch)[:2] == infer_range(holed)[:2]


def test_a_declaration_is_typed_as_the_values_end():
    digits = images(0, 16)

    assert "value_range=(0, 16)" == declaration(digits, infer_range(digits))
    assert "value_range=(0, 255)" == declaration(images(0, 200), infer_range(images(0, 200)))


@pytest.mark.parametrize("limits", [(0, 1), [0, 1], np.array([0, 1]), (0.0, np.float32(1))])
def test_a_declared_range_is_two_numbers(limits):
    assert (0.0, 1.0, "declared") == declared_range(limits)


def test_a_range_that_says_how_it_is_known_stays_as_it_is():
    inferred = ValueRange(-1.0, 1.0, "data")

    assert inferred is declared_range(inferred)


@pytest.mark.parametrize(
    "limits",
    [(1, 0), (1, 1), (0, NAN), (-INF, 1), (0,), (0, 1, 2), 255, "ab", ("a", "b"), (None, 1)],
)
def test_an_impossible_range_is_refused_with_a_sentence(limits):
    with pytest.raises(ValueError, match=r"^value_range must be two finite numbers \(low, high\)"):
        declared_range(limits)
