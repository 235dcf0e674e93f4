import numpy as np
import pytest
from hypothesis import assume, given
from support.strategies import image_batches

from tb_meanpixel.statistics.value_range import ValueRange, declared_range, infer_range

NAN, INF = np.nan, np.inf


def images(*pixels, dtype=float):
    """One grey image of these pixels."""
    return np.array(pixels, dtype).reshape(1, 1, -1, 1)


@pytest.mark.parametrize(
    "reference, expected",
    [
        (images(0, 7, dtype=np.uint8), (0.0, 255.0, "dtype")),
        (images(0, 7, dtype=np.uint16), (0.0, 65535.0, "dtype")),
        (images(False, True, dtype=bool), (0.0, 1.0, "data")),
        (images(0, 1, dtype=np.int64), (0.0, 1.0, "data")),
        (images(0, 255, dtype=np.int32), (0.0, 255.0, "data")),
        (images(0.0, 1.0), (0.0, 1.0, "data")),
        (images(0.2, 0.3), (0.0, 1.0, "data")),
        (images(-0.5, 0.25), (-1.0, 1.0, "data")),
        (images(0.0, 1.5), (0.0, 255.0, "data")),
        (images(-2.5, 3.0), (-2.5, 3.0, "data")),
        (images(0.0, 256.0), (0.0, 256.0, "data")),
        (images(300.0, 300.0), (299.5, 300.5, "data")),
        (images(0.5, NAN, INF, -INF), (0.0, 1.0, "data")),  # what is not finite has no say
    ],
)
def test_the_range_is_the_first_usual_one_that_holds_the_values(reference, expected):
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
