"""From TensorBoard's data provider to trainings, streams and series; knows no HTTP.

All data comes through `context.data_provider`: it is the one way that works
with the fast data server and with the Python loader alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from tensorboard.data.provider import DataProvider, RunTagFilter, ScalarDatum, TensorDatum

from tb_meanpixel import metadata
from tb_meanpixel.histogram import FloatArray, Histogram
from tb_meanpixel.metadata import HistogramTag, LogTag, Quantity, ScoreTag, StreamInfo
from tb_meanpixel.summary import decode_histogram, encoded_shape

if TYPE_CHECKING:
    from tensorboard.context import RequestContext

# The provider wants a limit; the loader keeps every step, see plugin.py.
_ALL_STEPS = 1 << 30
_SCALARS_PLUGIN = "scalars"
_LOSS = re.compile(r"loss|elbo|nll", re.IGNORECASE)
_VALIDATION = re.compile(r"(^|[/_.-])(val|valid|validation|eval|test)([/_.-]|$)", re.IGNORECASE)


class ScalarKey(NamedTuple):
    """Where a scalar series is found."""

    plugin: str
    run: str
    tag: str


@dataclass(frozen=True)
class Stream:
    """A stream as it was found: what its metadata says and which tags it has."""

    info: StreamInfo
    bins: int
    last_step: int
    histograms: tuple[HistogramTag, ...]
    scores: tuple[ScoreTag, ...]


@dataclass(frozen=True)
class Curve:
    """A scalar of the training loop, from our own logs or from another writer.

    Attributes:
        name: what it measures without the split, for instance "loss".
        split: "train" or "validation".
        primary: whether it is shown unasked: the loss.
    """

    run: str
    tag: str
    plugin: str
    name: str
    split: str
    last_step: int
    primary: bool = False

    @property
    def key(self) -> ScalarKey:
        return ScalarKey(self.plugin, self.run, self.tag)


@dataclass(frozen=True)
class Training:
    """A directory whose runs belong together; `run` is the one that we wrote."""

    name: str
    run: str
    streams: tuple[Stream, ...]
    curves: tuple[Curve, ...]
    notes: tuple[str, ...] = ()

    def stream(self, name: str) -> Stream | None:
        return next((s for s in self.streams if s.info.name == name), None)

    def score_key(self, tag: ScoreTag) -> ScalarKey:
        return ScalarKey(metadata.PLUGIN_NAME, self.run, tag.tag)

    def scores(self, statistics: Collection[str] = ()) -> list[ScoreTag]:
        """The scores of all streams; of some statistics only, if any are named."""
        return [
            tag
            for stream in self.streams
            for tag in stream.scores
            if not statistics or tag.statistic in statistics
        ]


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


@dataclass
class _Found:
    """What one run holds of ours, while it is being collected."""

    histograms: list[HistogramTag] = field(default_factory=list)
    scores: list[ScoreTag] = field(default_factory=list)
    last_steps: dict[str, int] = field(default_factory=dict)
    curves: list[Curve] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Reader:
    """Reads one experiment on behalf of one request."""

    def __init__(self, provider: DataProvider, context: RequestContext, experiment_id: str):
        self._provider = provider
        self._context = context
        self._experiment_id = experiment_id

    def trainings(self) -> list[Training]:
        """Every training that has records, by name."""
        found = self._our_runs()
        names = {training_name(run): run for run in found}
        others = self._other_curves(names)
        trainings = []
        for name, run in sorted(names.items()):
            own = found[run]
            curves = _without_doubles(own.curves, others.get(name, []))
            trainings.append(
                Training(name, run, _streams(own), _with_primary(curves), tuple(own.notes))
            )
        return trainings

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

    def _our_runs(self) -> dict[str, _Found]:
        found: dict[str, _Found] = {}
        for listing in (self._provider.list_tensors, self._provider.list_scalars):
            runs = listing(
                self._context,
                experiment_id=self._experiment_id,
                plugin_name=metadata.PLUGIN_NAME,
            )
            for run, tags in runs.items():
                for name, series in tags.items():
                    collected = found.setdefault(run, _Found())
                    try:
                        tag = metadata.parse(series.plugin_content)
                    except metadata.UnreadableMetadataError as error:
                        collected.notes.append(f"{name} was left out: {error}")
                        continue
                    _collect(collected, run, tag, series.max_step)
        return found

    def _other_curves(self, trainings: Mapping[str, str]) -> dict[str, list[Curve]]:
        """Scalars that other writers put under a training's directory."""
        runs = self._provider.list_scalars(
            self._context, experiment_id=self._experiment_id, plugin_name=_SCALARS_PLUGIN
        )
        curves: dict[str, list[Curve]] = {}
        for run, tags in runs.items():
            owner = owning_training(run, trainings)
            if owner is None:
                continue
            for tag, series in tags.items():
                if "mean_pixel" in tag:  # our scores, which Keras's callback found in the logs
                    continue
                # The name of the training itself says nothing of the split: "unet_test", say.
                name, split = name_and_split("" if training_name(run) == owner else run, tag)
                curves.setdefault(owner, []).append(
                    Curve(run, tag, _SCALARS_PLUGIN, name, split, series.max_step)
                )
        return curves


