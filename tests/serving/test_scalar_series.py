import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tb_meanpixel.serving.reading.scalar_series import ScalarSeries


def test_scalars_can_be_cut_at_either_end():
    scalars = ScalarSeries(np.array([1, 3, 5]), np.zeros(3), np.array([0.1, 0.2, 0.3]))

    assert [1, 3] == scalars.until(4).steps.tolist()
    assert [0.3] == scalars.after(3).values.tolist()
    assert [1, 3, 5] == scalars.after(None).steps.tolist()


def test_few_points_of_scalars_keep_the_maximum_and_the_last():
    values = np.array([1.0, np.nan, 9.0, 2.0, np.nan, np.nan, 3.0, 0.5])
    scalars = ScalarSeries(np.arange(8) * 10, np.arange(8) + 100.0, values)
    few = scalars.downsampled(4)

    assert [20, 30, 60, 70] == few.steps.tolist()
    assert [9.0, 2.0, 3.0, 0.5] == few.values.tolist()
    assert [102.0, 103.0, 106.0, 107.0] == few.wall_times.tolist()
    assert scalars is scalars.downsampled(8)
    assert scalars is scalars.downsampled(None)


@given(st.lists(st.floats(allow_nan=True)), st.integers(2, 20))
def test_few_points_are_points_of_the_series(values, max_points):
    series = ScalarSeries(np.arange(len(values)), np.zeros(len(values)), np.array(values))
    few = series.downsampled(max_points)

    assert len(few.steps) <= max_points
    assert np.all(np.diff(few.steps) > 0)
    np.testing.assert_equal(few.values, series.values[few.steps])
    np.testing.assert_equal(few.values[-1:], series.values[-1:])
    if not np.isnan(values).all():
        assert np.nanmax(few.values) == np.nanmax(values)
