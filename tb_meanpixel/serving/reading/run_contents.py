"""What one event_directory of ours holds, and the run that is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from tb_meanpixel.schema import metadata
from tb_meanpixel.schema.metadata import (
    EPOCHS_RECORDED,
    HistogramTag,
    LogTag,
    MeanImageTag,
    ScoreTag,
    StreamInfo,
    Tag,
)
from tb_meanpixel.serving.reading.curves import Curve, log_curve, with_primary, without_doubles
from tb_meanpixel.serving.reading.provider import Points
from tb_meanpixel.serving.reading.runs import Listing, Run, Steps, Stream

# The stream that is shown where none is asked for, if there is one of that name.
_SHOWN_FIRST = "validation"

_OfStream = TypeVar("_OfStream", HistogramTag, MeanImageTag)


class RunContents:
    """What one event_directory of ours holds, by the metadata of its tags; the unreadable becomes a note."""

    def __init__(self, event_directory: str, tensors: Listing, scalars: Listing) -> None:
        self.event_directory = event_directory
        self.notes: list[str] = []
        self.curves: list[Curve] = []
        self._last_steps: dict[str, int] = {}
        self._histograms: dict[str, list[HistogramTag]] = {}  # by stream
        self._mean_images: dict[str, list[MeanImageTag]] = {}
        self._scores: dict[str, list[ScoreTag]] = {}
        for name, series in sorted(tensors.items()):
            tag = self._parse(name, series, (HistogramTag, MeanImageTag))
            if isinstance(tag, HistogramTag):
                self._histograms.setdefault(tag.stream.name, []).append(tag)
            elif isinstance(tag, MeanImageTag):
                self._mean_images.setdefault(tag.stream.name, []).append(tag)
        for name, series in sorted(scalars.items()):
            tag = self._parse(name, series, (ScoreTag, LogTag))
            if isinstance(tag, LogTag):
                self.curves.append(log_curve(event_directory, tag, series.max_step))
            elif isinstance(tag, ScoreTag):
                self._scores.setdefault(tag.stream, []).append(tag)
        # By its outputs: of the metadata of a tag TensorBoard keeps the first.
        names = sorted(self._histograms, key=lambda name: (name != _SHOWN_FIRST, name))
        self._infos = {name: self._histograms[name][0].stream for name in names}

    def counted_tags(self) -> dict[str, tuple[str, bool]]:
        """By stream: the tag whose steps are its epochs, and whether that is a scalar.

        The count is the last value of each record: where it is, the others are.
        """
        return {name: self._counted_tag(name) for name in self._infos}

    def _counted_tag(self, stream: str) -> tuple[str, bool]:
        scores = self._scores.get(stream, [])
        count = ScoreTag(stream, EPOCHS_RECORDED)
        if count in scores:
            return count.tag, True
        return (scores[0].tag, True) if scores else (self._histograms[stream][0].tag, False)

    def run(
        self,
        name: str,
        revisions: tuple[str, str],
        counted: Mapping[str, Points],
        other_curves: Sequence[Curve],
    ) -> Run:
        """The run.

        Args:
            name: of the run.
            revisions: of all of it, and of our event_directory alone.
            counted: the series of `counted_tags`, by tag.
            other_curves: what other writers put beside the event_directory.
        """
        streams = tuple(
            Stream(
                info=info,
                bins=self._histograms[stream][0].bins,
                steps=self._steps(stream, counted),
                histograms=self._alike(self._histograms, info),
                mean_images=self._alike(self._mean_images, info),
                scores=tuple(
                    tag for tag in self._scores.get(stream, []) if tag.name != EPOCHS_RECORDED
                ),
            )
            for stream, info in self._infos.items()
        )
        curves = with_primary(without_doubles(self.curves, other_curves))
        return Run(name, self.event_directory, *revisions, streams, curves, tuple(self.notes))

    def _parse(self, name: str, series: Any, kinds: tuple[type, type]) -> Tag | None:
        if series.max_step is None:  # the Python loader has purged all of its data
            return None
        try:
            tag = metadata.parse(series.plugin_content)
        except metadata.UnreadableMetadataError as error:
            self.notes.append(f"{name} was left out: {error}")
            return None
        if not isinstance(tag, kinds) or tag.tag != name:
            self.notes.append(f"{name} was left out: its metadata describes another series")
            return None
        self._last_steps[name] = series.max_step
        return tag

    def _steps(self, stream: str, counted: Mapping[str, Points]) -> Steps:
        tag, _ = self._counted_tag(stream)
        points = counted.get(tag)
        if points is None:
            self.notes.append(f"{tag} was left out: TensorBoard cannot decode its values")
            return Steps(self._last_steps[tag], self._last_steps[tag], 0, 0)
        loaded = len(points.steps)
        is_count = tag == ScoreTag(stream, EPOCHS_RECORDED).tag
        recorded = _recorded(points.values) if is_count else loaded
        return Steps(int(points.steps[0]), int(points.steps[-1]), loaded, max(loaded, recorded))

    def _alike(
        self, tags: Mapping[str, Sequence[_OfStream]], info: StreamInfo
    ) -> tuple[_OfStream, ...]:
        """The tags of a stream that agree on its channels: rows mean the same then."""
        alike = []
        for tag in tags.get(info.name, []):
            if tag.stream.channels == info.channels:
                alike.append(tag)
            else:
                self.notes.append(f"{tag.tag} was left out: it has other channels than the rest")
        return tuple(alike)


def _recorded(counts: Any) -> int:
    """How many records were written: the count begins again with each writer that was opened."""
    ends = np.append(np.diff(counts) <= 0, True)
    total = float(np.sum(counts[ends]))
    return int(total) if 0 < total < 1 << 53 else 0
