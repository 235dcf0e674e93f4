"""What an experiment holds: runs and their streams.

A run is a directory. We write into its event directory `mean_pixel`; other writers put theirs
next to it: `train`, `validation`, or the directory itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tb_meanpixel.findings.curves import Curve, ScalarKey
from tb_meanpixel.schema.metadata import (
    PLUGIN_NAME,
    HistogramTag,
    MeanImageTag,
    QuantilesTag,
    ScoresTag,
    ScoreTag,
    StreamInfo,
)
from tb_meanpixel.statistics.histogram import FloatArray


@dataclass(frozen=True)
class Steps:
    """The steps of a stream.

    Attributes:
        first, last: the first and the last step.
        loaded: how many of them TensorBoard has kept.
        recorded: how many were written; more than `loaded` if `--samples_per_plugin`
            has downsampled them.
    """

    first: int
    last: int
    loaded: int
    recorded: int


@dataclass(frozen=True)
class Stream:
    """A stream as it was found: its metadata, its steps and its tags.

    Attributes:
        scores: every score that there is, by its name of today.
        table: of the tensors that hold them; None in files of the first version.
        scalar_scores: scalars that hold scores of steps which are not in the tensors: those
            of the first version, under the names that they have in the file.
        lacks: what is missing at all or some steps because an old version wrote them:
            "quantiles", "scores" (those that are not scalars), "sums", "unit".
    """

    info: StreamInfo
    bins: int
    steps: Steps
    histograms: tuple[HistogramTag, ...] = ()
    mean_images: tuple[MeanImageTag, ...] = ()
    scores: tuple[ScoreTag, ...] = ()
    quantiles: tuple[QuantilesTag, ...] = ()
    table: ScoresTag | None = None
    scalar_scores: tuple[ScoreTag, ...] = ()
    lacks: tuple[str, ...] = ()

    def quantiles_of(self, tag: HistogramTag) -> QuantilesTag | None:
        """The quantiles of the same side and quantity as a histogram's, if there are any."""
        same = (
            one for one in self.quantiles if (one.side, one.quantity) == (tag.side, tag.quantity)
        )
        return next(same, None)

    def recorded_as(self, score: ScoreTag) -> list[ScoreTag]:
        """The scalars that hold a score."""
        return [
            tag
            for tag in self.scalar_scores
            if (tag.name, tag.channel) == (score.name, score.channel)
        ]


@dataclass(frozen=True)
class Run:
    """A directory with all that was written below it.

    Attributes:
        name: the directory.
        event_directory: the one that we wrote.
        revision: it changes whenever anything of the run does.
        own_revision: the same of our event directory alone.
        notes: sentences about what could not be read, and why.
        leftovers: wall times of the points that a run before this one left in the same
            directory, by their curve.
    """

    name: str
    event_directory: str
    revision: str
    own_revision: str
    streams: tuple[Stream, ...]
    curves: tuple[Curve, ...]
    notes: tuple[str, ...] = ()
    leftovers: Mapping[ScalarKey, FloatArray] = field(default_factory=dict, compare=False)

    def stream(self, name: str) -> Stream | None:
        """The stream of that name, if there is one."""
        return next((stream for stream in self.streams if stream.info.name == name), None)

    def scalar_key(self, tag: ScoreTag) -> ScalarKey:
        """Where the series of a score that is a scalar is found."""
        return ScalarKey(PLUGIN_NAME, self.event_directory, tag.tag)

    def scores(self, names: Collection[str] = (), streams: Collection[str] = ()) -> list[ScoreTag]:
        """The scores; only those of some names and streams, if any are given."""
        return [
            tag
            for stream in self.streams
            if not streams or stream.info.name in streams
            for tag in stream.scores
            if not names or tag.name in names
        ]


@dataclass(frozen=True)
class Catalog:
    """All that an experiment holds, without any series.

    Attributes:
        runs: those with readable records, by name.
        notes: sentences about event directories of ours without any readable series.
        event_directories: all that TensorBoard has. It colours them in this order.
    """

    runs: tuple[Run, ...]
    notes: tuple[str, ...] = ()
    event_directories: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """It changes whenever anything of the catalog does."""
        return " ".join(
            [*(run.revision for run in self.runs), *self.notes, *self.event_directories]
        )
