"""The two numbers of one image: its mean pixel and its contrast.

They are defined once, for numpy and for the graph of a model alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_meanpixel.statistics.images import colour_count


def image_means(images: Any, xp: Any = np) -> Any:
    """The mean pixel of each image, and its channel means.

    Args:
        images: `(batch, height, width, channels)`.
        xp: the module that computes: `numpy`, or `keras.ops` inside a graph.

    Returns:
        `(batch, 1)` for images of one channel, else `(batch, 1 + channels)`, in intensity
        units; float64 from numpy. First the mean pixel: the mean over height, width and
        colour channels. With several channels each channel's mean over height and width follows.

    Example:
        >>> image_means(np.array([[[[0.0, 0.2, 0.7]]]]))
        array([[0.3, 0. , 0.2, 0.7]])
    """
    with np.errstate(invalid="ignore", over="ignore"):
        channel_means = _spatial_mean(_exact(images, xp), xp)
        return prepend_all(xp.mean(_colours(channel_means), axis=1), channel_means, xp)


def image_contrasts(images: Any, xp: Any = np) -> Any:
    """The standard deviation of the pixels inside each image, or its RMS contrast.

    Arguments and shapes as those of `image_means`. First that of all colour channels: the root
    of the mean of their variances, each about its own mean. 0, but for rounding, for a flat image.

    Example: half of the pixels 0, half of them 1.
        >>> image_contrasts(np.array([[[[0.0], [1.0]]]]))
        array([[0.5]])
    """
    with np.errstate(invalid="ignore", over="ignore"):
        pixels = _exact(images, xp)
        means = _spatial_mean(pixels, xp)
        variances = _spatial_mean(_deviations(pixels, means, xp) ** 2, xp)
        all_channels = xp.mean(_colours(variances), axis=1)
        return xp.sqrt(prepend_all(all_channels, variances, xp))


def _colours(per_channel: Any) -> Any:
    """Of `(batch, channels)` those that are no alpha."""
    return per_channel[:, : colour_count(per_channel.shape[1])]


def _spatial_mean(images: Any, xp: Any) -> Any:
    """Mean over height and width `(batch, channels)`."""
    batch, height, width, channels = images.shape
    if xp is np:
        # A product with ones is a sum, and up to 20 times faster than one over inner axes.
        pixels = images.reshape(batch, height * width, channels)
        return (np.ones(height * width) @ pixels) / (height * width)
    if height is None or width is None:
        return xp.mean(images, axis=(1, 2))
    # One axis after the other: both at once are slow where the channels are few.
    columns = xp.sum(xp.reshape(images, (-1, height, width * channels)), axis=1)
    return xp.sum(xp.reshape(columns, (-1, width, channels)), axis=1) / (height * width)


def _deviations(images: Any, means: Any, xp: Any) -> Any:
    """Each pixel less the mean of its channel in its image, shaped as `images`."""
    _, height, width, channels = images.shape
    if height is None or width is None:
        return images - means[:, None, None, :]
    # A row of means: to spread a few channels over all pixels is four times slower.
    row = xp.tile(means, (1, width))[:, None, :]
    rows = xp.reshape(images, (-1, height, width * channels))
    return xp.reshape(rows - row, (-1, height, width, channels))


def _exact(images: Any, xp: Any) -> Any:
    """float64 in numpy; in a graph what the caller has chosen: devices are slow in float64."""
    return images.astype(np.float64, copy=False) if xp is np else images


def prepend_all(all_channels: Any, per_channel: Any, xp: Any = np) -> Any:
    """Put the number of all channels `(batch,)` before those of each `(batch, channels)`.

    Of one channel it is the same number, and stands there once.
    """
    if per_channel.shape[1] == 1:
        return per_channel
    return xp.concatenate([all_channels[:, None], per_channel], axis=1)
