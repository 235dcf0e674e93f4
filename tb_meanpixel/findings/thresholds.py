"""The levels at which a score becomes a finding, each with its reason.

A healthy VAE blurs: it has less spread and contrast than its reference, some bias,
and looks grey before it has learned anything. So levels are set well beyond those of
healthy runs (`tests/benchmarks/diagnosis.py` counts false alarms), must hold for some
steps, and early ones count only if nothing gets better.
"""

from __future__ import annotations

from dataclasses import dataclass

from tb_meanpixel.findings.onset import DEFAULT_BAND, Band


@dataclass(frozen=True)
class Thresholds:
    """All levels. Change some: `run.findings(Thresholds(bias=0.05))`.

    Attributes:
        lasting: records in a row that make a state; fewer are an accident.
        settled: records after which a run has settled. Healthy ones wander until then,
            a colour or the brightness for up to 5 records.
        early: records in a row that make a state before that, and from the very start
            where the outputs are of no use. Warnings wait until the run has settled.
        p: chance of mistaking an accident of sampling for a difference, divided by the
            number of channels, and of samples by the number of findings that are tested.
        collapse: spread from image to image, as a share of the reference's. Healthy
            VAEs have 0.5 to 0.9, collapsed ones below 0.25.
        collapse_of_best: the same as a share of the run's own best: outputs that have
            lost half of that, and half of the reference's, are collapsing.
        collapse_correlation: correlation of outputs and references above which outputs that
            vary enough still depend on their inputs, so it is no collapse.
        varied: spread from image to image, as a share of the reference's, below which no
            correlation means anything.
        enough_images, many_images: images from which spreads and correlations can be told.
        same_brightness: spread of the brightness as a share of all other spread. Healthy
            autoencoders with a code of two numbers have 0.28 and more.
        repeats: share of samples with a near copy among them, beyond the references' own.
            Healthy GANs and VAEs have at most 0.1, those of few modes 0.2 to 1.
        ignored_inputs: image correlation below which outputs follow no input. Healthy models
            have 0.3 to 0.9 from their third record on.
        mirrored: image correlation with the flipped reference beyond that with the reference.
        swapped: what channels in another order leave unexplained, as a share of what they leave
            in their own.
        bias: brightness, as a share of the value range. 0.02 is 5 of 256 grey levels,
            which an eye sees side by side; the demo's healthy VAEs end below 0.01.
        color_cast: the same between the most and the least shifted channel.
        contrast: contrast inside images, as a share of the reference's. Healthy VAEs
            have 0.8 to 1 of grey images, and 0.55 to 0.6 of small ones of photographs.
        contrast_of_best: the same as a share of the run's own best, and of the reference's.
        color_loss: colour contrast as a share of the reference's.
        at_limit: share of the pixels equal to a limit of the range, beyond the reference's own.
        outside: share of the pixels out of range, beyond the reference's own share.
        depth: how far out pixels lie, as a mean over all of them and a share of the range; those
            outside lie ten times as deep. A linear last layer that is well goes 0.005 deep.
        pattern: strength of a pattern of every second pixel, in 255 grey levels. Noise and
            healthy decoders have at most 1.8.
        noise: difference of neighbouring pixels as a multiple of the reference's. Healthy
            models have at most 1.15.
        bad_images: share of images that fail singly.
        mode_gap: spread of the outputs in inference mode, as a share of that in training mode,
            and its inverse. Healthy models with batch norm have 0.95 to 1.03.
        inversion: correlation of paired image means that is no longer a weak one.
        drift: growth of the drift above its best stretch that is worth a finding, as a
            share of the value range: 2 grey levels.
        loss: fall of the loss that hides a drift, relative to the loss before.
        frozen: records in a row without any change of the outputs' mean and drift.
        band: the normal band of a series, for the onset of a drift.
    """

    lasting: int = 3
    settled: int = 16
    early: int = 8
    p: float = 0.01
    collapse: float = 0.3
    collapse_of_best: float = 0.5
    collapse_correlation: float = 0.5
    varied: float = 0.3
    enough_images: int = 64
    many_images: int = 128
    same_brightness: float = 0.25
    repeats: float = 0.3
    ignored_inputs: float = 0.1
    mirrored: float = 0.2
    swapped: float = 0.5
    bias: float = 0.02
    color_cast: float = 0.03
    contrast: float = 0.52
    contrast_of_best: float = 0.8
    color_loss: float = 0.3
    at_limit: float = 0.02
    outside: float = 0.01
    depth: float = 0.005
    pattern: float = 2.5
    noise: float = 1.2
    bad_images: float = 0.02
    mode_gap: float = 0.8
    inversion: float = -0.3
    drift: float = 2 / 255
    loss: float = 0.01
    frozen: int = 5
    band: Band = DEFAULT_BAND


DEFAULT = Thresholds()
