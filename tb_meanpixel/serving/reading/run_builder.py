"""From the listing of one run to the run: its streams and its curves."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tb_meanpixel.findings.curves import (
    Curve,
    log_curve,
    other_curve,
    with_primary,
    without_duplicates,
)
from tb_meanpixel.schema.metadata import (
    EPOCHS_RECORDED,
    PLUGIN_NAME,
    SCALAR_SCORES,
    HistogramTag,
    LogTag,
    MeanImageTag,
    QuantilesTag,
    ScoresTag,
    ScoreTag,
    StreamInfo,
    SumsTag,
    Tag,
)
from tb_meanpixel.schema.serialization import UnreadableMetadataError, parse
from tb_meanpixel.serving.reading.histogram_series import HISTOGRAM_TYPES
from tb_meanpixel.serving.reading.listing import RunListing
from tb_meanpixel.serving.reading.mean_image_series import too_many_channels
from tb_meanpixel.serving.reading.provider import Experiment, Listing
from tb_meanpixel.serving.reading.raw_series import RawSeries, SeriesKey
from tb_meanpixel.serving.reading.runs import Run, Steps, Stream
from tb_meanpixel.serving.reading.score_table import scores_of

# The default stream, if there is one of that name.
_DEFAULT_STREAM = "validation"

# Of one run: a broken file may say anything, and each costs time in every answer.
_MAX_CURVES = 2000

_TENSORS = (HistogramTag, MeanImageTag, QuantilesTag, ScoresTag, SumsTag)


class RunBuilder:
    """Makes a run of its listing; what cannot be read becomes a note."""

    def __init__(
        self,
        experiment: Experiment,
        counts: Mapping[SeriesKey, RawSeries],
        listing: RunListing,
    ) -> None:
        self._experiment = experiment
        self._counts = counts
        self._listing = listing
        self._notes: list[str] = []

    def build(self, revision: str) -> Run:
        """The run with its streams and curves."""
        listing = self._listing
        found: dict[str, dict[type, list[Any]]] = {}  # tags of tensors by stream and kind
        scores: dict[str, list[ScoreTag]] = {}
        logs = []
        for tag, _ in self._tags(listing.tensors, *_TENSORS):
            if isinstance(tag, _TENSORS):
                kinds = found.setdefault(tag.stream.name, {kind: [] for kind in _TENSORS})
                kinds[type(tag)].append(tag)
        for tag, last_step in self._tags(listing.scalars, ScoreTag, LogTag):
            if isinstance(tag, ScoreTag):
                scores.setdefault(tag.stream, []).append(tag)
            elif isinstance(tag, LogTag):
                logs.append(log_curve(listing.event_directory, tag, last_step))
        histograms = [name for name, kinds in found.items() if kinds[HistogramTag]]
        streams = [
            self._stream(found[name], scores.get(name, []))
            for name in sorted(histograms, key=lambda name: (name != _DEFAULT_STREAM, name))
        ]
        others = [
            curve
            for directory, tags in sorted(listing.others.items())
            for tag, series in sorted(tags.items())
            if series.max_step is not None
            and (curve := other_curve(listing.name, directory, tag, series.max_step, histograms))
        ]
        return Run(
            name=listing.name,
            event_directory=listing.event_directory,
            revision=revision,
            own_revision=listing.own_revision,
            streams=tuple(streams),
            curves=self._few(with_primary(without_duplicates(logs, others))),
            notes=tuple(self._notes),
        )

    def _tags(self, listing: Listing, *kinds: type) -> Iterator[tuple[Tag, int]]:
        """The readable tags of some kinds, with their last steps."""
        for name, series in sorted(listing.items()):
            if series.max_step is None:  # the Python loader has purged all of its data
                continue
            try:
                tag = parse(series.plugin_content)
            except UnreadableMetadataError as error:
                self._notes.append(f"{name} was left out: {error}")
                continue
            if isinstance(tag, kinds) and tag.tag == name:
                yield tag, series.max_step
            else:
                self._notes.append(f"{name} was left out: its metadata describes another series")

    def _stream(self, kinds: Mapping[type, list[Any]], scalars: Sequence[ScoreTag]) -> Stream:
        """A stream of its tags: those of tensors by kind, and its scores that are scalars."""
        first: HistogramTag = kinds[HistogramTag][0]  # of outputs: they come before references
        steps = self._steps(first, scalars)
        of_kind = {kind: self._with_channels_of(first.stream, tags) for kind, tags in kinds.items()}
        table: ScoresTag | None = next(iter(of_kind[ScoresTag]), None)
        quantiles, sums = of_kind[QuantilesTag], of_kind[SumsTag]
        scalars = [tag for tag in scalars if tag.name != EPOCHS_RECORDED]
        if table is not None and all(map(_is_in_every_table, scalars)):
            scalars = []
        info = first.stream
        if table is not None:  # the histograms may be described by an older version
            newer = table.stream
            info = replace(
                info,
                unit=newer.unit,
                writer_version=newer.writer_version,
                samples=newer.samples,
            )
        is_old = bool(scalars)
        parts = {"quantiles": quantiles, "scores": table, "sums": sums, "unit": info.writer_version}
        return Stream(
            info=info,
            bins=first.bins,
            steps=steps,
            histograms=of_kind[HistogramTag],
            mean_images=self._pictures(of_kind[MeanImageTag]),
            scores=_distinct(() if table is None else scores_of(table), tuple(scalars)),
            quantiles=quantiles,
            table=table,
            scalar_scores=tuple(scalars),
            lacks=tuple(part for part, there in parts.items() if is_old or not there),
        )

    def _steps(self, histogram: HistogramTag, scores: Sequence[ScoreTag]) -> Steps:
        """The steps of a stream: those of its count, else of a score, else of a histogram."""
        directory = self._listing.event_directory
        count = ScoreTag(histogram.stream.name, EPOCHS_RECORDED)
        if count in scores:
            tag, read = count.tag, self._counts
        elif scores:
            tag = scores[0].tag
            read = self._experiment.scalars(PLUGIN_NAME, [directory], [tag])
        else:
            tag = histogram.tag
            read = self._experiment.tensors(PLUGIN_NAME, [directory], {tag: HISTOGRAM_TYPES})
        series = read.get((directory, tag))
        if series is None:
            self._notes.append(f"{tag} was left out: TensorBoard cannot decode its values")
            listing = {**self._listing.tensors, **self._listing.scalars}
            return Steps(listing[tag].max_step, listing[tag].max_step, 0, 0)
        loaded = len(series.steps)
        recorded = _recorded(series.values) if tag == count.tag else loaded
        return Steps(int(series.steps[0]), int(series.steps[-1]), loaded, max(loaded, recorded))

    def _few(self, curves: tuple[Curve, ...]) -> tuple[Curve, ...]:
        """The curves, but no more than anybody reads."""
        if len(curves) > _MAX_CURVES:
            self._notes.append(
                f"{len(curves) - _MAX_CURVES} scalars were left out: a run shows at most "
                f"{_MAX_CURVES}"
            )
        return curves[:_MAX_CURVES]

    def _pictures(self, tags: Sequence[MeanImageTag]) -> tuple[MeanImageTag, ...]:
        """The mean images that can be shown."""
        for tag in tags:
            if words := too_many_channels(tag.stream.channels):
                self._notes.append(f"{tag.tag} was left out: {words}")
        return tuple(tag for tag in tags if not too_many_channels(tag.stream.channels))

    def _with_channels_of(self, info: StreamInfo, tags: Sequence[Any]) -> tuple[Any, ...]:
        """The tags of a stream that agree on its channels: they mean the same then."""
        for tag in tags:
            if tag.stream.channels != info.channels:
                self._notes.append(f"{tag.tag} was left out: it has other channels than the rest")
        return tuple(tag for tag in tags if tag.stream.channels == info.channels)


def _is_in_every_table(tag: ScoreTag) -> bool:
    """Whether a scalar holds nothing that the table of scores does not hold as well."""
    return tag.name in SCALAR_SCORES and not tag.channel


@functools.lru_cache(maxsize=64)  # a thousand runs have the same
def _distinct(*groups: tuple[ScoreTag, ...]) -> tuple[ScoreTag, ...]:
    """Scores by their names of today, each once."""
    tags = (tag for group in groups for tag in group)
    return tuple(
        dict.fromkeys(replace(tag, recorded_name="") if tag.recorded_name else tag for tag in tags)
    )


def _recorded(counts: Any) -> int:
    """How many records were written: each writer that was opened counts from 1 again."""
    ends = np.append(np.diff(counts) <= 0, True)
    total = float(np.sum(counts[ends]))
    return int(total) if 0 < total < 1 << 53 else 0
