"""Trains small models under the Keras backend named by KERAS_BACKEND, for test_backends.py.

    KERAS_BACKEND=jax python backend_models.py DIRECTORY MODEL...

Each is trained twice from the same seed, with the callback and without. What came of it goes to
DIRECTORY/results.json, the records to DIRECTORY/MODEL.
"""

import json
import os
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

if os.environ["KERAS_BACKEND"] != "tensorflow":
    sys.modules["tensorflow"] = None  # as if it were not installed

import keras
import numpy as np
from keras import layers, ops

from tb_meanpixel import MeanPixel, MeanPixelCallback

EPOCHS = 3
SHAPE = (4, 4, 1)
RNG = np.random.default_rng(0)
X_TRAIN = RNG.beta(0.5, 1, (128, *SHAPE)).astype("float32")
X_VAL = RNG.beta(0.5, 1, (80, *SHAPE)).astype("float32")  # one batch of 64 and some


class Sampling(layers.Layer):
    """Adds noise, in inference too: what the callback draws must not be missing in training."""

    def __init__(self, seed):
        super().__init__()
        self.seed_generator = seed and keras.random.SeedGenerator(seed)

    def call(self, codes):
        self.add_loss(ops.mean(ops.square(codes)))
        return codes + keras.random.normal(ops.shape(codes), seed=self.seed_generator)


class Autoencoder(keras.Model):
    def __init__(self, seed):
        super().__init__()
        self.encoder = keras.Sequential([layers.Flatten(), layers.Dense(8)])
        self.sampling = Sampling(seed)
        self.decoder = keras.Sequential(decoder())

    def call(self, images):
        return self.decoder(self.sampling(self.encoder(images)))


class WithTrainStep(keras.Model):
    """The shape of keras.io's VAE: a `train_step` and metrics of its own, no `call`."""

    def __init__(self):
        super().__init__()
        self.encoder = keras.Sequential([keras.Input(SHAPE), layers.Flatten(), layers.Dense(8)])
        self.decoder = keras.Sequential([keras.Input((8,)), *decoder()])
        self.loss_tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def train_step(self, images):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = ops.mean(ops.square(self.decoder(self.encoder(images)) - images))
        weights = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    def predict(self, images, **settings):
        return self.decoder.predict(self.encoder.predict(images, **settings), **settings)


def decoder():
    return [layers.Dense(16, "sigmoid"), layers.Reshape(SHAPE)]


def dense(*first):
    return keras.Sequential(
        [keras.Input(SHAPE), *first, layers.Flatten(), layers.Dense(8, "relu"), *decoder()]
    )


def normalized():
    convolution = layers.Conv2D(4, 3, padding="same", use_bias=False)
    return dense(convolution, layers.BatchNormalization(momentum=0.5), layers.Dropout(0.5))


def of_bytes():
    images = keras.Input(SHAPE, dtype="uint8")
    return keras.Model(images, 255 * dense()(ops.cast(images, "float32") / 255))


def with_policy(name):
    keras.config.set_dtype_policy(name)
    try:
        return dense()
    finally:
        keras.config.set_dtype_policy("float32")


MODELS = {
    "functional": dense,
    "subclassed": lambda: Autoencoder(seed=1),
    "unseeded": lambda: Autoencoder(seed=None),
    "normalized": normalized,
    "bytes": of_bytes,
    "mixed_float16": lambda: with_policy("mixed_float16"),
    "mixed_bfloat16": lambda: with_policy("mixed_bfloat16"),
    "metric": dense,
    "train_step": WithTrainStep,
    "jit_compile": dense,
}


class Trained(NamedTuple):
    model: keras.Model
    history: dict
    variables: list  # weights, running means, seeds, the optimizer's moments


def train(name, x_train, x_val, callbacks):
    keras.utils.set_random_seed(0)
    model = MODELS[name]()
    model.compile(
        "adam",
        "mse",
        metrics=[MeanPixel()] if name == "metric" else [],
        jit_compile=True if name == "jit_compile" else "auto",
    )
    data = {"x": x_train}
    if name != "train_step":
        data |= {"y": x_train, "validation_data": (x_val, x_val)}
    fit = model.fit(**data, epochs=EPOCHS, batch_size=32, callbacks=callbacks, verbose=0)
    variables = [*model.variables, *model.optimizer.variables]
    return Trained(model, fit.history, [ops.convert_to_numpy(v) for v in variables])


def compare(name, log_dir):
    x_train, x_val = X_TRAIN, X_VAL
    if name == "bytes":
        x_train, x_val = ((255 * x).astype("uint8") for x in (x_train, x_val))
    settings = {"reference": None if name == "metric" else x_val}
    if name == "train_step":
        settings["predict_fn"] = lambda model, images: model.decoder(model.encoder(images))

    alone = train(name, x_train, x_val, [])
    watched = train(name, x_train, x_val, [MeanPixelCallback(log_dir, **settings)])

    # Batches as the callback makes them: another size would draw other noise.
    images = watched.model.predict(x_val, batch_size=40, verbose=0)
    return {
        "history": watched.history,
        "history_alone": alone.history,
        "same_variables": all(map(np.array_equal, alone.variables, watched.variables)),
        "predicted_dtype": images.dtype.name,
        "predicted_mean": float(images.astype("float64").mean()),
    }


if __name__ == "__main__":
    warnings.filterwarnings("error", module="tb_meanpixel")
    warnings.filterwarnings("error", message="MeanPixelCallback")  # it could not record
    directory, names = Path(sys.argv[1]), sys.argv[2:]
    results = {name: compare(name, directory / name) for name in names}
    (directory / "results.json").write_text(json.dumps(results))
