"""Which scores and curves an answer holds, and how many points of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tb_meanpixel.findings.curves import Curve
from tb_meanpixel.schema.metadata import ScoreTag
from tb_meanpixel.serving.answers import lookup
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.reading.reader import Reader, ScalarRead
from tb_meanpixel.serving.reading.runs import Run
from tb_meanpixel.serving.reading.scalar_series import RunScalars

CurveChoice = Literal["all", "primary", "none"]
_CURVES: tuple[CurveChoice, ...] = ("all", "primary", "none")


@dataclass(frozen=True)
class ScalarSelection:
    """Scores and curves of any number of runs.

    Attributes:
        scores: names of scores; none means all.
        streams: names of streams; none means all.
        channels: names of channels, empty for the overall score; none means all.
        curves: which curves.
        tags: tags of further curves.
        has_scores: false for curves alone.
        after: only steps after this one.
        points: maximum number of points of each series.
    """

    scores: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    curves: CurveChoice = "all"
    tags: tuple[str, ...] = ()
    has_scores: bool = True
    after: int | None = None
    points: int | None = None

    @classmethod
    def from_query(cls, query: Query, runs: Sequence[Run]) -> ScalarSelection:
        """The parameters of `scalars`."""
        tags = tuple(query.distinct("tag"))
        # Tags stand alone, unless other curves are requested too.
        only_tags = tags and not query.has("curves")
        return cls(
            scores=tuple(query.distinct("score")),
            streams=tuple(lookup.stream_names(query, runs)),
            channels=tuple(query.distinct("channel")),
            curves="none" if only_tags else query.choice("curves", _CURVES),
            tags=tags,
            after=query.integer("after"),
            points=query.integer("points", minimum=2),
        )

    def select(self, reader: Reader, runs: Sequence[Run]) -> list[RunScalars]:
        """The series of each run."""
        if not self._is_kept(runs):
            return self._read(reader, runs)
        found = {one.name: one for one in self.kept(reader, runs)}
        missing = [run for run in runs if run.name not in found]
        for run, scalars in zip(missing, self._read(reader, missing), strict=True):
            found[run.name] = scalars
            reader.keep(self._cache_name, run, scalars, scalars.nbytes)
        return [found[run.name] for run in runs]

    def kept(self, reader: Reader, runs: Sequence[Run]) -> list[RunScalars]:
        """The same, but only of runs for which it is in the cache: nothing is read."""
        found = [reader.recall(self._cache_name, run) for run in runs]
        return [one for one in found if one is not None]

    @property
    def _cache_name(self) -> str:
        return repr(self)

    def _is_kept(self, runs: Sequence[Run]) -> bool:
        """All of one run, or a few points of many: what every opening of the page requests."""
        return self.after is None and (self.points is not None or len(runs) == 1)

    def _read(self, reader: Reader, runs: Sequence[Run]) -> list[RunScalars]:
        reads = [ScalarRead(run, self._scores(run), self._curves(run)) for run in runs]
        return [
            RunScalars(
                run.name,
                [(tag, one.after(self.after).downsampled(self.points)) for tag, one in run.scores],
                [(c, one.after(self.after).downsampled(self.points)) for c, one in run.curves],
            )
            for run in reader.run_scalars(reads)
        ]

    def _scores(self, run: Run) -> list[ScoreTag]:
        tags = run.scores(self.scores, self.streams) if self.has_scores else []
        return [tag for tag in tags if not self.channels or tag.channel in self.channels]

    def _curves(self, run: Run) -> list[Curve]:
        return [
            curve
            for curve in run.curves
            if curve.tag in self.tags
            or self.curves == "all"
            or (self.curves == "primary" and curve.primary)
        ]


#: For a list of many runs: drift, spread and loss of each. A line as long as a word needs no
#: more points.
OVERVIEW = ScalarSelection(
    scores=("drift", "pixel_spread_ratio", "brightness_spread_ratio"),
    channels=("",),
    curves="primary",
    points=64,
)
