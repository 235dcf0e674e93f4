"""Which event_directories belong together, and what they hold: runs and their streams.

A run is a directory. We write into its event_directory `mean_pixel`; other writers put
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

# What TensorBoard says of the series of a event_directory: `{tag: ...}`.
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
class Run:
    """A directory whose event_directories belong together.

    Attributes:
        name: the directory.
        event_directory: the event_directory of it that we wrote.
        revision: another one whenever anything of the run is.
        own_revision: the same of `event_directory` alone.
        notes: sentences about what could not be read, and why.
    """

    name: str
    event_directory: str
    revision: str
    own_revision: str
    streams: tuple[Stream, ...]
    curves: tuple[Curve, ...]
    notes: tuple[str, ...] = ()

    def stream(self, name: str) -> Stream | None:
        return next((s for s in self.streams if s.info.name == name), None)

    def score_key(self, tag: ScoreTag) -> ScalarKey:
        return ScalarKey(metadata.PLUGIN_NAME, self.event_directory, tag.tag)

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
    """A short hash of what TensorBoard says of some series: `(event_directory, {tag: ...})`.

    A step that is added, replaced or removed changes a series' greatest step or
    its greatest wall time.
    """
    told = [
        (event_directory, tag, series.max_step, series.max_wall_time, series.plugin_content)
        for event_directory, tags in listings
        for tag, series in sorted(tags.items())
    ]
    return hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest()


def run_names(event_directories: Iterable[str]) -> dict[str, str]:
    """`{event_directory: run}`: the directory above each event_directory of ours, and no name twice.

    Example:
        >>> run_names(["vae/mean_pixel", "mean_pixel", "moved"])
        {'mean_pixel': '.', 'vae/mean_pixel': 'vae', 'moved': 'moved'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    # Those in their place come first: a event_directory that somebody moved is named as what is left.
    for event_directory in sorted(
        event_directories,
        key=lambda event_directory: (run_name(event_directory) == event_directory, event_directory),
    ):
        name = run_name(event_directory)
        names[event_directory] = f"{event_directory}/." if name in taken else name
        taken.add(name)
    return names


def run_name(event_directory: str) -> str:
    """The run that a event_directory of ours belongs to: the directory above it.

    Example:
        >>> run_name("vae/mean_pixel"), run_name("mean_pixel")
        ('vae', '.')
    """
    head, _, tail = event_directory.replace("\\", "/").rpartition("/")
    if tail != metadata.RUN_NAME:  # somebody moved our files: the event_directory itself then
        return event_directory
    return head or "."


def owning_run(event_directory: str, runs: Collection[str]) -> str | None:
    """The innermost run whose directory holds `event_directory`, if any.

    Example:
        >>> owning_run("a/b/train", {"a", "a/b", "c"})
        'a/b'
    """
    path = event_directory.replace("\\", "/")
    while path:
        if path in runs:
            return path
        path = path.rpartition("/")[0]
    return "." if "." in runs else None
