"""Losses of a reconstruction: two that are right, and four that lead astray.

Each takes targets and outputs `(batch, h, w, c)` and gives `(batch,)`: nats, summed
over an image. A squared error is in nats if a pixel is known to within `NOISE`.
"""

from keras import ops

NOISE = 0.1
PER_PIXEL = 0.5 / NOISE**2


def cross_entropy(targets, outputs):
    """For targets and outputs in [0, 1]."""
    return ops.sum(ops.binary_crossentropy(targets, outputs), axis=(1, 2, 3))


def squared_error(targets, outputs):
    """For any range."""
    return PER_PIXEL * ops.sum(ops.square(targets - outputs), axis=(1, 2, 3))


def centred_error(targets, outputs):
    """Blind to brightness: the batch's mean error is taken away, as BatchNormalization would."""
    error = targets - outputs
    error -= ops.mean(error, axis=(0, 1, 2))  # (c,)
    return PER_PIXEL * ops.sum(ops.square(error), axis=(1, 2, 3))


def sharpened_error(targets, outputs):
    """Grey is punished, against blur: best are outputs of twice the contrast, clipped."""
    return squared_error(targets, outputs) - 0.5 * squared_error(0.4, outputs)


def smoothed_error(targets, outputs):
    """Differences of neighbours are punished, against noise (total variation): best is flat."""
    down = ops.abs(outputs[:, 1:] - outputs[:, :-1])
    right = ops.abs(outputs[:, :, 1:] - outputs[:, :, :-1])
    roughness = ops.sum(down, axis=(1, 2, 3)) + ops.sum(right, axis=(1, 2, 3))
    return squared_error(targets, outputs) + 22 * roughness


def textbook_cross_entropy(targets, outputs):
    """Not clipped as libraries do: the logarithm of 0 is infinite, and 0 times that is NaN."""
    cost = -targets * ops.log(outputs) - (1 - targets) * ops.log(1 - outputs)
    return ops.sum(cost, axis=(1, 2, 3))


LOSSES = {
    loss.__name__: loss
    for loss in (
        cross_entropy,
        squared_error,
        centred_error,
        sharpened_error,
        smoothed_error,
        textbook_cross_entropy,
    )
}


def mean_pixel_error(targets, outputs):
    """What wrong brightness costs: the part of the squared error that `centred_error` lacks.

    A squared error is that of the mean, once for each pixel, and that of the rest.
    """
    _, height, width, _ = outputs.shape
    error = ops.mean(outputs - targets, axis=(1, 2))  # (batch, c): each channel's mean pixel
    return PER_PIXEL * height * width * ops.sum(ops.square(error), axis=-1)
