"""What measuring adds to a training of the demo's VAE, and how far it is from a plain sum.

    python tests/benchmarks/training.py [--model small|deep|large|all] [--steps N]

The deep one has two more convolutions at full size, so that its steps take three times
as long: a small network as people train it, where the demo's is a toy.

An epoch is 80 training steps, 16 validation steps and what callbacks do around
them. The steps and callbacks of all variants are timed one by one in random turns,
so that a busy machine slows all of them alike: read the ratios. Times are lower
quartiles of N, for what else a machine does only ever adds; `±` is the standard error
of a ratio (bootstrap over the turns).
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[2] / "demo"))

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from timing import in_random_turns, print_table
from vae import VAE

from tb_meanpixel import MeanPixel, MeanPixelCallback
from tb_meanpixel.recording import counting
from tb_meanpixel.statistics.histogram import EXTRA_CELLS, count_values
from tb_meanpixel.statistics.image_statistics import SCORED_BINS
from tb_meanpixel.statistics.mean_pixel import image_means
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.value_range import ValueRange

BATCHES = {"small": (128, 28, 28, 1), "deep": (128, 28, 28, 1), "large": (64, 64, 64, 3)}
TRAIN_STEPS, TEST_STEPS = 80, 16

# An epoch's parts: its training step, its validation step, its callbacks.
EPOCHS = {
    "nothing": ("train", "test"),
    "nothing again": ("train again", "test again"),
    "MeanPixel in all steps": ("train metric", "test metric", "take train", "take test", "write"),
    "the same, every pixel": ("train every", "test every", "take train", "take test", "write"),
    "MeanPixel in validation only": ("train", "test metric", "take test", "write"),
    "MeanPixelCallback, 256 reference images": ("train", "test", "reference"),
    "naive: predict all, then numpy": ("train", "test", "naive"),
    "mean pixel in the loss": ("train penalty", "test penalty"),
    "TensorBoard(histogram_freq=1)": ("train", "test", "tensorboard"),
}


class Variant(VAE):
    """The demo's VAE, with something done to the mean pixel in every step."""

    def __init__(self, image_shape, does, deep):
        super().__init__(image_shape)
        self.does = does
        if deep:
            self.encoder = deepened(self.encoder)
        if does in ("metric", "every"):
            self.mean_pixel = MeanPixel(every_pixel=does == "every")
        self.compile("adam")

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        if self.does in ("metric", "every"):
            self.mean_pixel.update_state(x, y_pred)
        if self.does == "penalty":
            loss += ops.mean((image_means(y_pred, ops) - image_means(x, ops)) ** 2)
        return loss

    def steps(self, batch):
        """The compiled functions that `fit` and `evaluate` call for each batch."""
        self.make_train_function()
        self.make_test_function()
        batches = iter(tf.data.Dataset.from_tensors((batch,)).repeat())
        return lambda: self.train_function(batches), lambda: self.test_function(batches)


def deepened(encoder):
    """The same encoder behind two convolutions that leave the size as it is."""
    x = images = keras.Input(encoder.input_shape[1:])
    for channels in (32, 32, images.shape[-1]):
        x = keras.layers.Conv2D(channels, 3, padding="same", activation="relu")(x)
    return keras.Model(images, encoder(x))


class Naive(keras.callbacks.Callback):
    """The recipe that circulates: predict everything, then look at it in numpy."""

    def __init__(self, images):
        super().__init__()
        self.images = images

    def on_epoch_end(self, epoch, logs=None):
        outputs = self.model.predict(self.images, verbose=0)
        outputs.mean(axis=(1, 2, 3))
        np.histogram(outputs, bins=64, range=(0, 1))


def training_actions(batch_shape, log_dir, deep):
    """All parts of `EPOCHS`: name -> what to call."""
    batch_size, *image_shape = batch_shape
    images = random_images((batch_size * TEST_STEPS, *image_shape))
    models, actions = {}, {}
    for does in ("", "again", "metric", "every", "penalty"):
        model = models[does] = Variant(image_shape, does, deep)
        train, test = model.steps(images[:batch_size])
        actions |= {f"train {does}".strip(): train, f"test {does}".strip(): test}

    def begun(callback, model):
        callback.set_model(model)
        callback.set_params({"epochs": 10**9})
        callback.on_train_begin()
        return callback

    actions["train metric"]()  # so that there is something to take
    metric = begun(MeanPixelCallback(log_dir / "metric"), models["metric"])
    actions |= {"take train": metric.on_test_begin, "take test": metric.on_test_end}
    for name, callback in {
        "write": metric,
        "reference": begun(MeanPixelCallback(log_dir / "reference", images), models[""]),
        "naive": begun(Naive(images), models[""]),
        "tensorboard": begun(keras.callbacks.TensorBoard(log_dir, histogram_freq=1), models[""]),
    }.items():
        actions[name] = lambda callback=callback: callback.on_epoch_end(1, {"loss": 1.0})
    return actions


