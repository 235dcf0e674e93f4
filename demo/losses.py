"""What a reconstruction costs: two losses that are right, and three that lead astray.

Each takes targets and outputs `(batch, h, w, c)` and gives `(batch,)`, summed over
an image. The squared errors are in nats too, for pixels known to `NOISE`.
"""

from keras import ops

NOISE = 0.1
PER_PIXEL = 0.5 / NOISE**2


def cross_entropy(targets, outputs):
    """For targets and outputs in [0, 1]."""
    return ops.sum(ops.binary_crossentropy(targets, outputs), axis=(1, 2, 3))


def textbook_cross_entropy(targets, outputs):
    """The same without the clipping that libraries add: log 0 is infinite, and 0 times that NaN."""
    cost = -targets * ops.log(outputs) - (1 - targets) * ops.log(1 - outputs)
    return ops.sum(cost, axis=(1, 2, 3))


def squared_error(targets, outputs):
    """For any range."""
    return PER_PIXEL * ops.sum(ops.square(targets - outputs), axis=(1, 2, 3))


def centred_error(targets, outputs):
    """Blind to brightness: a batch's mean error is taken away, as a BatchNormalization would."""
    error = targets - outputs
    error -= ops.mean(error, axis=(0, 1, 2))  # (c,)
    return PER_PIXEL * ops.sum(ops.square(error), axis=(1, 2, 3))


def sharpened_error(targets, outputs):
    """Against blur, grey is punished: outputs get twice the contrast, up to black and white."""
    return squared_error(targets, outputs) - 0.5 * squared_error(0.4, outputs)


def smoothed_error(targets, outputs):
    """Against noise, differences of neighbours are punished (total variation): outputs get flat."""
    down = ops.abs(outputs[:, 1:] - outputs[:, :-1])
    right = ops.abs(outputs[:, :, 1:] - outputs[:, :, :-1])
    roughness = ops.sum(down, axis=(1, 2, 3)) + ops.sum(right, axis=(1, 2, 3))
    return squared_error(targets, outputs) + 22 * roughness


LOSSES = {
    loss.__name__: loss
    for loss in (cross_entropy, textbook_cross_entropy, squared_error, centred_error, sharpened_error, smoothed_error)
}
