"""From TensorBoard's data provider to trainings and their series; knows no HTTP.

All data comes through `context.data_provider`: it is the one way that works
with the fast data server and with the Python loader alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
from tensorboard.data.provider import DataProvider, RunTagFilter, ScalarDatum, TensorDatum

from tb_meanpixel import metadata
from tb_meanpixel.histogram import FloatArray, Histogram, empty_histogram
from tb_meanpixel.metadata import HistogramTag, Quantity
from tb_meanpixel.summary import decode_histogram, is_histogram
from tb_meanpixel.trainings import (
    SCALARS_PLUGIN,
    Curve,
    RunContents,
    ScalarKey,
    Stream,
    Training,
    other_curve,
    owning_training,
)

if TYPE_CHECKING:
    from tensorboard.context import RequestContext

# The provider wants a limit; the loader keeps every step, see plugin.py.
_ALL_STEPS = 1 << 30

_Datum = TypeVar("_Datum", ScalarDatum, TensorDatum)


@dataclass(frozen=True, eq=False)
class ScalarSeries:
    """Values by step, in the order of the steps."""

    steps: npt.NDArray[np.int64]
    wall_times: FloatArray
    values: FloatArray


@dataclass(frozen=True, eq=False)
class HistogramSeries:
    """Histograms by step: `histogram.cells` is `(steps, rows, bins + 5)`."""

    tag: HistogramTag
    steps: npt.NDArray[np.int64]
    wall_times: FloatArray
    histogram: Histogram
    notes: tuple[str, ...] = ()


class Reader:
    """Reads one experiment on behalf of one request."""

    def __init__(self, provider: DataProvider, context: RequestContext, experiment_id: str):
        self._provider = provider
        self._context = context
        self._experiment_id = experiment_id

    def trainings(self) -> list[Training]:
        """Every training that has records, by name."""
        contents: dict[str, RunContents] = {}
        for listing in (self._provider.list_tensors, self._provider.list_scalars):
            for run, tags in self._list(listing, metadata.PLUGIN_NAME).items():
                of_run = contents.setdefault(run, RunContents(run))
                for tag, series in tags.items():
                    of_run.add(tag, series.plugin_content, series.max_step)
        others = self._other_curves([of_run.name for of_run in contents.values()])
        trainings = [of_run.training(others.get(of_run.name, [])) for of_run in contents.values()]
        return sorted(trainings, key=lambda training: training.name)

    def scalars(self, keys: Iterable[ScalarKey]) -> dict[ScalarKey, ScalarSeries]:
        """Series of any number of runs and writers, with one read for each plugin."""
        wanted = dict.fromkeys(keys)
        found: dict[ScalarKey, ScalarSeries] = {}
        for plugin in {key.plugin for key in wanted}:
            of_plugin = [key for key in wanted if key.plugin == plugin]
            runs = self._provider.read_scalars(
                self._context,
                experiment_id=self._experiment_id,
                plugin_name=plugin,
                downsample=_ALL_STEPS,
                run_tag_filter=RunTagFilter(
                    runs={key.run for key in of_plugin}, tags={key.tag for key in of_plugin}
                ),
            )
            for key in of_plugin:
                data = runs.get(key.run, {}).get(key.tag)
                if data:
                    found[key] = _scalar_series(data)
        return found

    def histograms(
        self, training: Training, stream: Stream, quantity: Quantity
    ) -> list[HistogramSeries]:
        """The outputs' and the references' histograms of one quantity."""
        by_tag = {tag.tag: tag for tag in stream.histograms if tag.quantity == quantity}
        if not by_tag:
            return []
        read = self._provider.read_tensors(
            self._context,
            experiment_id=self._experiment_id,
            plugin_name=metadata.PLUGIN_NAME,
            downsample=_ALL_STEPS,
            run_tag_filter=RunTagFilter(runs=[training.run], tags=list(by_tag)),
        )
        return [
            _histogram_series(by_tag[tag], data)
            for tag, data in sorted(read.get(training.run, {}).items())
        ]

    def _other_curves(self, trainings: Sequence[str]) -> dict[str, list[Curve]]:
        """Scalars that other writers put under a training's directory."""
        curves: dict[str, list[Curve]] = {}
        for run, tags in self._list(self._provider.list_scalars, SCALARS_PLUGIN).items():
            owner = owning_training(run, trainings)
            if owner is None:
                continue
            for tag, series in tags.items():
                curve = other_curve(owner, run, tag, series.max_step)
                if curve is not None:
                    curves.setdefault(owner, []).append(curve)
        return curves

    def _list(self, listing: Any, plugin: str) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = listing(
            self._context, experiment_id=self._experiment_id, plugin_name=plugin
        )
        return found


def _scalar_series(data: Sequence[ScalarDatum]) -> ScalarSeries:
    data = _without_replaced(data)
    return ScalarSeries(
        np.array([datum.step for datum in data], np.int64),
        np.array([datum.wall_time for datum in data], np.float64),
        np.array([datum.value for datum in data], np.float64),
    )


def _without_replaced(data: Sequence[_Datum]) -> list[_Datum]:
    """The last training of a series: one that begins again replaces its later steps.

    The data server leaves them out by itself, the Python loader does not.
    """
    kept: list[_Datum] = []
    for datum in data:
        while kept and kept[-1].step >= datum.step:
            kept.pop()
        kept.append(datum)
    return kept


def _histogram_series(tag: HistogramTag, data: Sequence[TensorDatum]) -> HistogramSeries:
    every = _without_replaced(data)
    fitting = [datum for datum in every if is_histogram(datum.numpy, tag)]
    if fitting:
        histogram = decode_histogram(np.stack([datum.numpy for datum in fitting]))
    else:
        histogram = empty_histogram(tag.low, tag.high, (0, len(tag.stream.channels)), tag.bins)
    notes = []
    if len(fitting) < len(every):
        notes.append(
            f"{len(every) - len(fitting)} steps of {tag.tag} were left out: they do not have the "
            f"{tag.bins} bins from {tag.low:g} to {tag.high:g} that the first one has. Give a "
            "training with other settings a log_dir of its own"
        )
    return HistogramSeries(
        tag,
        np.array([datum.step for datum in fitting], np.int64),
        np.array([datum.wall_time for datum in fitting], np.float64),
        histogram,
        tuple(notes),
    )
