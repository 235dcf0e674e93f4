"""The scores of one stream over its epochs: what findings are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.image_statistics import Record
from tb_meanpixel.statistics.images import ValueRange

# Losses that a stream is judged beside, best first.
_TRAIN_LOSSES = ("loss",)
_OTHER_LOSSES = ("val_loss", "loss")


@dataclass(frozen=True, eq=False)
class History:
    """Scores and losses of one stream, all by epoch.

    Attributes:
        stream: its name.
        paired: whether output i reproduces reference i.
        value_range: what intensities should lie in.
        channels: names of the rows; the first is "all".
        image_count: images that an epoch's scores were computed from.
        steps: int64 `(n,)`, rising.
        scores: `(statistic, channel)` -> float64 `(n,)`, as `scores.scores` and
            `scores.overall` define them; NaN where one is undefined. `channel` is
            empty for the overall score.
        losses: name -> float64 `(n,)`; NaN where an epoch has none.
    """

    stream: str
    paired: bool
    value_range: ValueRange
    channels: tuple[str, ...]
    image_count: int
    steps: npt.NDArray[np.int64]
    scores: Mapping[tuple[str, str], FloatArray]
    losses: Mapping[str, FloatArray] = field(default_factory=dict)

    @classmethod
    def of_records(
        cls,
        records: Mapping[int, Record],
        value_range: ValueRange,
        *,
        stream: str = "validation",
        losses: Mapping[str, FloatArray] | None = None,
    ) -> History:
        """The history of records by epoch, in a notebook say.

        `losses` are arrays with a number for each of the epochs, in their order.
        """
        epochs = sorted(records)
        if not epochs:
            raise ValueError("records must hold at least one epoch; got none")
        latest = records[epochs[-1]]
        series: dict[tuple[str, str], FloatArray] = {}
        for index, epoch in enumerate(epochs):
            by_name = scores.scores(records[epoch])
            numbers = {(name, ""): number for name, number in scores.overall(by_name).items()}
            for row, channel in enumerate(latest.channels[1:], start=1):
                numbers |= {(name, channel): float(rows[row]) for name, rows in by_name.items()}
            for key, number in numbers.items():
                series.setdefault(key, np.full(len(epochs), np.nan))[index] = number
        return cls(
            stream=stream,
            paired=latest.pairs is not None,
            value_range=value_range,
            channels=latest.channels,
            image_count=latest.output.image_count,
            steps=np.array(epochs, np.int64),
            scores=series,
            losses={name: np.asarray(values, float) for name, values in (losses or {}).items()},
        )

    @property
    def span(self) -> float:
        """Width of the value range, in intensity units."""
        return self.value_range.high - self.value_range.low

    @property
    def grey_level(self) -> float:
        """One of 256 levels, in intensity units: less than that nobody can see."""
        return self.span / 255

    def score(self, statistic: str, channel: str = "") -> FloatArray:
        """A score by epoch `(n,)`; NaN throughout if there is no such score."""
        found = self.scores.get((statistic, channel))
        return np.full(len(self.steps), np.nan) if found is None else found

    @property
    def loss(self) -> FloatArray:
        """The loss of the split that the stream was measured on `(n,)`, else the training's."""
        for name in _TRAIN_LOSSES if self.stream.startswith("train") else _OTHER_LOSSES:
            if name in self.losses:
                return self.losses[name]
        return np.full(len(self.steps), np.nan)
