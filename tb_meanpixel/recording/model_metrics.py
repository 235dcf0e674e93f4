"""The metrics of a model: which of them are `MeanPixel`, and under which names Keras logs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tb_meanpixel.recording.metric import MeanPixel


class ModelMetric(NamedTuple):
    """A metric of a model.

    Attributes:
        metric: the metric, or what `compile` was given for it: a function, a name.
        output: the model's output that it is of; "" where there is one, or it is of none.
    """

    metric: Any
    output: str

    @property
    def name(self) -> str:
        if isinstance(self.metric, str):
            return self.metric
        return str(getattr(self.metric, "name", None) or getattr(self.metric, "__name__", ""))

    @property
    def log_name(self) -> str:
        """Its name in the logs of training."""
        return f"{self.output}_{self.name}" if self.output else self.name


def model_metrics(model: Any) -> list[ModelMetric]:
    """The metrics of a model, each once: its own and those given to `compile`."""
    found: list[ModelMetric] = []
    for one in _walk(list(model.metrics), "", getattr(model, "output_names", None) or ()):
        if not any(one.metric is other.metric for other in found):
            found.append(one)
    return found


def are_known(model: Any) -> bool:
    """Whether all metrics can be told before the first batch, in which Keras makes them."""
    return all(hasattr(metric, "_user_metrics") or _is_built(metric) for metric in model.metrics)


def mean_pixels_by_label(metrics: Sequence[ModelMetric]) -> dict[str, list[MeanPixel]]:
    """The `MeanPixel` metrics, by what tells their streams apart; "" where there is one.

    The label is the output's name, as in Keras's logs, or else the metric's own.
    """
    chosen = [one for one in metrics if isinstance(one.metric, MeanPixel)]
    outputs = [one.output for one in chosen]
    labels: dict[str, list[MeanPixel]] = {}
    for one in chosen:
        label = one.output if outputs.count(one.output) == 1 else one.log_name
        label = "" if len(chosen) == 1 else label or one.name
        labels.setdefault(label, []).append(one.metric)
    return labels


def _walk(metrics: Any, output: str, outputs: Sequence[str]) -> Iterator[ModelMetric]:
    """The metrics inside those of `compile`, which Keras has no public way to look into."""
    if isinstance(metrics, dict):
        for name, content in metrics.items():
            yield from _walk(content, "" if len(outputs) == 1 else str(name), outputs)
    elif isinstance(metrics, list | tuple):
        for metric in metrics:
            yield from _walk(metric, output, outputs)
    elif hasattr(metrics, "_user_metrics"):
        for content in _compiled(metrics, outputs):
            yield from _walk(content, "", outputs)
    elif hasattr(metrics, "metrics"):  # those of one output
        yield from _walk(metrics.metrics, getattr(metrics, "output_name", None) or "", outputs)
    elif metrics is not None:
        yield ModelMetric(metrics, output)


def _compiled(metrics: Any, outputs: Sequence[str]) -> list[Any]:
    """What Keras has made of the metrics of `compile`, or before that what it was given."""
    if _is_built(metrics):
        return [metrics._flat_metrics, metrics._flat_weighted_metrics]
    given = [metrics._user_metrics, metrics._user_weighted_metrics]
    return [
        dict(zip(outputs, one, strict=True))
        if isinstance(one, list | tuple) and len(one) == len(outputs) > 1
        else one
        for one in given
    ]


def _is_built(metric: Any) -> bool:
    return bool(getattr(metric, "built", True))