def accumulating_actions(batch_shape):
    """Everything from the plain sum to the metric's whole update: (what, how) -> what to call."""
    images = random_images(batch_shape)
    tensor, bins = tf.constant(images), (0.0, 1.0, SCORED_BINS)
    metric = MeanPixel()

    def pixel_histogram(x):
        index = ops.reshape(counting.cell_index(x, *bins), (-1,))
        return counting.count(index, SCORED_BINS + EXTRA_CELLS)

    actions = {
        ("plain sum", "numpy"): lambda: np.sum(images),
        ("image means", "numpy"): lambda: image_means(images),
        ("pixel histogram", "numpy"): lambda: count_values(images.ravel(), *bins),
        ("measure_images", "numpy"): lambda: measure_images(
            images, ValueRange(0.0, 1.0, "declared")
        ),
    }
    for how in ("graph", "jit"):
        for what, function in {
            "plain sum": ops.sum,
            "image means": lambda x: image_means(x, ops),
            "pixel histogram": pixel_histogram,
            "MeanPixel, both sides": lambda x: metric.update_state(x, x),
        }.items():
            compiled = tf.function(function, jit_compile=how == "jit")
            actions[what, how] = lambda compiled=compiled: compiled(tensor)
    return actions


def random_images(shape):
    return np.random.default_rng(0).random(shape, dtype=np.float32)


def typical(times):
    """The lower quartile."""
    return float(np.quantile(times, 0.25))


def ratio(times, of, to):
    """`of` / `to` (functions of the typical times), and its standard error, as text."""
    random, draws = np.random.default_rng(0), []
    for _ in range(200):
        # Times of one turn stay together: what slows them down is the same.
        drawn = {n: random.integers(n, size=n) for n in {len(t) for t in times.values()}}
        some = {name: typical(np.take(t, drawn[len(t)])) for name, t in times.items()}
        draws.append(of(some) / to(some))
    every = {name: typical(t) for name, t in times.items()}
    return f"{of(every) / to(every):.4f} ±{np.std(draws):.4f}"


def epoch(variant):
    train, test, *callbacks = EPOCHS[variant]
    return lambda m: TRAIN_STEPS * m[train] + TEST_STEPS * m[test] + sum(m[c] for c in callbacks)


def measure_training(name, batch_shape, turns):
    callbacks = {part for parts in EPOCHS.values() for part in parts[2:]}
    with tempfile.TemporaryDirectory() as log_dir:
        actions = training_actions(batch_shape, Path(log_dir), deep=name == "deep")
        times = in_random_turns(actions, turns, rare=callbacks)
    rows = []
    for variant, (train, test, *around) in EPOCHS.items():
        parts = [typical(times[train]), typical(times[test])]
        parts.append(float(sum(typical(times[callback]) for callback in around)))
        rows.append([variant, *parts, ratio(times, epoch(variant), epoch("nothing"))])
    head = ["variant", "training step, ms", "validation step, ms", "callbacks, ms", "epoch, ratio"]
    print_table(f"Epoch of the {name} VAE, batch {batch_shape}", head, rows)
    against_naive = ratio(times, lambda m: m["reference"], lambda m: m["naive"])
    print(f"\nMeanPixelCallback / naive: {against_naive}")


def measure_accumulating(batch_shape, turns):
    times = in_random_turns(accumulating_actions(batch_shape), turns, repeat=5)
    rows = []
    for what, how in times:
        arrays = 2 if "both" in what else 1
        floor = lambda m, how=how, arrays=arrays: arrays * m["plain sum", how]  # noqa: E731
        of = lambda m, key=(what, how): m[key]  # noqa: E731
        rows.append([what, how, typical(times[what, how]), ratio(times, of, floor)])
    print_table(f"Accumulating {batch_shape}", ["what", "how", "ms", "to a plain sum"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=[*BATCHES, "all"], default="all")
    parser.add_argument("--steps", type=int, default=60, help="how often each step is timed")
    arguments = parser.parse_args()
    for name, batch_shape in BATCHES.items():
        if arguments.model in (name, "all"):
            measure_training(name, batch_shape, arguments.steps)
            if name != "deep":  # its images are those of the small one
                measure_accumulating(batch_shape, arguments.steps)


if __name__ == "__main__":
    main()
