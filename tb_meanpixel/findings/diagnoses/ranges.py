"""Outputs in another value range than their references."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.findings.chance import are_samples_sure
from tb_meanpixel.findings.episodes import Sign, judge, level
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.sentences import percent
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.value_range import ends, is_usual

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
    share = below + above - expected
    wrong = share > thresholds.outside
    still = share > 0.7 * thresholds.outside
    depth = _depth(history)
    if depth is not None:
        with np.errstate(invalid="ignore", divide="ignore"):
            far = depth / np.maximum(below + above, 1e-12)
        wrong &= (depth > thresholds.depth) & (far > 10 * thresholds.depth)
        still &= (depth > 0.7 * thresholds.depth) & (far > 7 * thresholds.depth)
    wrong &= are_samples_sure(history, thresholds, "outside_p")
    sign = Sign(wrong, share, thresholds.outside, still)
    verdict = judge(sign, history, thresholds, patience=thresholds.lasting)
    if verdict is None:
        return None
    at = verdict.main
    sides = {"below": level(below, at), "above": level(above, at)}
    low, high, _ = history.value_range
    limits = dict(zip(("below", "above"), ends(low, high), strict=True))
    parts = [
        (percent(share), f"{side} {limits[side]}")
        for side, share in sides.items()
        if share >= 0.001
    ] or [(percent(max(sides.values())), f"{max(sides, key=lambda s: sides[s])} the range")]
    (first, where), *rest = parts
    outside = f"{first} of output pixels are {where}"
    outside += "".join(f" and {share} {where}" for share, where in rest)
    looks = affine_range(history, at.last)
    if looks:
        hint = f". They look like {' to '.join(ends(*looks))}"
    elif (low, high) == (0, 1) and sides["below"] > 10 * sides["above"]:
        hint = ", as a tanh or linear last layer makes them"
    else:
        hint = ""
    # The ends of some references' own values are not sure: others of their kind go further.
    is_known = history.value_range.source != "data" or is_usual(history.value_range)
    return Finding.of(
        "wrong_range",
        "error" if is_known else "warning",
        history,
        verdict,
        evidence={f"{side}_range": share for side, share in sides.items()},
        title="Wrong value range",
        body=f"{outside} (range {limits['below']} to {limits['above']}){hint}.",
        look_at="the activation of the last layer, and how the targets are scaled",
    )


def _depth(history: History) -> FloatArray | None:
    """How far pixels lie outside beyond the references, as a mean over all; share of the range."""
    if not history.has("excess_below"):
        return None
    of_outputs = history.score("excess_below") + history.score("excess_above")
    of_references = history.score("reference_excess_below") + history.score(
        "reference_excess_above"
    )
    return (of_outputs - np.nan_to_num(of_references)) / history.span


def _narrower(history: History, thresholds: Thresholds) -> Finding | None:
    low, high, _ = history.value_range
    for usual, likeness in _LIKENESS.items():
        if usual == (low, high) or not (low <= usual[0] and usual[1] <= high):
            continue
        fits = _keeps_to(history, usual)
        sign = Sign(fits, fits.astype(float), 0.5)
        verdict = judge(sign, history, thresholds, patience=thresholds.lasting)
        if verdict is None:
            continue
        evidence = {
            name: level(history.score(name), verdict.main)
            for name in ("output_q01", "output_q99", "reference_q01", "reference_q99")
        }
        return Finding.of(
            "wrong_range",
            "error",
            history,
            verdict,
            evidence=evidence,
            title="Wrong value range",
            body=f"Outputs stay in {' to '.join(ends(*usual))} like {likeness}; the reference "
            f"spans {' to '.join(ends(low, high))}.",
            look_at="the activation of the last layer, and how the targets are scaled",
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


def affine_range(history: History, at: int) -> tuple[float, float] | None:
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
