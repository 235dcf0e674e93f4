"""How mean images are read: one side of a stream at once, in an answer of a bounded size."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from tb_meanpixel.schema.metadata import PLUGIN_NAME, MeanImageTag
from tb_meanpixel.serving.reading.batches import POINT_BYTES, steps_within_limit
from tb_meanpixel.serving.reading.cache import Cache
from tb_meanpixel.serving.reading.mean_image_series import (
    MeanImageSeries,
    decode_mean_images,
    shape_of,
)
from tb_meanpixel.serving.reading.provider import Experiment
from tb_meanpixel.serving.reading.runs import Run, Stream

# More would push what all other requests need out of the cache.
_MAX_KEPT_BYTES = 64 << 20


@dataclass(frozen=True)
class MeanImageReader:
    """Reads mean images of one experiment; those that were read before are in the cache."""

    experiment: Experiment
    cache: Cache
    experiment_id: str

    def read(self, run: Run, stream: Stream, tag: MeanImageTag) -> MeanImageSeries | None:
        """The mean images of a tag; None where TensorBoard cannot decode them."""
        key = (self.experiment_id, "mean_images", run.event_directory, tag.tag)
        kept: MeanImageSeries | None = self.cache.get(key, run.own_revision)
        if kept is not None:
            return kept
        series = self.cache.share((*key, run.own_revision), lambda: self._read(run, stream, tag))
        if series is not None and series.nbytes <= _MAX_KEPT_BYTES:
            self.cache.put(key, run.own_revision, series, series.nbytes)
        return series

    def _read(self, run: Run, stream: Stream, tag: MeanImageTag) -> MeanImageSeries | None:
        loaded = stream.steps.loaded
        # A server of TensorBoard's sends no chosen steps: all of them, or so many at random.
        limit = steps_within_limit(loaded, loaded * (2 * math.prod(shape_of(tag)) + POINT_BYTES))
        found = self.experiment.tensors(
            PLUGIN_NAME, [run.event_directory], {tag.tag: ("<f2",)}, limit, with_shapes=True
        )
        raw = found.get((run.event_directory, tag.tag))
        if raw is None:
            return None
        series = decode_mean_images(tag, raw)
        if len(raw.steps) != limit:
            return series
        note = (
            f"{tag.tag} has too many images to be read at once: {limit} of {loaded} steps were "
            "read, the last one and others at random"
        )
        return replace(series, notes=(*series.notes, note))
