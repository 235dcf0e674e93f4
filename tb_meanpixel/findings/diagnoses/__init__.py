"""The diagnoses: a function for each thing that can be wrong with a stream.

Each takes the history of a stream and returns a finding or None, without regard
to the others: `findings.find` calls all of them and drops what another one explains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tb_meanpixel.findings.diagnoses.brightness import (
    brightness_drift,
    color_cast,
    saturation,
)
from tb_meanpixel.findings.diagnoses.change import drift, frozen, non_finite
from tb_meanpixel.findings.diagnoses.following import (
    ignored_inputs,
    inversion,
    mirrored,
    swapped_channels,
)
from tb_meanpixel.findings.diagnoses.modes import mode_gap
from tb_meanpixel.findings.diagnoses.ranges import wrong_range
from tb_meanpixel.findings.diagnoses.spread import (
    collapse,
    low_contrast,
    repeats,
    same_brightness,
)
from tb_meanpixel.findings.diagnoses.texture import bad_images, color_loss, noise, pattern
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.thresholds import Thresholds

Diagnose = Callable[[History, Thresholds], Finding | None]

DIAGNOSES: Mapping[str, Diagnose] = {
    "non_finite": non_finite,
    "wrong_range": wrong_range,
    "collapse": collapse,
    "repeats": repeats,
    "ignored_inputs": ignored_inputs,
    "mirrored": mirrored,
    "inversion": inversion,
    "swapped_channels": swapped_channels,
    "brightness_drift": brightness_drift,
    "same_brightness": same_brightness,
    "color_cast": color_cast,
    "color_loss": color_loss,
    "low_contrast": low_contrast,
    "saturation": saturation,
    "pattern": pattern,
    "noise": noise,
    "bad_images": bad_images,
    "mode_gap": mode_gap,
    "frozen": frozen,
    "drift": drift,
}
