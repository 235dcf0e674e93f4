"""What holds of the findings of any history."""

import dataclasses
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_meanpixel.findings import find
from tb_meanpixel.findings.history import History
from tb_meanpixel.statistics.value_range import ValueRange

NAMES = (
    *("bias", "drift", "output_mean", "output_std", "output_q01", "output_q99"),
    *("reference_mean", "reference_std", "reference_q01", "reference_q99", "color_cast"),
    *("pixel_spread_ratio", "brightness_spread_ratio", "contrast_ratio", "chroma_ratio"),
    *("below_range", "above_range", "at_low", "at_high", "non_finite", "bias_p", "cast_p"),
    *("reference_below_range", "reference_above_range", "reference_at_low", "reference_at_high"),
    *("excess_below", "excess_above", "reference_excess_below", "reference_excess_above"),
    *("pixel_correlation", "image_correlation", "reference_slope", "output_slope"),
    *("correlation_left_right", "correlation_upside_down", "sharpness", "pattern", "image_count"),
    *("bad_images", "reference_bad_images", "black_images", "white_images", "flat_images"),
)


@st.composite
def histories(draw):
    """Plateaus, ramps and jitter in every score; some are missing, some not finite."""
    count = draw(st.integers(1, 60))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    series = {}
    for name in NAMES:
        if draw(st.integers(0, 9)) == 0:
            continue
        levels = random.choice([0.0, 0.02, 0.1, 0.3, 0.6, 0.9, 1.0, -0.2], size=4)
        ends = np.sort(random.integers(0, count + 1, size=3))
        values = np.repeat(levels, np.diff(np.concatenate([[0], ends, [count]])))
        values = values + random.normal(0, random.choice([0.0, 0.003, 0.05]), count)
        if random.random() < 0.1:
            values[random.random(count) < 0.2] = np.nan
        series[name, ""] = values
    losses = {"val_loss": 1 / (1 + np.arange(count)) + random.normal(0, 0.01, count)}
    return History(
        stream="validation",
        paired=draw(st.booleans()),
        value_range=ValueRange(0.0, 1.0, "declared"),
        channels=("all",),
        image_count=256,
        steps=np.arange(count),
        scores=series,
        losses=losses if draw(st.booleans()) else {},
    )


def continued(history):
    """With a further record that is like the last one."""
    last = history.steps[-1] + 1
    return dataclasses.replace(
        history,
        steps=np.append(history.steps, last),
        scores={key: np.append(values, values[-1]) for key, values in history.scores.items()},
        losses={key: np.append(values, values[-1]) for key, values in history.losses.items()},
    )


@settings(max_examples=200)
@given(histories())
def test_sentences_hold_no_empty_numbers_and_findings_are_plain_json(history):
    found = find(history)

    for finding in found:
        text = f"{finding.sentence} {finding.look_at}"
        assert not re.search(r"\bnan\b|\binf\b|-0\.0+\b(?!\d)|  |\(\)", text), text
        assert finding.as_dict() == json.loads(json.dumps(finding.as_dict(), allow_nan=False))
        assert (finding.first_step, finding.last_step) == finding.episodes[0]
    assert len({finding.id for finding in found}) == len(found)


# What is judged by a state: a change from a band may end, and what has frozen may thaw.
STATES = {"collapse", "low_contrast", "brightness_drift", "saturation", "wrong_range", "inversion"}


@settings(max_examples=200)
@given(histories())
def test_a_further_record_like_the_last_takes_no_state_away(history):
    before = {finding.id for finding in find(history) if finding.state == "found"} & STATES
    after = find(continued(history))
    explained = {finding.id for finding in after}

    # It may be explained by another one that has become certain.
    assert before <= explained or explained - before


@pytest.mark.parametrize("scale", [0.01, 255.0])
def test_images_and_range_scaled_together_change_nothing(scale):
    count = 40
    bias = np.where(np.arange(count) > 20, 0.1, 0.001)

    def seen(scale):
        numbers = {"bias": bias, "drift": np.abs(bias), "output_mean": 0.5 + bias}
        scores = {(name, ""): values * scale for name, values in numbers.items()}
        scores |= {("bias_p", ""): np.zeros(count), ("image_count", ""): np.full(count, 64.0)}
        value_range = ValueRange(0.0, scale, "declared")
        return History("validation", True, value_range, ("all",), 64, np.arange(count), scores)

    one, other = find(seen(1.0)), find(seen(scale))
    assert "brightness_drift" in [finding.id for finding in one]
    assert [f.episodes for f in one] == [f.episodes for f in other]
