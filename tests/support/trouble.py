"""Runs with one trouble each, written in a second: what a page must make visible."""

import functools
import time
from unittest import mock

import numpy as np
from support.boards import write_scalars

from tb_meanpixel import MeanPixelWriter
from tb_meanpixel.recording import event_file

IMAGES = 24
SIDE = 8


def reference(channels=1, side=SIDE):
    random = np.random.default_rng(7)
    level = random.uniform(0.25, 0.75, (IMAGES, 1, 1, 1))
    texture = random.uniform(-0.2, 0.2, (IMAGES, side, side, channels))
    return np.clip(level + texture, 0, 1).astype(np.float32)


def write(log_dir, outputs, *, first=0, loss=None, images=None, clock=lambda _: None):
    """Write `outputs(epoch, reference)` of some epochs, or None where an epoch is left out.

    `clock(epoch)` is when they were written, by default now.
    """
    images = reference() if images is None else images
    epochs, make = outputs
    with MeanPixelWriter(log_dir, unit="epoch") as writer:
        for epoch in range(first, epochs):
            made = make(epoch, images)
            scalars = {} if loss is None else {"loss": loss(epoch), "val_loss": loss(epoch) * 1.25}
            if made is not None:
                now = clock(epoch) or time.time()
                with mock.patch(f"{event_file.__name__}.time.time", return_value=now):
                    writer.write(
                        epoch, output=made.astype(np.float32), reference=images, scalars=scalars
                    )


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


def write_two(logs):
    """vae-digits, grey, and vae-photos, in colour: as a VAE and Keras's TensorBoard leave them."""
    for name, epochs, images in [
        ("vae-digits", 6, reference()),
        ("vae-photos", 2, reference(3, side=32)),
    ]:
        write(logs / name, (epochs, blurred), loss=falling, images=images)
        for split in ("train", "validation"):
            write_scalars(logs / name / split, {"epoch_loss": [falling(e) for e in range(epochs)]})


STARTED = time.mktime((2026, 11, 20, 22, 15, 30, 0, 0, -1))  # of here, as a browser reads it
PACES = {"seconds": 0.3, "minutes": 50, "days": 6 * 3600, "weeks": 60 * 3600}


def lag(epoch):
    """When an epoch was written, in ordinary epochs: every other one takes twice as long."""
    return epoch + epoch // 2


def write_timed(logs):
    """Runs of 20 epochs that took so long, see PACES."""
    for name, pace in PACES.items():
        clock = functools.partial(_clock, pace)
        write(logs / name, (20, darker), loss=falling, clock=clock)


def _clock(pace, epoch):
    return STARTED + pace * lag(epoch)
