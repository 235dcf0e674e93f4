"""Streams and names in the logs: each has one who writes it, or `fit` does not begin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tb_meanpixel.recording.metric import MeanPixel
from tb_meanpixel.recording.model_metrics import ModelMetric, mean_pixels_by_label
from tb_meanpixel.schema.log_names import log_names

# The streams that a callback writes, with the metrics that they are of; none of a reference.
Streams = Mapping[str, Sequence[MeanPixel]]


def metric_streams(metrics: Sequence[ModelMetric]) -> Streams:
    """The streams of a model's `MeanPixel` metrics."""
    return {
        f"{side}_{label}" if label else side: found
        for side in ("train", "validation")
        for label, found in mean_pixels_by_label(metrics).items()
    }


def all_log_names(streams: Iterable[str]) -> dict[str, str]:
    """The stream of each name that is added to the logs."""
    return {name: stream for stream in streams for name in log_names(stream)}


def check_names(
    streams: Streams, others: Iterable[Streams], metrics: Sequence[ModelMetric]
) -> None:
    """Raise ValueError if a stream, or a name in the logs, has two who write it.

    Args:
        streams: those of a callback.
        others: those of the other callbacks of the same `fit`.
        metrics: the metrics of the model.
    """
    for found in streams.values():
        if len(found) > 1:
            raise ValueError(
                f"{len(found)} MeanPixel metrics of the model are named {found[0].name!r}. Give "
                f'each a name of its own, for instance MeanPixel(name="{found[0].name}_2")'
            )
    names = all_log_names(streams)
    for other in others:
        for name, stream in all_log_names(other).items():
            if name in names:
                raise ValueError(_two_callbacks(names[name], stream, name, streams, other))
    for metric in metrics:
        for name in (metric.log_name, f"val_{metric.log_name}"):
            if name in names and not any(metric.metric is own for own in streams[names[name]]):
                raise ValueError(
                    f"MeanPixelCallback and the model's metric {metric.name!r} would both write "
                    f"{name!r} into the logs. Give one of them another name: "
                    'MeanPixelCallback(..., stream="reference"), or '
                    'metrics=[MeanPixel(name="measured")]'
                )


def _two_callbacks(first: str, second: str, name: str, one: Streams, other: Streams) -> str:
    both = f"Two MeanPixelCallbacks of this fit would write {name!r} into the logs"
    if one[first] and other[second]:
        return f"{both}: both record the model's MeanPixel metrics. Keep one of them"
    return (
        f"{both}, as the streams {first!r} and {second!r}. Give one that has a reference a name "
        f'of its own: MeanPixelCallback(..., reference=..., stream="{second}2")'
    )
