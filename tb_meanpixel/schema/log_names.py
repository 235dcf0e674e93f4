"""Names in the epoch's `logs` of the scores that the callback adds to them."""

from __future__ import annotations

_LOGGED = {"mean_pixel": "output_mean", "mean_pixel_bias": "bias", "mean_pixel_drift": "drift"}


def log_names(stream: str) -> dict[str, str]:
    """The scores of a stream that are added to the logs, by their names there.

    Keras marks validation by a prefix, and training by none.

    Example:
        >>> [next(iter(log_names(stream))) for stream in ("validation", "train", "samples")]
        ['val_mean_pixel', 'mean_pixel', 'samples_mean_pixel']
        >>> [next(iter(log_names(stream))) for stream in ("validation_mask", "train_mask")]
        ['val_mask_mean_pixel', 'mask_mean_pixel']
    """
    side, _, rest = stream.partition("_")
    parts = {"validation": ("val", rest), "train": (rest,)}.get(side, (stream,))
    prefix = "".join(f"{part}_" for part in parts if part)
    return {prefix + name: score for name, score in _LOGGED.items()}