def training_name(run: str) -> str:
    """The training that a run of ours belongs to: the directory above it.

    Example:
        >>> training_name("vae/mean_pixel"), training_name("mean_pixel")
        ('vae', '.')
    """
    head, _, tail = run.replace("\\", "/").rpartition("/")
    if tail != metadata.RUN_NAME:  # somebody moved our files: the run itself then
        return run
    return head or "."


def owning_training(run: str, trainings: Iterable[str]) -> str | None:
    """The innermost training whose directory holds `run`, if any.

    Example:
        >>> owning_training("a/b/train", ["a", "a/b", "c"])
        'a/b'
    """
    path = run.replace("\\", "/")
    holding = [t for t in trainings if t in (".", path) or path.startswith(t + "/")]
    return max(holding, key=lambda name: (name != ".", len(name)), default=None)


def name_and_split(run: str, tag: str) -> tuple[str, str]:
    """What another writer's scalar measures, and on which split.

    Keras writes `epoch_loss` into the runs `train` and `validation`.

    Example:
        >>> name_and_split("vae/validation", "epoch_loss"), name_and_split("pt", "loss/train")
        (('loss', 'validation'), ('loss/train', 'train'))
    """
    directory = run.replace("\\", "/").rpartition("/")[2]
    validation = _VALIDATION.search(tag) or _VALIDATION.search(directory)
    return tag.removeprefix("epoch_"), "validation" if validation else "train"


def _collect(found: _Found, run: str, tag: metadata.Tag, last_step: int) -> None:
    if isinstance(tag, LogTag):
        split = "validation" if tag.name.startswith("val_") else "train"
        name = tag.name.removeprefix("val_")
        found.curves.append(Curve(run, tag.tag, metadata.PLUGIN_NAME, name, split, last_step))
        return
    if isinstance(tag, HistogramTag):
        found.histograms.append(tag)
        stream = tag.stream.name
    else:
        found.scores.append(tag)
        stream = tag.stream
    found.last_steps[stream] = max(last_step, found.last_steps.get(stream, 0))


def _streams(found: _Found) -> tuple[Stream, ...]:
    by_name: dict[str, list[HistogramTag]] = {}
    for tag in found.histograms:
        by_name.setdefault(tag.stream.name, []).append(tag)
    return tuple(
        Stream(
            info=tags[0].stream,
            bins=tags[0].bins,
            last_step=found.last_steps[name],
            histograms=tuple(tags),
            scores=tuple(score for score in found.scores if score.stream == name),
        )
        for name, tags in sorted(by_name.items())
    )


def _without_doubles(own: Sequence[Curve], others: Sequence[Curve]) -> list[Curve]:
    """Our own logs first; what Keras's callback wrote of the same epochs is left out."""
    ours = {(curve.name, curve.split) for curve in own}
    return [
        *own,
        *(c for c in others if not (c.tag.startswith("epoch_") and (c.name, c.split) in ours)),
    ]


def _with_primary(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """Mark the loss: what is called so, else whatever has a loss in its name."""
    exact = [curve for curve in curves if curve.name.lower() == "loss"]
    shown = exact or [c for c in curves if _LOSS.search(c.name) and "batch" not in c.tag]
    marked = [
        Curve(c.run, c.tag, c.plugin, c.name, c.split, c.last_step, primary=c in shown)
        for c in curves
    ]
    return tuple(sorted(marked, key=lambda c: (not c.primary, c.name, c.split, c.run)))


def _scalar_series(data: Sequence[ScalarDatum]) -> ScalarSeries:
    by_step = {datum.step: datum for datum in data}
    steps = sorted(by_step)
    return ScalarSeries(
        np.array(steps, np.int64),
        np.array([by_step[step].wall_time for step in steps], np.float64),
        np.array([by_step[step].value for step in steps], np.float64),
    )


def _histogram_series(tag: HistogramTag, data: Sequence[TensorDatum]) -> HistogramSeries:
    shape = encoded_shape(tag)
    by_step, unfit = {}, 0
    for datum in data:
        array = datum.numpy
        if array.shape == shape and array.dtype == np.float64:
            by_step[datum.step] = (datum.wall_time, array)
        else:
            unfit += 1
    steps = sorted(by_step)
    stacked = np.stack([by_step[s][1] for s in steps]) if steps else np.zeros((0, *shape))
    notes = (
        (f"{unfit} steps of {tag.tag} were left out: their tensors are not {shape}",)
        if unfit
        else ()
    )
    return HistogramSeries(
        tag,
        np.array(steps, np.int64),
        np.array([by_step[s][0] for s in steps], np.float64),
        decode_histogram(stacked, tag.low, tag.high),
        notes,
    )
