"""The levels at which a score becomes a finding, each with its reason.

A healthy VAE blurs: it has less spread and contrast than its reference, some bias,
and looks grey before it has learned anything. So levels are set well beyond what
healthy trainings show (`tests/benchmarks/diagnosis.py` counts accusations of those),
must hold for some epochs, and early ones count only if nothing gets better.
"""

from __future__ import annotations

from dataclasses import dataclass

from tb_meanpixel.findings.onset import DEFAULT_BAND, Band


@dataclass(frozen=True)
class Thresholds:
    """All levels. Change some: `find(history, Thresholds(bias=0.05))`.

    Attributes:
        lasting: recorded epochs in a row that make a state; fewer are an accident.
        settled: recorded epochs after which a training has settled. Healthy ones wander
            until then, a colour or the brightness for up to 5 epochs.
        early: epochs in a row that make a state before that; and from the very start,
            where the outputs are of no use. Warnings wait until the training has settled.
        p: chance of calling an accident of sampling a difference, divided by the number
            of channels looked at.
        collapse: spread from image to image, as a share of the reference's. Healthy
            VAEs have 0.5 to 0.9, collapsed ones below 0.25.
        collapse_of_best: the same as a share of the training's own best: what has
            lost half of that, and half of the reference's, is collapsing.
        collapse_correlation: correlation of paired image means above which outputs
            still depend on their inputs, so it is no collapse. Collapsed ones have about 0.
        bias: brightness, as a share of the value range. 0.02 is 5 of 256 grey levels,
            which an eye sees side by side; the demo's healthy VAEs end below 0.01.
        color_cast: the same between the most and the least shifted channel.
        contrast: contrast inside images, as a share of the reference's. Healthy VAEs
            have 0.8 to 1.
        contrast_of_best: the same as a share of the training's own best, and of the reference's.
        at_limit: share of the pixels in the first or last of 256 bins, beyond the
            reference's own share.
        outside: share of the pixels out of range, beyond the reference's own share.
        inversion: correlation of paired image means that is no longer a weak one.
        drift: growth of the drift above the best stretch, as a share of the value
            range, that is worth a word: 2 grey levels.
        loss: change of the loss, relative to what it was, that is worth a word.
        frozen: recorded epochs in a row without any change of the outputs' mean and drift.
        band: what is a series' normal band, for the onset of a drift.
    """

    lasting: int = 3
    settled: int = 16
    early: int = 8
    p: float = 0.01
    collapse: float = 0.3
    collapse_of_best: float = 0.5
    collapse_correlation: float = 0.5
    bias: float = 0.02
    color_cast: float = 0.03
    contrast: float = 0.6
    contrast_of_best: float = 0.8
    at_limit: float = 0.02
    outside: float = 0.01
    inversion: float = -0.3
    drift: float = 2 / 255
    loss: float = 0.01
    frozen: int = 5
    band: Band = DEFAULT_BAND


DEFAULT = Thresholds()
