import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_meanpixel.findings.onset import DEFAULT_BAND, Onset, onset

FLOOR = 1 / 255
series = hnp.arrays(np.float64, st.integers(0, 80), elements=st.floats(0, 10, width=32))


def decaying(epochs=60, seed=0):
    """What a score does while a model learns: it falls, then jitters."""
    noise = np.random.default_rng(seed).normal(0, 0.01, epochs)
    return 0.5 * np.exp(-np.arange(epochs) / 5) + 0.1 + noise


def test_a_lasting_step_is_found_where_it_begins():
    values = decaying()
    values[40:] += 0.1

    found = onset(values, FLOOR)

    assert 40 == found.start
    assert 40 <= found.alarm <= 42


def test_a_ramp_is_found_and_dated_late_rather_than_early():
    values = decaying()
    values[30:] += 0.01 * np.arange(30)

    found = onset(values, FLOOR)

    assert 30 <= found.start <= 38
    assert found.alarm < 45


@pytest.mark.parametrize("seed", range(20))
def test_a_score_that_only_falls_and_jitters_never_left_its_band(seed):
    values = decaying(seed=seed)

    assert [] == [known for known in range(61) if onset(values[:known], FLOOR)]


def test_one_bad_epoch_is_an_accident():
    values = decaying()
    values[40] += 0.1

    assert onset(values, FLOOR) is None


def test_what_nobody_can_see_is_no_change():
    values = np.r_[np.zeros(30), np.full(30, FLOOR)]

    assert onset(values, FLOOR) is None
    assert Onset(30, 30) == onset(values, FLOOR / 100)


@pytest.mark.parametrize("epochs", range(9))
def test_a_few_epochs_say_nothing(epochs):
    assert onset(np.arange(epochs, dtype=float), FLOOR) is None


def test_ten_epochs_are_enough_for_a_plain_step():
    assert Onset(6, 6) == onset(np.array([0.0] * 6 + [1.0] * 4), FLOOR)


def test_epochs_without_a_number_are_passed_over():
    values = np.r_[np.zeros(20), np.nan, np.nan, np.ones(8)]

    assert Onset(22, 22) == onset(values, FLOOR)


def test_the_band_is_the_callers():
    values = decaying()
    values[40:] += 0.1

    assert onset(values, FLOOR, dataclasses.replace(DEFAULT_BAND, alarm=1e6)) is None


@given(series)
def test_the_start_lies_before_the_alarm_and_both_in_the_series(values):
    found = onset(values, FLOOR)

    assert found is None or 0 < found.start <= found.alarm < len(values)


@given(st.integers(-64, 64), st.sampled_from([0.25, 1.0, 4.0]))
def test_neither_the_level_nor_the_unit_matters(shift, unit):
    values = np.round(decaying() * 256) / 256  # so that shifting and scaling are exact
    values[40:] += 0.125

    assert onset(values, FLOOR) == onset((values + shift / 64) * unit, FLOOR * unit)
