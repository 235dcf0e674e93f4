"""Outputs that do not follow their references: inverted, mirrored, channels swapped, not at all."""

from __future__ import annotations

import itertools

import numpy as np

from tb_meanpixel.findings.episodes import Sign, judge, level
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.sentences import percent, plain
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.statistics.histogram import FloatArray

_FLIPS = {
    "correlation_left_right": "left to right",
    "correlation_upside_down": "upside down",
    "correlation_transposed": "rows for columns",
}
_COLOURS = ("red", "green", "blue")


def inversion(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that are dark where the reference is bright."""
    name = "image_correlation" if history.has("image_correlation") else "correlation"
    correlation = history.score(name)
    count = history.image_count
    with np.errstate(divide="ignore", invalid="ignore"):
        t = correlation * np.sqrt(max(count - 2, 0) / (1 - correlation**2))
    # Where there is hardly any spread a correlation is that of dust.
    wrong = (correlation < thresholds.inversion) & (t < -3.5) & _is_varied(history, thresholds)
    wrong &= ~_is_flipped(history, thresholds)
    still = (correlation < thresholds.inversion + 0.05) & _is_varied(history, thresholds)
    sign = Sign(wrong, -correlation, -thresholds.inversion, still)
    verdict = judge(sign, history, thresholds, patience=thresholds.early)
    if verdict is None:
        return None
    now = level(correlation, verdict.main)
    return Finding.of(
        "inversion",
        "error",
        history,
        verdict,
        evidence={name: now},
        title="Inverted outputs",
        body="Bright places of the references become dark in the outputs "
        f"(correlation {plain(now, 2)}).",
        look_at="the sign in the loss or in the scaling of the targets; black and white exchanged",
    )


def mirrored(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that resemble the flipped reference more than the reference."""
    own = history.score("image_correlation")
    flipped = {name: history.score(name) for name in _FLIPS}
    best = np.fmax.reduce([np.full(len(own), -np.inf), *flipped.values()])
    sign = Sign(
        _is_flipped(history, thresholds), best - own, thresholds.mirrored, best > own + 0.15
    )
    verdict = judge(sign, history, thresholds, patience=thresholds.early)
    if verdict is None:
        return None
    levels = {name: level(values, verdict.main) for name, values in flipped.items()}
    name = max(levels, key=lambda name: np.nan_to_num(levels[name], nan=-2.0))
    return Finding.of(
        "mirrored",
        "error",
        history,
        verdict,
        evidence={name: levels[name], "image_correlation": level(own, verdict.main)},
        title="Mirrored outputs",
        body=f"They resemble the references turned {_FLIPS[name]} (image correlation "
        f"{plain(levels[name], 2)}) more than the references themselves "
        f"({plain(level(own, verdict.main), 2)}).",
        look_at="augmentation that flips inputs and targets separately; the order of the axes",
    )


def swapped_channels(history: History, thresholds: Thresholds) -> Finding | None:
    """Colour channels that have changed places."""
    table = _channel_correlations(history)
    if table is None:
        return None
    orders = list(itertools.permutations(range(3)))
    means = np.stack(
        [np.mean([table[place, order[place]] for place in range(3)], axis=0) for order in orders]
    )
    own, best = means[0], means[1:].max(axis=0)
    wrong = (own < 0.99) & (1 - best < thresholds.swapped * (1 - own))
    wrong &= _is_varied(history, thresholds)
    verdict = judge(Sign(wrong, best - own, 0.0), history, thresholds, patience=thresholds.early)
    if verdict is None:
        return None
    order = orders[1 + int(np.argmax([level(each, verdict.main) for each in means[1:]]))]
    pairs = ", ".join(
        f"{_COLOURS[place]} is the reference's {_COLOURS[source]}"
        for place, source in enumerate(order)
        if place != source
    )
    return Finding.of(
        "swapped_channels",
        "error",
        history,
        verdict,
        evidence={
            "matched_correlation": level(best, verdict.main),
            "own_correlation": level(own, verdict.main),
        },
        title="Colour channels have changed places",
        body=f"{pairs[:1].upper()}{pairs[1:]} (correlation "
        f"{plain(level(best, verdict.main), 2)}, with "
        f"its own {plain(level(own, verdict.main), 2)}).",
        look_at="a reader that gives BGR, as OpenCV does",
    )


def ignored_inputs(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that vary, but not with their inputs."""
    own, slope = history.score("image_correlation"), history.score("reference_slope")
    pixels = history.score("pixel_correlation")
    if history.image_count < thresholds.many_images:
        return None
    limit = thresholds.ignored_inputs
    wrong = (own < limit) & (slope < 2.5 * limit) & (pixels < 3 * limit)
    wrong &= _is_varied(history, thresholds) & ~_is_flipped(history, thresholds)
    still = (own < 1.5 * limit) & (pixels < 4 * limit)
    sign = Sign(wrong, -own, -limit, still)
    verdict = judge(sign, history, thresholds, patience=thresholds.early)
    if verdict is None:
        return None
    now = level(own, verdict.main)
    varied = level(history.score("pixel_spread_ratio"), verdict.main)
    return Finding.of(
        "ignored_inputs",
        "error",
        history,
        verdict,
        evidence={"image_correlation": now, "pixel_correlation": level(pixels, verdict.main)},
        title="Outputs do not follow their inputs",
        body="An output resembles its own reference no more than any other (image correlation "
        f"{plain(now, 2)}), though the outputs vary {percent(varied)} as much.",
        look_at="whether references are shuffled apart from their inputs; pixels out of order",
    )


def _is_varied(history: History, thresholds: Thresholds) -> np.ndarray:
    """Where outputs vary enough for a correlation to mean something."""
    name = "pixel_spread_ratio" if history.has("pixel_spread_ratio") else "brightness_spread_ratio"
    return np.asarray(history.score(name) >= thresholds.varied)


def _is_flipped(history: History, thresholds: Thresholds) -> np.ndarray:
    own = history.score("image_correlation")
    best = np.fmax.reduce([np.full(len(own), -np.inf), *map(history.score, _FLIPS)])
    flipped = (best > own + thresholds.mirrored) & (best > thresholds.mirrored)
    return np.asarray(flipped & _is_varied(history, thresholds))


def _channel_correlations(history: History) -> FloatArray | None:
    """Output channel by reference channel `(3, 3, n)`; None where there are not three colours."""
    table = [
        [history.score(f"correlation_with_{source}", channel) for source in _COLOURS]
        for channel in _COLOURS
    ]
    if not all(colour in history.channels for colour in _COLOURS):
        return None
    return np.array(table)
