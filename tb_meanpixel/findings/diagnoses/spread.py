"""Outputs that vary too little: from image to image, or inside an image."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.findings.chance import are_samples_sure
from tb_meanpixel.findings.episodes import Episode, Flags, Sign, Verdict, judge, level
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.sentences import amount, percent, plain
from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.statistics.histogram import FloatArray

# A state that has begun is over when the ratio is so much greater than where it began.
_OVER = 1.15


def collapse(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that hardly depend on their inputs: posterior collapse, or a GAN's mode collapse."""
    ratio = history.score("pixel_spread_ratio")
    contrast = history.score("contrast_ratio")
    with np.errstate(invalid="ignore", divide="ignore"):
        # Outputs of little contrast vary little as well; that alone is no collapse.
        of_contrast = np.where(contrast > 0, ratio / contrast, 0.0)
        is_low = (ratio < thresholds.collapse) & (
            (ratio < thresholds.collapse / 3) | (of_contrast < 2 * thresholds.collapse)
        )
        still = (ratio < thresholds.collapse * _OVER) & (
            (ratio < thresholds.collapse / 3 * _OVER)
            | (of_contrast < 2 * thresholds.collapse * _OVER)
        )
        fallen = lost_of_best(ratio, thresholds.collapse_of_best)
        fallen &= of_contrast < 2 * thresholds.collapse
        # A correlation counts only where there is a spread worth the name.
        fallen &= ~(follows(history) > thresholds.collapse_correlation)
    sure = are_samples_sure(history, thresholds, "pixel_spread_p")
    bias = np.abs(history.score("bias"))
    mean = history.score("output_mean")
    low, high, _ = history.value_range
    near = 0.02 * history.span
    nothing = ratio < 0.02
    obvious = nothing & ((bias >= history.span / 2) | (mean <= low + near) | (mean >= high - near))
    verdict = judge(
        Sign(
            (is_low | fallen) & sure, shortfall(ratio), -np.log(thresholds.collapse), still, obvious
        ),
        history,
        thresholds,
        patience=thresholds.early,
    )
    if verdict is None:
        return None
    at = verdict.main
    now, correlation = level(ratio, at), level(follows(history), at)
    kind = "Posterior collapse" if history.has_posterior else "Collapse"
    if not history.paired:
        kind = "Mode collapse"
    alike = "All outputs look alike" if now < thresholds.collapse else "Outputs look too much alike"
    followed = (
        f" (correlation with them {plain(correlation, 2)})"
        if history.paired and np.isfinite(correlation) and now >= 0.02
        else ""
    )
    return Finding.of(
        "collapse",
        "error",
        history,
        verdict,
        evidence={"pixel_spread_ratio": now, "pixel_correlation": correlation},
        title=kind,
        body=f"{alike}{_one_image(history, at, now)}: they vary {percent(now)} as much as the "
        f"references{followed}.",
        look_at=_collapse_look_at(history),
    )


def _one_image(history: History, at: Episode, ratio: float) -> str:
    """What all outputs are, where that can be said in a word."""
    mean, contrast = (
        level(history.score("output_mean"), at),
        level(history.score("contrast_ratio"), at),
    )
    low, high, _ = history.value_range
    if not (ratio < 0.02 and contrast < 0.05 and np.isfinite(mean)):
        return ""
    if mean <= low + 0.02 * history.span:
        return ", all black"
    if mean >= high - 0.02 * history.span:
        return ", all white"
    return f", a flat {amount(mean, history)}"


def _collapse_look_at(history: History) -> str:
    if not history.paired:
        return (
            "the discriminator's loss near 0; a lower learning rate; how the latent code is drawn"
        )
    if history.has_posterior:
        return (
            "the weight of the KL term, and whether it is summed where the other loss is averaged"
        )
    return "whether the input reaches the output: the bottleneck, dead units, the learning rate"


def low_contrast(history: History, thresholds: Thresholds) -> Finding | None:
    """Flat or blurred outputs: the contrast inside the images is gone, in all or in one channel."""
    sure = are_samples_sure(history, thresholds, "contrast_p")
    for channel in ("", *history.channels[1:]):
        ratio = history.score("contrast_ratio", channel)
        # One channel alone must have lost much more: colours differ.
        limit = thresholds.contrast / 2 if channel else thresholds.contrast
        low = ratio < limit
        if not channel:
            low |= lost_of_best(ratio, thresholds.contrast_of_best)
        sign = Sign(low & sure, shortfall(ratio), -np.log(limit), ratio < limit * 1.05)
        verdict = judge(sign, history, thresholds)
        if verdict is not None:
            return _low_contrast(history, verdict, ratio, channel)
    return None


