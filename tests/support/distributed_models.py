"""Trains a small model on two replicas, for test_distribution.py.

    python distributed_models.py mirrored DIRECTORY
    TF_CONFIG=... python distributed_models.py workers DIRECTORY

Logical devices and workers must be known before TensorFlow starts, so this is a process of its
own. The records go to DIRECTORY/metric and DIRECTORY/reference, what came of it to
DIRECTORY/<mode>_<worker>.json.
"""

import json
import sys
import warnings
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tb_meanpixel import MeanPixel, MeanPixelCallback

EPOCHS = 5  # of which patience allows 2
SHAPE = (6, 5, 3)
RNG = np.random.default_rng(0)
# Not divisible by the replicas: the last batch leaves one of them nothing.
TRAIN, VALIDATION = RNG.random((33, *SHAPE), np.float32), RNG.random((17, *SHAPE), np.float32)
BATCH = 8


class Lift(keras.layers.Layer):
    """Adds what training could move."""

    def build(self, shape):
        self.value = self.add_weight(shape=(), initializer=keras.initializers.Constant(0.25))

    def call(self, images):
        return images + self.value


def outputs(images):
    """What the model makes of images, to the last bit."""
    return images * np.float32(0.5) + np.float32(0.25)


def model_of(strategy):
    with strategy.scope():
        model = keras.Sequential([keras.Input(SHAPE), keras.layers.Rescaling(0.5), Lift()])
        model.compile(keras.optimizers.SGD(0.0), "mse", metrics=[MeanPixel()], jit_compile=False)
    return model


def callbacks_for(directory):
    return [
        MeanPixelCallback(directory / "metric"),
        MeanPixelCallback(directory / "reference", VALIDATION, stream="fixed"),
        # The drift never changes, so each worker must stop after two epochs.
        keras.callbacks.EarlyStopping("val_mean_pixel_drift", mode="min"),
    ]


def fit(directory):
    """As anybody does: `fit` knows the strategy."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    model = model_of(strategy)
    model.fit(
        TRAIN,
        TRAIN,
        validation_data=(VALIDATION, VALIDATION),
        batch_size=BATCH,
        epochs=EPOCHS,
        verbose=0,
        callbacks=callbacks_for(directory),
    )
    return strategy, model


def loop(directory):
    """A loop of one's own: over several workers Keras 3 cannot `fit`."""
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    model = model_of(strategy)
    train, validation = (distributed(strategy, images) for images in (TRAIN, VALIDATION))

    @tf.function
    def train_step(batch):
        strategy.run(model.train_step, args=(batch,))

    @tf.function
    def test_step(batch):
        strategy.run(model.test_step, args=(batch,))

    callbacks = keras.callbacks.CallbackList(
        callbacks_for(directory), add_history=True, model=model, epochs=EPOCHS
    )
    callbacks.on_train_begin()
    for epoch in range(EPOCHS):
        model.reset_metrics()
        callbacks.on_epoch_begin(epoch)
        for step, batch in enumerate(train):
            callbacks.on_train_batch_begin(step)
            train_step(batch)
            callbacks.on_train_batch_end(step)
        logs = numbers(model)
        callbacks.on_test_begin()
        model.reset_metrics()
        for batch in validation:
            test_step(batch)
        callbacks.on_test_end()
        logs |= {f"val_{name}": number for name, number in numbers(model).items()}
        callbacks.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    callbacks.on_train_end()
    return strategy, model


def distributed(strategy, images):
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    dataset = tf.data.Dataset.from_tensor_slices((images, images)).batch(BATCH)
    return strategy.experimental_distribute_dataset(dataset.with_options(options))


def numbers(model):
    return {name: float(value) for name, value in model.get_metrics_result().items()}


def main(mode, directory):
    directory = Path(directory)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        strategy, model = {"mirrored": fit, "workers": loop}[mode](directory)
    worker = strategy.cluster_resolver.task_id if mode == "workers" else 0
    results = {
        "replicas": strategy.num_replicas_in_sync,
        "history": model.history.history,
        "warnings": [str(w.message) for w in caught if w.category is RuntimeWarning],
    }
    (directory / f"{mode}_{worker}.json").write_text(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
