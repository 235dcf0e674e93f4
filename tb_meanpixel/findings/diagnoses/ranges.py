"""Outputs in another value range than their references."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.findings.episodes import lasting
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.sentences import percent
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.statistics.value_range import is_usual

# What outputs look like that lie in one of these ranges.
_LIKENESS = {(0.0, 1.0): "a sigmoid's", (-1.0, 1.0): "a tanh's", (0.0, 255.0): "raw bytes"}

# Outputs a x reference + b, with a and b within this share of those of two usual ranges.
_AFFINE_TOLERANCE = 0.1


def wrong_range(history: History, thresholds: Thresholds) -> Finding | None:
    """Pixels outside the value range, or outputs that keep to another, narrower range.

    Longer training does not repair that, so there is no need to wait until it has settled.
    """
    return _outside(history, thresholds) or _narrower(history, thresholds)


def _outside(history: History, thresholds: Thresholds) -> Finding | None:
    below, above = history.score("below_range"), history.score("above_range")
    expected = np.nan_to_num(
        history.score("reference_below_range") + history.score("reference_above_range")
    )
    excess = below + above - expected
    episode = lasting(excess > thresholds.outside, excess, thresholds, patience=thresholds.lasting)
    if episode is None:
        return None
    at = episode.last
    sides = {"below": float(below[at]), "above": float(above[at])}
    low, high, _ = history.value_range
    limits = {"below": low, "above": high}
    parts = [
        (percent(share), f"{side} {limits[side]:g}")
        for side, share in sides.items()
        if share >= 0.001
    ]
    (first, where), *rest = parts
    outside = f"{first} of output pixels are {where}"
    outside += "".join(f" and {share} {where}" for share, where in rest)
    looks = _affine_range(history, at)
    if looks:
        hint = f". They look like {looks[0]:g} to {looks[1]:g}"
    elif (low, high) == (0, 1) and sides["below"] > 10 * sides["above"]:
        hint = ", as a tanh or linear last layer makes them"
    else:
        hint = ""
    # The ends of some references' own values are not sure: others of their kind go further.
    is_sure = history.value_range.source != "data" or is_usual(history.value_range)
    return Finding.of(
        "wrong_range",
        "error" if is_sure else "warning",
        history,
        episode,
        evidence={f"{side}_range": share for side, share in sides.items()},
        title="Wrong value range",
        body=f"{outside} (range {low:g} to {high:g}){hint}.",
    )


def _narrower(history: History, thresholds: Thresholds) -> Finding | None:
    low, high, _ = history.value_range
    for usual, likeness in _LIKENESS.items():
        if usual == (low, high) or not (low <= usual[0] and usual[1] <= high):
            continue
        fits = _keeps_to(history, usual)
        episode = lasting(fits, np.ones(len(fits)), thresholds, patience=thresholds.lasting)
        if episode is None:
            continue
        at = episode.last
        evidence = {
            name: history.score(name)[at]
            for name in ("output_q01", "output_q99", "reference_q01", "reference_q99")
        }
        return Finding.of(
            "wrong_range",
            "error",
            history,
            episode,
            evidence=evidence,
            title="Wrong value range",
            body=f"Outputs stay in {usual[0]:g} to {usual[1]:g} like {likeness}; the reference "
            f"spans {low:g} to {high:g}.",
        )
    return None


def _keeps_to(history: History, usual: tuple[float, float]) -> np.ndarray:
    """Where outputs fill a usual range right up to a limit that references go beyond.

    A model that makes one grey image keeps inside many ranges, but up to no limit.
    """
    room = history.grey_level  # of the end bins
    low, high = usual
    least, greatest = history.score("output_q01"), history.score("output_q99")
    inside = (least >= low - room) & (greatest <= high + room)
    beyond = 0.1 * history.span
    stops_low = (history.score("reference_q01") < low - beyond) & (least <= low + 2 * room)
    stops_high = (history.score("reference_q99") > high + beyond) & (
        greatest >= low + 0.25 * (high - low)
    )
    return np.asarray(inside & (stops_low | stops_high))


def _affine_range(history: History, at: int) -> tuple[float, float] | None:
    """The usual range that outputs are in if they are the references, moved and stretched."""
    low, high, _ = history.value_range
    mean, reference_mean = history.score("output_mean")[at], history.score("reference_mean")[at]
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = history.score("output_std")[at] / history.score("reference_std")[at]
    offset = mean - scale * reference_mean
    for usual in _LIKENESS:
        if usual == (low, high):
            continue
        usual_scale = (usual[1] - usual[0]) / (high - low)
        usual_offset = usual[0] - usual_scale * low
        tolerance = _AFFINE_TOLERANCE * usual_scale
        if abs(scale - usual_scale) < tolerance and abs(offset - usual_offset) < tolerance * (
            high - low
        ):
            return usual
    return None