def _low_contrast(history: History, verdict: Verdict, ratio: FloatArray, channel: str) -> Finding:
    now = level(ratio, verdict.main)
    where = f" in {channel}" if channel else ""
    return Finding.of(
        "low_contrast",
        "warning",
        history,
        verdict,
        evidence={f"contrast_ratio/{channel}" if channel else "contrast_ratio": now},
        title=f"Low contrast{where}",
        body=f"Inside an image, outputs have {percent(now)} of the reference's contrast{where}.",
        look_at="a loss that averages (MSE, a small latent code); the activation of the last layer",
    )


def same_brightness(history: History, thresholds: Thresholds) -> Finding | None:
    """Outputs that are varied, but all about equally bright."""
    brightness, pixels = (
        history.score(name) for name in ("brightness_spread_ratio", "pixel_spread_ratio")
    )
    if history.image_count < thresholds.enough_images:
        return None
    others = np.minimum(_spread_but_brightness(history), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        varied = pixels >= thresholds.varied
        wrong = varied & (brightness < thresholds.same_brightness * others)
        still = varied & (brightness < 1.2 * thresholds.same_brightness * others)
    wrong &= are_samples_sure(history, thresholds, "brightness_spread_p")
    verdict = judge(
        Sign(wrong, shortfall(brightness), -np.log(thresholds.same_brightness), still),
        history,
        thresholds,
    )
    if verdict is None:
        return None
    now = level(brightness, verdict.main)
    return Finding.of(
        "same_brightness",
        "warning",
        history,
        verdict,
        evidence={
            "brightness_spread_ratio": now,
            "pixel_spread_ratio": level(pixels, verdict.main),
        },
        title="All outputs are about equally bright",
        body=f"Their brightness varies {percent(now)} as much as that of the references, though "
        f"their pixels vary {percent(level(pixels, verdict.main))} as much.",
        look_at="a layer that normalises each image; in diffusion a noise schedule whose last "
        "step still holds signal",
    )


def _spread_but_brightness(history: History) -> FloatArray:
    """How much outputs vary apart from their brightness, as a share of the references."""
    if history.paired and history.has("image_correlation"):
        own, slope = history.score("image_correlation"), history.score("reference_slope")
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(slope > 0, own / slope, np.nan)
    return history.score("contrast_ratio")


def repeats(history: History, thresholds: Thresholds) -> Finding | None:
    """Samples that repeat a few images."""
    share, copies = history.score("repeats"), history.score("copies")
    wrong = (share > thresholds.repeats) & (copies > thresholds.repeats)
    still = (share > thresholds.repeats / 1.2) & (copies > thresholds.repeats / 1.2)
    verdict = judge(
        Sign(wrong, share, thresholds.repeats, still),
        history,
        thresholds,
        patience=thresholds.early,
    )
    if verdict is None or history.paired:
        return None
    now = level(share, verdict.main)
    number = level(history.score("different_images"), verdict.main)
    return Finding.of(
        "repeats",
        "warning",
        history,
        verdict,
        evidence={
            "repeats": now,
            "copies": level(copies, verdict.main),
            "different_images": number,
        },
        title="Repeated outputs",
        body=f"{percent(now)} of the samples have a near copy among the samples, more than among "
        f"the references: about {plain(max(1.0, number), 0)} different images.",
        look_at="a mode collapse of the generator; whether the latent code is drawn anew for each",
    )


def follows(history: History) -> FloatArray:
    """How outputs correlate with their references, by pixels where these are known."""
    name = "pixel_correlation" if history.has("pixel_correlation") else "correlation"
    return history.score(name)


def lost_of_best(ratio: FloatArray, share: float) -> Flags:
    """Where a ratio is below that share of its best stretch so far, and of the reference's.

    The best is the median of 10 records, at most 1: a single lucky record is none.
    """
    count = len(ratio)
    window = min(10, max(1, count // 3))
    if count < 2 * window:
        return np.zeros(count, bool)
    clean = np.nan_to_num(np.minimum(ratio, 1.0), nan=-1.0)
    stretches = np.median(np.lib.stride_tricks.sliding_window_view(clean, window), axis=-1)
    best = np.concatenate([np.full(window, -1.0), np.maximum.accumulate(stretches)[:-1]])
    with np.errstate(invalid="ignore"):
        return np.asarray((ratio < share * best) & (ratio < share))


def shortfall(ratio: FloatArray) -> FloatArray:
    """How far a ratio is below 1, on a scale where each halving is a step of equal size."""
    return -np.log(np.clip(ratio, 1e-6, 1.0))
