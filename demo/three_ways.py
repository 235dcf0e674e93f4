"""Three ways to compute the mean pixel of a model's outputs in Keras 3, side by side.

    python demo/three_ways.py                    # images as float32 in [0, 1]
    python demo/three_ways.py --images uint8     # or float16, 0..255, -1..1; or all

1. Inside the loss: differentiable, to hold the brightness by a penalty.
2. As a metric: no gradient and no extra pass, over every image that passes through.
3. In a callback: one fixed reference set after each epoch, comparable from run to run.

All three are on the same VAE at the same time, and print the same number: that of the
validation images in the last epoch, in the units of the images. README.md says when to
use which.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from data import load
from keras import ops
from vae import VAE

from tb_meanpixel import MeanPixel, MeanPixelCallback

WEIGHT = 100.0  # of the penalty


class Kind(NamedTuple):
    """How images are kept: their type, and the range that they are in."""

    dtype: str
    low: float
    high: float


KINDS = {
    "uint8": Kind("uint8", 0, 255),
    "float16": Kind("float16", 0, 1),
    "float32": Kind("float32", 0, 1),
    "0..255": Kind("float32", 0, 255),
    "-1..1": Kind("float32", -1, 1),
}


def mean_pixel(images):
    """The mean over height, width and channels, `(batch,)`, of whatever type and range.

    The cast comes first: a difference of bytes wraps around (3 - 5 is 254), and half
    precision has 3 digits, which a sum over an image uses up.
    """
    return ops.mean(ops.cast(images, "float32"), axis=(1, 2, 3))


class AnyImages(VAE):
    """The demo's VAE for images of some kind; outputs are of the same range."""

    def __init__(self, image_shape, kind, **settings):
        super().__init__(image_shape, **settings)
        self.low, self.range = kind.low, kind.high - kind.low
        self.in_the_loss = keras.metrics.Mean(name="in_the_loss")

    def to_unit(self, images):
        return (ops.cast(images, "float32") - self.low) / self.range

    def call(self, images, training=False):
        return super().call(self.to_unit(images), training) * self.range + self.low

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(
            x, self.to_unit(y), self.to_unit(y_pred), sample_weight, training
        )
        # Way 1. On one scale for all kinds: else the weight would mean something else for each.
        brightness = mean_pixel(y_pred)
        error = (brightness - mean_pixel(y)) / self.range
        self.in_the_loss.update_state(brightness)  # to look at it, only
        return loss + WEIGHT * ops.mean(ops.square(error))


def train(dataset, name, log_dir, epochs=3):
    """The mean pixel by each way, after training on images of that kind."""
    keras.utils.set_random_seed(0)
    kind = KINDS[name]
    x, x_val = (
        (part * (kind.high - kind.low) + kind.low)
        .round(0 if kind.dtype == "uint8" else 6)
        .astype(kind.dtype)
        for part in dataset
    )
    model = AnyImages(x.shape[1:], kind, seed=0)

    # Way 2. It needs the range for its histograms.
    metric = MeanPixel(name="as_a_metric", value_range=(kind.low, kind.high))

    # Way 3. It would infer the range from its reference; here it is known.
    callback = MeanPixelCallback(
        log_dir, reference=x_val, value_range=(kind.low, kind.high), max_images=len(x_val)
    )

    model.compile(optimizer="adam", metrics=[metric])
    history = model.fit(
        x, x, validation_data=(x_val, x_val), epochs=epochs, callbacks=[callback], verbose=0
    ).history
    keys = {
        "in the loss": "val_in_the_loss",
        "as a metric": "val_as_a_metric",
        "in a callback": "val_mean_pixel",
    }
    return {way: float(np.asarray(history[key][-1])) for way, key in keys.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", choices=[*KINDS, "all"], default="float32")
    parser.add_argument("--log-dir", type=Path, default=Path("logs"))
    args = parser.parse_args()
    dataset = load("digits")
    for name in KINDS if args.images == "all" else [args.images]:
        log_dir = args.log_dir / f"three-ways-{name}"
        ways = train(dataset, name, log_dir)
        print(f"{name:>8}  " + "  ".join(f"{way}: {mean:.5g}" for way, mean in ways.items()))


if __name__ == "__main__":
    main()
