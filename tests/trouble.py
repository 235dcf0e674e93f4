"""Trainings with one trouble each, written in a second: what a page must make visible."""

import numpy as np

from tb_meanpixel import MeanPixelWriter

IMAGES = 24
SIDE = 8


def reference(channels=1):
    random = np.random.default_rng(7)
    level = random.uniform(0.25, 0.75, (IMAGES, 1, 1, 1))
    texture = random.uniform(-0.2, 0.2, (IMAGES, SIDE, SIDE, channels))
    return np.clip(level + texture, 0, 1).astype(np.float32)


def write(log_dir, outputs, *, first=0, name="validation", loss=None, images=None):
    """Write `outputs(epoch, reference)` of some epochs, or None where an epoch is left out."""
    images = reference() if images is None else images
    epochs, make = outputs
    with MeanPixelWriter(log_dir, name=name) as writer:
        for epoch in range(first, epochs):
            made = make(epoch, images)
            scalars = {} if loss is None else {"loss": loss(epoch), "val_loss": loss(epoch) * 1.25}
            if made is not None:
                writer.write(epoch, made.astype(np.float32), images, scalars=scalars)


def falling(epoch):
    return 2.0 / (epoch + 1)


def blurred(epoch, images):
    """What a model learns: from the mean image to nearly the reference."""
    mean = images.mean(axis=0, keepdims=True)
    return mean + (images - mean) * (1 - 0.5 ** (epoch + 1)) * 0.95


def darker(epoch, images):
    return blurred(epoch, images) - max(0, epoch - 5) * 0.04


def tinted(epoch, images):
    return blurred(epoch, images) * np.array([1 + epoch * 0.03, 1, 1 - epoch * 0.03])


def with_nan(epoch, images):
    made = blurred(epoch, images)
    if epoch == 4:
        made[:] = np.nan
    return made


def black(epoch, images):
    return np.zeros_like(images)


def with_gap(epoch, images):
    return None if 4 <= epoch < 9 else blurred(epoch, images)


def write_all(logs):
    """healthy, darker, tinted (colour), nan, black, gap, once, lossless."""
    write(logs / "healthy", (12, blurred), loss=falling)
    write(logs / "darker", (16, darker), loss=falling)
    write(logs / "tinted", (12, tinted), loss=falling, images=reference(3))
    write(
        logs / "nan",
        (10, with_nan),
        loss=lambda epoch: float("nan") if epoch == 4 else falling(epoch),
    )
    write(logs / "black", (5, black), loss=falling)
    write(logs / "gap", (16, with_gap), loss=falling)
    write(logs / "once", (1, blurred), loss=falling)
    write(logs / "lossless", (6, blurred))
