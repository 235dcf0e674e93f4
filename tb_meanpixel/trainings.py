"""Which runs belong together, and what they hold: trainings, streams, curves.

A training is a directory. We write into its run `mean_pixel`; other writers put
theirs beside it: `train`, `validation`, or the directory itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from tb_meanpixel import metadata
from tb_meanpixel.metadata import HistogramTag, LogTag, ScoreTag, StreamInfo

SCALARS_PLUGIN = "scalars"

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


class RunContents:
    """Collects what one run of ours holds, tag by tag, and makes a training of it."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.name = training_name(run)
        self._histograms: dict[str, list[HistogramTag]] = {}  # by stream
        self._scores: dict[str, list[ScoreTag]] = {}
        self._last_steps: dict[str, int] = {}
        self._curves: list[Curve] = []
        self._notes: list[str] = []

    def add(self, tag_name: str, content: bytes, last_step: int | None) -> None:
        """Add a tag by its metadata; what cannot be read becomes a note."""
        if last_step is None:  # the Python loader has purged all of its data
            return
        try:
            tag = metadata.parse(content)
        except metadata.UnreadableMetadataError as error:
            self._notes.append(f"{tag_name} was left out: {error}")
            return
        if isinstance(tag, LogTag):
            self._curves.append(log_curve(self.run, tag, last_step))
            return
        if isinstance(tag, HistogramTag):
            stream = tag.stream.name
            self._histograms.setdefault(stream, []).append(tag)
        else:
            stream = tag.stream
            self._scores.setdefault(stream, []).append(tag)
        self._last_steps[stream] = max(last_step, self._last_steps.get(stream, 0))

    def training(self, other_curves: Sequence[Curve]) -> Training:
        """The training, with the curves that other writers put beside the run."""
        streams = tuple(
            Stream(
                info=tags[0].stream,
                bins=tags[0].bins,
                last_step=self._last_steps[name],
                histograms=tuple(tags),
                scores=tuple(self._scores.get(name, [])),
            )
            for name, tags in sorted(self._histograms.items())
        )
        curves = _with_primary(_without_doubles(self._curves, other_curves))
        return Training(self.name, self.run, streams, curves, tuple(self._notes))


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


def log_curve(run: str, tag: LogTag, last_step: int) -> Curve:
    """A scalar of our own logs: Keras marks validation by a prefix."""
    name = tag.name.removeprefix("val_")
    split = "train" if name == tag.name else "validation"
    return Curve(run, tag.tag, metadata.PLUGIN_NAME, name, split, last_step)


def other_curve(training: str, run: str, tag: str, last_step: int) -> Curve | None:
    """A scalar that another writer put under a training; None if it has no place by the epochs."""
    # The first Keras's callback found in the logs; the others count batches, not epochs.
    if "mean_pixel" in tag or tag.endswith("_vs_iterations") or tag.startswith("batch_"):
        return None
    # The name of the training itself says nothing of the split: "unet_test", say.
    name, split = name_and_split("" if run == training else run, tag)
    return Curve(run, tag, SCALARS_PLUGIN, name, split, last_step)


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
    marked = [replace(curve, primary=curve in shown) for curve in curves]
    return tuple(sorted(marked, key=lambda c: (not c.primary, c.name, c.split, c.run)))
