"""Outputs that are too bright, too dark, tinted or clipped."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.findings.chance import are_samples_sure, is_sure
from tb_meanpixel.findings.episodes import Episode, Flags, Sign, Verdict, judge, level
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.onset import onset
from tb_meanpixel.findings.sentences import amount, limit, percent, shift
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.statistics.histogram import FloatArray

# A stretch in which so many records are of the rarer sign swings; fewer are accidents.
_SWINGS = 0.25


def brightness_drift(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that are brighter or darker than the reference in all channels."""
    bias = history.score("bias")
    size = np.abs(bias)
    cast = np.nan_to_num(history.score("color_cast"))
    limit = thresholds.bias * history.span
    is_one_shift = (cast < size) | _is_gain(history, thresholds)
    sure = is_sure(history, thresholds, "bias_p", looked_at=max(1, len(history.channels) - 1))
    sign = Sign((size >= limit) & is_one_shift & sure, size, limit, size >= 0.85 * limit)
    verdict = judge(sign, history, thresholds)
    if verdict is None:
        return None
    if not verdict.is_early:
        verdict = _from_its_onset(verdict, size, history, thresholds)
    at = verdict.main
    part = bias[at.first : at.last + 1]
    part = part[np.isfinite(part)]
    if not part.size:  # infinite throughout: nothing is brighter by so much
        return None
    darker, brighter = part[part < 0], part[part > 0]
    tested = level(history.score("paired_t" if history.paired else "bias_p"), at)
    if min(len(darker), len(brighter)) >= _SWINGS * len(part):
        body = (
            f"Brightness swings from {amount(float(np.median(darker)), history)} darker to "
            f"{amount(float(np.median(brighter)), history)} brighter than the reference."
        )
        title, now = "Brightness swings", float(np.median(np.abs(part)))
    else:
        is_dark = len(darker) > len(brighter)
        now = level(np.where((bias < 0) == is_dark, bias, np.nan), at)
        title = f"Outputs are too {'dark' if is_dark else 'bright'}"
        body = (
            f"They are {amount(now, history)} {'darker' if is_dark else 'brighter'} "
            "than the reference."
        )
    return Finding.of(
        "brightness_drift",
        "warning",
        history,
        verdict,
        evidence={"bias": now, "paired_t" if history.paired else "bias_p": tested},
        title=title,
        body=body,
        look_at="the scaling of inputs and targets, the last layer's bias, batch norm at inference",
    )


def _from_its_onset(
    verdict: Verdict, size: FloatArray, history: History, thresholds: Thresholds
) -> Verdict:
    """It was on its way before it was plain: the main episode begins where it left its band."""
    main = verdict.main
    began = onset(size[: main.last + 1], history.grey_level, thresholds.band)
    if began is None or began.start >= main.first:
        return verdict
    others = [each for each in verdict.episodes[1:] if each.last < began.start]
    return Verdict((Episode(began.start, main.last), *others))


def color_cast(history: History, thresholds: Thresholds) -> Finding | None:
    """One channel that is shifted against the others."""
    channels = [name for name in history.channels[1:] if name != "alpha"]
    if len(channels) != 3:
        return None
    biases = np.stack([history.score("bias", channel) for channel in channels])
    cast = history.score("color_cast")
    limit = thresholds.color_cast * history.span
    if history.has("cast_p"):
        sure = is_sure(history, thresholds, "cast_p")
    else:
        sure = np.any(
            [is_sure(history, thresholds, "bias_p", channel, looked_at=3) for channel in channels],
            axis=0,
        )
    wrong = (cast >= limit) & sure & ~_is_gain(history, thresholds)
    # Beside a shift of all channels that is much greater nobody sees it.
    wrong &= ~(cast < 0.25 * np.abs(history.score("bias")))
    sign = Sign(wrong, cast, limit, (cast >= 0.85 * limit) & ~_is_gain(history, thresholds))
    verdict = judge(sign, history, thresholds)
    if verdict is None:
        return None
    now = np.array([level(bias, verdict.main) for bias in biases])
    # The channel that moves away from the others.
    against = now - np.median(now)
    odd = int(np.abs(against).argmax())
    way = "too strong" if against[odd] > 0 else "too weak"
    shifts = ", ".join(
        f"{channel} {shift(bias, history)}" for channel, bias in zip(channels, now, strict=True)
    )
    return Finding.of(
        "color_cast",
        "warning",
        history,
        verdict,
        evidence={"color_cast": level(cast, verdict.main)}
        | {f"bias/{channel}": bias for channel, bias in zip(channels, now, strict=True)},
        title="Colour cast",
        body=f"Beside the other channels {channels[odd]} is {way}. Against the reference: "
        f"{shifts}.",
        look_at="channels that are scaled one by one; the means and deviations of normalising",
    )


def _is_gain(history: History, thresholds: Thresholds) -> Flags:
    """Where one gain, or one gamma, for all channels explains most of a colour cast.

    Of channels that differ in the references a gain moves the bright one furthest.
    """
    count = len(history.steps)
    channels = [name for name in history.channels[1:] if name != "alpha"]
    if len(channels) != 3:
        return np.zeros(count, bool)
    low = history.value_range.low
    out, ref = (
        np.stack([history.score("reference_mean", channel) for channel in channels])
        - low
        + (np.stack([history.score("bias", channel) for channel in channels]) if side else 0.0)
        for side in (1, 0)
    )
    cast = history.score("color_cast")
    with np.errstate(invalid="ignore", divide="ignore"):
        gain = (out * ref).sum(axis=0) / (ref * ref).sum(axis=0)
        rests = [np.ptp(out - gain * ref, axis=0)]
        shares = np.log(np.clip(ref / history.span, 1e-6, 1 - 1e-6))
        gammas = np.log(np.clip(out / history.span, 1e-6, 1 - 1e-6)) / shares
        gamma = np.median(gammas, axis=0)
        rests.append(np.ptp(out - history.span * np.exp(gamma * shares), axis=0))
        rest = np.fmin(*rests)
        return np.asarray((rest < 0.5 * cast) & (rest < thresholds.color_cast * history.span))


def saturation(history: History, thresholds: Thresholds) -> Finding | None:
    """Pixels that pile up at a limit of the range, where the reference has none."""
    verdicts = {}
    for side in ("low", "high"):
        excess = history.score(f"at_{side}") - history.score(f"reference_at_{side}")
        wrong = excess > thresholds.at_limit
        wrong &= are_samples_sure(history, thresholds, f"at_{side}_p")
        sign = Sign(wrong, excess, thresholds.at_limit, excess > 0.8 * thresholds.at_limit)
        verdict = judge(sign, history, thresholds)
        if verdict is not None:
            verdicts[side] = verdict, level(excess, verdict.main)
    if not verdicts:
        return None
    side = max(verdicts, key=lambda side: (not verdicts[side][0].is_early, verdicts[side][1]))
    verdict, _ = verdicts[side]
    share = level(history.score(f"at_{side}"), verdict.main)
    expected = level(history.score(f"reference_at_{side}"), verdict.main)
    low, high, _ = history.value_range
    place = limit(low if side == "low" else high, low, high)
    return Finding.of(
        "saturation",
        "warning",
        history,
        verdict,
        evidence={f"at_{side}": share, f"reference_at_{side}": expected},
        title="Saturation",
        body=f"{percent(share)} of output pixels are at {place}, against "
        f"{percent(expected)} in the reference.",
        look_at="where outputs are clipped, and how far they went before; the last activation",
    )
