"""A model whose images have one value, which tests set: so a record is known by its brightness."""

import keras
import numpy as np
import pytest

IMAGES = np.random.default_rng(0).random((8, 4, 4, 1), np.float32)
GREY, BLACK = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))
DRIFT = "val_mean_pixel_drift"


class Constant(keras.layers.Layer):
    """Images of one value."""

    def build(self, shape):
        self.value = self.add_weight(shape=(), initializer="zeros")

    def call(self, images):
        return keras.ops.zeros_like(images) + self.value


class Paint(keras.callbacks.Callback):
    """Sets the images' value, by which a run is known again."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def on_epoch_begin(self, epoch, logs=None):
        self.model.layers[0].value.assign(self.value)


class FailAt(keras.callbacks.Callback):
    """The crash of a run, at the end of an epoch."""

    def __init__(self, epoch, error=InterruptedError):
        super().__init__()
        self.epoch, self.error = epoch, error

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            raise self.error


def constant():
    model = keras.Sequential([keras.Input((4, 4, 1)), Constant()])
    model.compile(keras.optimizers.SGD(0.0), "mse", run_eagerly=True)
    return model


def fit(callbacks, epochs, model=None, **arguments):
    """Fit, and return the History."""
    return (model or constant()).fit(
        IMAGES, IMAGES, epochs=epochs, callbacks=callbacks, verbose=0, **arguments
    )


def fit_until(error, callbacks, epochs, **arguments):
    with pytest.raises(error):
        fit(callbacks, epochs, **arguments)


# A first run, and the one that follows it.
EARLY, LATE = Paint(0.25), Paint(0.75)
