"""The samples of a stream: which steps have any, and the sheet of one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tb_meanpixel.schema.metadata import SAMPLES_PLUGIN_NAME, SamplesTag
from tb_meanpixel.schema.sample_sheet import SheetContent, describe_sheet
from tb_meanpixel.serving.reading.provider import Experiment
from tb_meanpixel.serving.reading.raw_series import RawSeries
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.statistics.histogram import IntArray


class Sheet(NamedTuple):
    """The sheet of a step: what it says, and the picture."""

    step: int
    content: SheetContent
    png: bytes


@dataclass(frozen=True, eq=False)
class SampleSeries:
    """The steps of a stream that have samples, at most 200 that TensorBoard keeps."""

    _experiment: Experiment
    _steps: RawSeries | None
    _references: RawSeries | None

    @property
    def steps(self) -> IntArray:
        """int64 `(n,)`, rising."""
        return np.zeros(0, np.int64) if self._steps is None else self._steps.steps

    def nearest(self, steps: npt.ArrayLike) -> list[int]:
        """The recorded step nearest to each of some steps, each once, rising."""
        if not len(self.steps):
            return []
        wanted = np.asarray(steps)
        after = np.searchsorted(self.steps, wanted).clip(0, len(self.steps) - 1)
        before = np.maximum(after - 1, 0)
        is_before = np.abs(self.steps[before] - wanted) <= np.abs(self.steps[after] - wanted)
        return sorted({int(step) for step in self.steps[np.where(is_before, before, after)]})

    def sheet(self, step: int) -> Sheet | None:
        """The sheet of a step; None if it has none that can be read."""
        return self._at_or_before(self._steps, step)

    def references(self, sheet: Sheet) -> Sheet | None:
        """What the outputs of a sheet should look like; None where TensorBoard dropped it."""
        found = self._at_or_before(self._references, sheet.step)
        same = found and found.content.reference_hash == sheet.content.reference_hash
        return found if same else None

    def _at_or_before(self, series: RawSeries | None, step: int) -> Sheet | None:
        place = -1 if series is None else int(np.searchsorted(series.steps, step, "right")) - 1
        if series is None or place < 0 or not series.values[place]:
            return None
        png = self._experiment.read_blob(series.values[place])
        try:
            return Sheet(int(series.steps[place]), describe_sheet(png), png)
        except ValueError:
            return None


def read_samples(experiment: Experiment, run: Run, stream: Stream) -> SampleSeries:
    """The samples of a stream; without any step for a stream that keeps none."""
    steps, references = (
        (run.event_directory, SamplesTag(stream.info, part).tag) for part in ("step", "reference")
    )
    found = experiment.blobs(SAMPLES_PLUGIN_NAME, [run.event_directory], [steps[1], references[1]])
    return SampleSeries(experiment, found.get(steps), found.get(references))
