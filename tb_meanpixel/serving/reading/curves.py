"""The training loop's scalars: our own logs, and what other writers put beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from tb_meanpixel.schema import metadata
from tb_meanpixel.schema.metadata import LogTag

SCALARS_PLUGIN = "scalars"

_LOSS = re.compile(r"loss|elbo|nll", re.IGNORECASE)
_VALIDATION = re.compile(r"(^|[/_.-])(val|valid|validation|eval|test)([/_.-]|$)", re.IGNORECASE)


class ScalarKey(NamedTuple):
    """Where a scalar series is found."""

    plugin: str
    event_directory: str
    tag: str


@dataclass(frozen=True)
class Curve:
    """A scalar of the training loop, from our own logs or from another writer.

    Attributes:
        name: what it measures without the split, for instance "loss".
        split: "train" or "validation".
        primary: whether it is shown unasked: the loss.
    """

    event_directory: str
    tag: str
    plugin: str
    name: str
    split: str
    last_step: int
    primary: bool = False

    @property
    def key(self) -> ScalarKey:
        return ScalarKey(self.plugin, self.event_directory, self.tag)


def name_and_split(event_directory: str, tag: str) -> tuple[str, str]:
    """What another writer's scalar measures, and on which split.

    Keras writes `epoch_loss` into the event_directories `train` and `validation`.

    Example:
        >>> name_and_split("vae/validation", "epoch_loss"), name_and_split("pt", "loss/train")
        (('loss', 'validation'), ('loss/train', 'train'))
    """
    directory = event_directory.replace("\\", "/").rpartition("/")[2]
    validation = _VALIDATION.search(tag) or _VALIDATION.search(directory)
    return tag.removeprefix("epoch_"), "validation" if validation else "train"


def log_curve(event_directory: str, tag: LogTag, last_step: int) -> Curve:
    """A scalar of our own logs: Keras marks validation by a prefix."""
    name = tag.name.removeprefix("val_")
    split = "train" if name == tag.name else "validation"
    return Curve(event_directory, tag.tag, metadata.PLUGIN_NAME, name, split, last_step)


def other_curve(run: str, event_directory: str, tag: str, last_step: int) -> Curve | None:
    """A scalar that another writer put under a run; None if it has no place by the epochs."""
    # The first Keras's callback found in the logs; the others count batches, not epochs.
    if "mean_pixel" in tag or tag.endswith("_vs_iterations") or tag.startswith("batch_"):
        return None
    # The name of the run itself says nothing of the split: "unet_test", say.
    name, split = name_and_split("" if event_directory == run else event_directory, tag)
    return Curve(event_directory, tag, SCALARS_PLUGIN, name, split, last_step)


def without_doubles(own: Sequence[Curve], others: Sequence[Curve]) -> list[Curve]:
    """Our own logs first; what Keras's callback wrote of the same epochs is left out."""
    ours = {(curve.name, curve.split) for curve in own}
    return [
        *own,
        *(c for c in others if not (c.tag.startswith("epoch_") and (c.name, c.split) in ours)),
    ]


def with_primary(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """Mark the loss: what is called so, else whatever has a loss in its name."""
    exact = [curve for curve in curves if curve.name.lower() == "loss"]
    shown = exact or [c for c in curves if _LOSS.search(c.name) and "batch" not in c.tag]
    primary = set(shown)
    marked = [replace(curve, primary=curve in primary) for curve in curves]
    return tuple(sorted(marked, key=lambda c: (not c.primary, c.name, c.split, c.event_directory)))
