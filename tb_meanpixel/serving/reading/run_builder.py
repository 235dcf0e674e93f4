"""From the listing of one run to the run: its streams and its curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from tb_meanpixel.schema import metadata
from tb_meanpixel.schema.metadata import (
    EPOCHS_RECORDED,
    PLUGIN_NAME,
    HistogramTag,
    LogTag,
    MeanImageTag,
    ScoreTag,
    StreamInfo,
    Tag,
)
from tb_meanpixel.serving.reading.curves import (
    log_curve,
    other_curve,
    with_primary,
    without_duplicates,
)
from tb_meanpixel.serving.reading.listing import RunListing
from tb_meanpixel.serving.reading.provider import Experiment, Listing
from tb_meanpixel.serving.reading.raw_series import RawSeries, SeriesKey
from tb_meanpixel.serving.reading.runs import Run, Steps, Stream

# The default stream, if there is one of that name.
_DEFAULT_STREAM = "validation"

_StreamTag = TypeVar("_StreamTag", HistogramTag, MeanImageTag)


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
        histograms: dict[str, list[HistogramTag]] = {}  # by stream
        mean_images: dict[str, list[MeanImageTag]] = {}
        scores: dict[str, list[ScoreTag]] = {}
        logs = []
        for tag, _ in self._tags(listing.tensors, HistogramTag, MeanImageTag):
            if isinstance(tag, HistogramTag):
                histograms.setdefault(tag.stream.name, []).append(tag)
            elif isinstance(tag, MeanImageTag):
                mean_images.setdefault(tag.stream.name, []).append(tag)
        for tag, last_step in self._tags(listing.scalars, ScoreTag, LogTag):
            if isinstance(tag, ScoreTag):
                scores.setdefault(tag.stream, []).append(tag)
            elif isinstance(tag, LogTag):
                logs.append(log_curve(listing.event_directory, tag, last_step))
        streams = []
        for name in sorted(histograms, key=lambda name: (name != _DEFAULT_STREAM, name)):
            first = histograms[name][0]  # of outputs: they come before references
            of_stream = scores.get(name, [])
            former = _former(of_stream)
            streams.append(
                Stream(
                    info=first.stream,
                    bins=first.bins,
                    steps=self._steps(first, of_stream),
                    histograms=self._with_channels_of(first.stream, histograms[name]),
                    mean_images=self._with_channels_of(first.stream, mean_images.get(name, [])),
                    scores=tuple(
                        tag
                        for tag in of_stream
                        if tag.name != EPOCHS_RECORDED and tag not in former
                    ),
                    former_scores=former,
                )
            )
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
            curves=with_primary(without_duplicates(logs, others)),
            notes=tuple(self._notes),
        )

    def _tags(self, listing: Listing, *kinds: type) -> Iterator[tuple[Tag, int]]:
        """The readable tags of some kinds, with their last steps."""
        for name, series in sorted(listing.items()):
            if series.max_step is None:  # the Python loader has purged all of its data
                continue
            try:
                tag = metadata.parse(series.plugin_content)
            except metadata.UnreadableMetadataError as error:
                self._notes.append(f"{name} was left out: {error}")
                continue
            if isinstance(tag, kinds) and tag.tag == name:
                yield tag, series.max_step
            else:
                self._notes.append(f"{name} was left out: its metadata describes another series")

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
            read = self._experiment.tensors(PLUGIN_NAME, [directory], [tag], "<f8")
        series = read.get((directory, tag))
        if series is None:
            self._notes.append(f"{tag} was left out: TensorBoard cannot decode its values")
            listing = {**self._listing.tensors, **self._listing.scalars}
            return Steps(listing[tag].max_step, listing[tag].max_step, 0, 0)
        loaded = len(series.steps)
        recorded = _recorded(series.values) if tag == count.tag else loaded
        return Steps(int(series.steps[0]), int(series.steps[-1]), loaded, max(loaded, recorded))

    def _with_channels_of(
        self, info: StreamInfo, tags: Sequence[_StreamTag]
    ) -> tuple[_StreamTag, ...]:
        """The tags of a stream that agree on its channels: they mean the same then."""
        for tag in tags:
            if tag.stream.channels != info.channels:
                self._notes.append(f"{tag.tag} was left out: it has other channels than the rest")
        return tuple(tag for tag in tags if tag.stream.channels == info.channels)


def _former(scores: Sequence[ScoreTag]) -> tuple[ScoreTag, ...]:
    """The scores under the names of an older version that are there under their own as well."""
    own = {(tag.name, tag.channel) for tag in scores if not tag.recorded_name}
    return tuple(tag for tag in scores if tag.recorded_name and (tag.name, tag.channel) in own)


def _recorded(counts: Any) -> int:
    """How many records were written: each writer that was opened counts from 1 again."""
    ends = np.append(np.diff(counts) <= 0, True)
    total = float(np.sum(counts[ends]))
    return int(total) if 0 < total < 1 << 53 else 0
