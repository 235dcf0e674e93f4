"""The diagnoses: a function for each thing that can be wrong with a stream.

Each takes the history of a stream and returns a finding or None, without regard
to the others: `findings.find` calls all of them and drops what another one explains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tb_meanpixel.findings.diagnoses.brightness import (
    brightness_drift,
    color_cast,
    inversion,
    saturation,
)
from tb_meanpixel.findings.diagnoses.change import drift, frozen, non_finite
from tb_meanpixel.findings.diagnoses.ranges import wrong_range
from tb_meanpixel.findings.diagnoses.spread import collapse, contrast_loss
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.thresholds import Thresholds

Diagnose = Callable[[History, Thresholds], Finding | None]

DIAGNOSES: Mapping[str, Diagnose] = {
    "non_finite": non_finite,
    "wrong_range": wrong_range,
    "collapse": collapse,
    "inversion": inversion,
    "brightness_drift": brightness_drift,
    "color_cast": color_cast,
    "contrast_loss": contrast_loss,
    "saturation": saturation,
    "frozen": frozen,
    "drift": drift,
}
