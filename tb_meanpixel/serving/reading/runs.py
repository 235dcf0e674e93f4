"""Which runs belong together, and what they hold: trainings and their streams.

A training is a directory. We write into its run `mean_pixel`; other writers put
theirs beside it: `train`, `validation`, or the directory itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tb_meanpixel.schema import metadata
from tb_meanpixel.schema.metadata import HistogramTag, MeanImageTag, ScoreTag, StreamInfo
from tb_meanpixel.serving.reading.curves import Curve, ScalarKey

# What TensorBoard says of the series of a run: `{tag: ...}`.
Listing = Mapping[str, Any]


@dataclass(frozen=True)
class Steps:
    """The epochs of a stream.

    Attributes:
        first, last: the first and the last step.
        loaded: how many of them TensorBoard has kept.
        recorded: how many were written; more than `loaded` if `--samples_per_plugin`
            has thinned them out.
    """

    first: int
    last: int
    loaded: int
    recorded: int


@dataclass(frozen=True)
class Stream:
    """A stream as it was found: what its metadata says and which tags it has."""

    info: StreamInfo
    bins: int
    steps: Steps
    histograms: tuple[HistogramTag, ...] = ()
    mean_images: tuple[MeanImageTag, ...] = ()
    scores: tuple[ScoreTag, ...] = ()


@dataclass(frozen=True)
class Training:
    """A directory whose runs belong together.

    Attributes:
        name: the directory.
        run: the run of it that we wrote.
        revision: another one whenever anything of the training is.
        own_revision: the same of `run` alone.
        notes: sentences about what could not be read, and why.
    """

    name: str
    run: str
    revision: str
    own_revision: str
    streams: tuple[Stream, ...]
    curves: tuple[Curve, ...]
    notes: tuple[str, ...] = ()

    def stream(self, name: str) -> Stream | None:
        return next((s for s in self.streams if s.info.name == name), None)

    def score_key(self, tag: ScoreTag) -> ScalarKey:
        return ScalarKey(metadata.PLUGIN_NAME, self.run, tag.tag)

    def scores(
        self, statistics: Collection[str] = (), streams: Collection[str] = ()
    ) -> list[ScoreTag]:
        """The scores; those of some statistics and streams only, if any are named."""
        return [
            tag
            for stream in self.streams
            if not streams or stream.info.name in streams
            for tag in stream.scores
            if not statistics or tag.name in statistics
        ]


def revision_of(listings: Iterable[tuple[str, Listing]]) -> str:
    """A short hash of what TensorBoard says of some series: `(run, {tag: ...})`.

    A step that is added, replaced or removed changes a series' greatest step or
    its greatest wall time.
    """
    told = [
        (run, tag, series.max_step, series.max_wall_time, series.plugin_content)
        for run, tags in listings
        for tag, series in sorted(tags.items())
    ]
    return hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest()


def training_names(runs: Iterable[str]) -> dict[str, str]:
    """`{run: training}`: the directory above each run of ours, and no name twice.

    Example:
        >>> training_names(["vae/mean_pixel", "mean_pixel", "moved"])
        {'mean_pixel': '.', 'vae/mean_pixel': 'vae', 'moved': 'moved'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    # Those in their place come first: a run that somebody moved is named as what is left.
    for run in sorted(runs, key=lambda run: (training_name(run) == run, run)):
        name = training_name(run)
        names[run] = f"{run}/." if name in taken else name
        taken.add(name)
    return names


def training_name(run: str) -> str:
    """The training that a run of ours belongs to: the directory above it.

    Example:
        >>> training_name("vae/mean_pixel"), training_name("mean_pixel")
        ('vae', '.')
    """
    head, _, tail = run.replace("\\", "/").rpartition("/")
    if tail != metadata.EVENT_DIRECTORY_NAME:  # somebody moved our files: the run itself then
        return run
    return head or "."


def owning_training(run: str, trainings: Collection[str]) -> str | None:
    """The innermost training whose directory holds `run`, if any.

    Example:
        >>> owning_training("a/b/train", {"a", "a/b", "c"})
        'a/b'
    """
    path = run.replace("\\", "/")
    while path:
        if path in trainings:
            return path
        path = path.rpartition("/")[0]
    return "." if "." in trainings else None
