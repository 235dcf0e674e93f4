"""The scores and losses of one stream by step: the input of all diagnoses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tb_meanpixel.statistics.histogram import FloatArray
from tb_meanpixel.statistics.value_range import ValueRange


def loss_names(stream: str) -> tuple[str, ...]:
    """The losses that a stream may be judged beside, the first that there is.

    Example:
        >>> loss_names("validation"), loss_names("train_mask")
        (('val_loss', 'loss'), ('loss',))
    """
    return ("loss",) if stream.startswith("train") else ("val_loss", "loss")


@dataclass(frozen=True, eq=False)
class History:
    """Scores and losses of one stream, all by step.

    Attributes:
        stream: its name.
        paired: whether output i reproduces reference i.
        value_range: the range that intensities should lie in.
        channels: their names; the first is "all".
        image_count: images behind the scores of one step.
        steps: int64 `(n,)`, rising.
        scores: `(name, channel)` -> float64 `(n,)`, as `scores.scores` and
            `scores.overall` define them; NaN where one is undefined. `channel` is
            empty for the overall score.
        losses: "loss", that of the training split, and "val_loss", that of the
            validation -> float64 `(n,)`; NaN where it is not known. A split whose loss
            was never recorded is absent.
        unit: what a step counts: "epoch", "step" or "image".
        has_posterior: whether the run logs a Kullback-Leibler divergence, as VAEs do.
    """

    stream: str
    paired: bool
    value_range: ValueRange
    channels: tuple[str, ...]
    image_count: int
    steps: npt.NDArray[np.int64]
    scores: Mapping[tuple[str, str], FloatArray]
    losses: Mapping[str, FloatArray] = field(default_factory=dict)
    unit: str = "epoch"
    has_posterior: bool = False

    @property
    def span(self) -> float:
        """Width of the value range, in intensity units."""
        return self.value_range.high - self.value_range.low

    @property
    def grey_level(self) -> float:
        """One of 256 levels, in intensity units: less than that nobody can see."""
        return self.span / 255

    def score(self, name: str, channel: str = "") -> FloatArray:
        """A score by step `(n,)`; NaN throughout if there is no such score."""
        found = self.scores.get((name, channel))
        return np.full(len(self.steps), np.nan) if found is None else found

    def has(self, name: str) -> bool:
        """Whether a score was recorded at all: older versions and metrics have fewer."""
        return (name, "") in self.scores

    @property
    def loss(self) -> FloatArray:
        """The loss of the stream's own split `(n,)`, else that of the training split.

        It is one of the two throughout: they differ, so a step from one to the other would
        look like a change.
        """
        for name in loss_names(self.stream):
            if name in self.losses:
                return self.losses[name]
        return np.full(len(self.steps), np.nan)
