"""What a histogram does not show: patterns, noise, single images that fail, lost colour."""

from __future__ import annotations

import numpy as np

from tb_meanpixel.findings.episodes import Sign, judge, level
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.sentences import percent, plain
from tb_meanpixel.findings.thresholds import Thresholds

_KINDS = {
    "black_images": "black",
    "white_images": "white",
    "flat_images": "flat",
    "wrapped_images": "wrapped around at a limit of the range",
}


def pattern(history: History, thresholds: Thresholds) -> Finding | None:
    """A pattern of every second pixel that the references do not have."""
    strength = history.score("pattern")
    sign = Sign(
        _after_settled(strength > thresholds.pattern, thresholds),
        strength,
        thresholds.pattern,
        strength > 0.85 * thresholds.pattern,
    )
    verdict = judge(sign, history, thresholds)
    if verdict is None:
        return None
    now = level(strength, verdict.main)
    return Finding.of(
        "pattern",
        "warning",
        history,
        verdict,
        evidence={"pattern": now},
        title="A pattern of every second pixel",
        body=f"It is {plain(now, 1)} of 255 grey levels strong; the references have none such.",
        look_at="transposed convolutions whose kernel is no multiple of their stride",
    )


def noise(history: History, thresholds: Thresholds) -> Finding | None:
    """Neighbouring pixels that differ more than in the references."""
    sharpness = history.score("sharpness")
    if not history.paired and history.image_count < 2 * thresholds.many_images:
        return None
    # Outputs of more contrast differ more from pixel to pixel, too.
    contrast = np.fmax(1.0, history.score("contrast_ratio"))
    rough = sharpness / contrast
    sign = Sign(
        _after_settled(rough > thresholds.noise, thresholds),
        rough,
        thresholds.noise,
        rough > 1 + 0.8 * (thresholds.noise - 1),
    )
    verdict = judge(sign, history, thresholds)
    if verdict is None:
        return None
    now = level(sharpness, verdict.main)
    return Finding.of(
        "noise",
        "warning",
        history,
        verdict,
        evidence={"sharpness": now},
        title="Noisy outputs",
        body=f"Neighbouring pixels differ {plain(now, 1)} times as much as in the references.",
        look_at="noise that is left over: the last steps of a sampler, dropout at inference",
    )


def bad_images(history: History, thresholds: Thresholds) -> Finding | None:
    """Some images that fail wholly, where most do not."""
    share = history.score("bad_images")
    if not history.paired:  # those that are so by nature; of pairs they are left out already
        share = share - history.score("reference_bad_images")
    few = (share > thresholds.bad_images) & (share < 0.5)
    enough = share * max(1, history.image_count) >= 2
    sign = Sign(few & enough, share, thresholds.bad_images, share > 0.7 * thresholds.bad_images)
    verdict = judge(sign, history, thresholds, patience=thresholds.early)
    if verdict is None:
        return None
    now = level(share, verdict.main)
    kinds = {name: level(history.score(name), verdict.main) for name in _KINDS}
    name = max(kinds, key=lambda name: np.nan_to_num(kinds[name]))
    number = plain(max(1.0, now * history.image_count), 0)
    return Finding.of(
        "bad_images",
        "warning",
        history,
        verdict,
        evidence={"bad_images": now, name: kinds[name]},
        title="Some images fail",
        body=f"{number} of {history.image_count} outputs ({percent(now)}) fail, most of them "
        f"{_KINDS[name]}.",
        look_at="these images: their inputs, and values that overflow",
    )


def color_loss(history: History, thresholds: Thresholds) -> Finding | None:
    """Grey or sepia outputs of coloured references."""
    ratio = history.score("chroma_ratio")
    others = np.fmin(1.0, history.score("contrast_ratio"))
    wrong = (ratio < thresholds.color_loss) & (ratio < 0.6 * others)
    still = (ratio < 1.15 * thresholds.color_loss) & (ratio < 0.7 * others)
    badness = -np.log(np.clip(ratio, 1e-6, 1.0))
    verdict = judge(
        Sign(wrong, badness, -np.log(thresholds.color_loss), still), history, thresholds
    )
    if verdict is None:
        return None
    now = level(ratio, verdict.main)
    return Finding.of(
        "color_loss",
        "warning",
        history,
        verdict,
        evidence={"chroma_ratio": now},
        title="Colour is lost",
        body=f"Outputs have {percent(now)} of the reference's colour contrast.",
        look_at="a loss that averages over possible colours; inputs or targets read as grey",
    )


def _after_settled(wrong: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Young models make patterns and noise that go away."""
    late = np.arange(len(wrong)) >= thresholds.settled
    return np.asarray(wrong & late)
