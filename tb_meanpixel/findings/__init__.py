"""From the history of a stream to findings: what went wrong, since when, and how we know.

Synopsis:

    for run in tb_meanpixel.read("logs"):
        for history in run.histories:
            for finding in find(history, Thresholds(bias=0.05)):
                print(finding.sentence)

`diagnoses/` has a function for each finding, `thresholds.py` the levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tb_meanpixel.findings.diagnoses import DIAGNOSES
from tb_meanpixel.findings.diagnoses.ranges import affine_range
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.thresholds import DEFAULT, Thresholds

#: Every id that a finding can have.
IDS = (*DIAGNOSES, "loss_hides_drift")
#: Scores that findings need of each channel; of all others the overall score is enough.
CHANNEL_SCORES = frozenset(
    {
        *("bias", "bias_p", "paired_t", "reference_mean", "contrast_ratio"),
        *("correlation_with_red", "correlation_with_green", "correlation_with_blue"),
        *("output_std", "reference_std"),
    }
)


def page(id: str) -> str:  # noqa: A002  the field's own name
    """The page of a finding in Markdown: how it is told, its known false alarms."""
    return (Path(__file__).parent / "pages" / f"{id}.md").read_text(encoding="utf-8")


@np.errstate(all="ignore")  # scores of broken outputs are NaN and infinite
def find(history: History, thresholds: Thresholds = DEFAULT) -> list[Finding]:
    """All findings of a stream, errors first, then by their first step.

    A finding that another one explains is left out: in a wrong value range the
    brightness is wrong as well, and a collapsed model has no contrast.

    Example: outputs that are all NaN.
        >>> from tb_meanpixel.statistics.value_range import ValueRange
        >>> import numpy as np
        >>> history = History("validation", True, ValueRange(0, 1, "declared"), ("all",), 8,
        ...                   np.array([0, 1]), {("non_finite", ""): np.array([0.0, 1.0])})
        >>> find(history)[0].sentence
        'Outputs are not finite in epoch 1. All of their pixels are NaN or infinite.'
    """
    with np.errstate(all="ignore"):  # scores of outputs that are no numbers are infinite
        found = [
            finding
            for diagnose in DIAGNOSES.values()
            if (finding := diagnose(history, thresholds)) is not None
        ]
    kept = [
        finding
        for finding in found
        if not any(_explains(other, finding, history) for other in found if other is not finding)
    ]
    return sorted(
        kept, key=lambda f: (f.state == "early", f.severity != "error", f.first_step, f.id)
    )


_DRIFTS = frozenset({"drift", "loss_hides_drift"})
_SHIFTS = frozenset({"brightness_drift", "color_cast", "saturation"})
_TEXTURES = frozenset({"low_contrast", "pattern", "noise", "bad_images", "color_loss"})
_SPREADS = frozenset({"repeats", "same_brightness", "collapse"})

# By the id of a finding: those that follow from it while it lasts.
_EXPLAINS: Mapping[str, frozenset[str]] = {
    "non_finite": _DRIFTS | {"frozen", "bad_images"},
    "wrong_range": _DRIFTS | _SHIFTS | _TEXTURES | _SPREADS | {"inversion"},
    "inversion": _DRIFTS | _SHIFTS | {"ignored_inputs"},
    "mirrored": _DRIFTS | {"ignored_inputs", "inversion"},
    "swapped_channels": _DRIFTS | {"color_cast", "ignored_inputs"},
    "collapse": _DRIFTS | _TEXTURES | _SHIFTS | {"repeats", "same_brightness"},
    "repeats": _DRIFTS | {"same_brightness", "brightness_drift"},
    "ignored_inputs": _DRIFTS,
    "saturation": _DRIFTS,
    "low_contrast": _DRIFTS | {"color_loss", "same_brightness", "bad_images"},
    "color_loss": _DRIFTS | {"color_cast"},
    "same_brightness": _DRIFTS,
    "bad_images": _DRIFTS | {"brightness_drift", "saturation"},
    "mode_gap": _DRIFTS | {"low_contrast", "brightness_drift", "same_brightness"},
    "pattern": _DRIFTS | {"noise"},
    "noise": _DRIFTS | {"low_contrast"},
    "brightness_drift": _DRIFTS | {"wrong_range"},
    "color_cast": _DRIFTS | {"wrong_range"},
}
# A bias of a collapsed model, as a share of the range, that is told beside the collapse.
_MUCH = 0.1
# What a wrong range explains only if outputs are the references, moved and stretched.
_IF_AFFINE = _TEXTURES | _SPREADS | _SHIFTS | {"inversion"}


def _explains(cause: Finding, effect: Finding, history: History) -> bool:
    """Whether both overlap and one is known to follow from the other.

    Outputs that drift out of their range are too bright first; outputs of another
    range are so at once: which of the two explains the other is a matter of time.
    What is certain is not explained by what is too early to tell.
    """
    if effect.id not in _EXPLAINS.get(cause.id, ()):
        return False
    if cause.state == "early" and effect.state == "found":
        return False
    if cause.id == "wrong_range" and effect.id in _IF_AFFINE:
        last = int(np.searchsorted(history.steps, cause.last_step))
        if affine_range(history, last) is None and "output_q01" not in cause.evidence:
            return False
    if cause.id == "collapse" and effect.id == "brightness_drift":
        # One image has a brightness of its own; one that is black is more than that.
        return abs(effect.evidence.get("bias", 0.0)) < _MUCH * history.span
    if cause.id in _EXPLAINS.get(effect.id, ()) and not (
        cause.first_step < effect.first_step
        or (cause.first_step == effect.first_step and cause.id == "wrong_range")
    ):
        return False
    return cause.first_step <= effect.last_step and effect.first_step <= cause.last_step
