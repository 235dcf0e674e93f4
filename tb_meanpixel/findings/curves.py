"""The scalars of the training loop: our own logs, and those of other writers.

Which of them is the loss is decided here, for the page, the report and the findings alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from tb_meanpixel.schema import metadata
from tb_meanpixel.schema.log_names import log_names
from tb_meanpixel.schema.metadata import LogTag

SCALARS_PLUGIN = "scalars"

_LOSS = re.compile(r"loss|elbo|nll", re.IGNORECASE)
_VALIDATION = re.compile(r"(^|[/_.-])(val|valid|validation|eval|test)([/_.-]|$)", re.IGNORECASE)
_TEST = re.compile(r"(^|[/_.-])test([/_.-]|$)", re.IGNORECASE)
_SPLIT_WORD = re.compile(
    r"(^|[/_.-])(train|training|val|valid|validation|eval|test)(?=[/_.-]|$)", re.IGNORECASE
)

# Where no curve is named "loss", the first of these that fits any: a GAN's outputs are its
# generator's, and an ELBO may be one that rises as the model gets better.
_GENERATOR = r"(^|[/_.-])(g|gen|generator)([/_.-]|$)|loss[/_.-]?g(en|enerator)?$"
_DISCRIMINATOR = r"(^|[/_.-])(d|dis|disc|discriminator|critic)([/_.-]|$)|loss[/_.-]?d$"
_PREFERENCES = (
    re.compile(r"^(total[/_.-]?loss|loss[/_.-]?total)$", re.IGNORECASE),
    re.compile(_GENERATOR, re.IGNORECASE),
    re.compile(r"recon", re.IGNORECASE),
    re.compile(rf"^(?!.*elbo)(?!.*({_DISCRIMINATOR}))", re.IGNORECASE),
    re.compile(r"elbo", re.IGNORECASE),
)

Split = Literal["train", "validation"]


class ScalarKey(NamedTuple):
    """Where a scalar series is found."""

    plugin: str
    event_directory: str
    tag: str


@dataclass(frozen=True)
class Curve:
    """A scalar of the training loop, from our own logs or from another writer.

    Attributes:
        name: what it measures, without the split; for instance "loss".
        split: "train" or "validation".
        primary: whether it is shown by default: the loss is, and where no curve is
            named "loss" all that are losses of some kind.
    """

    event_directory: str
    tag: str
    plugin: str
    name: str
    split: Split
    last_step: int
    primary: bool = False

    @property
    def key(self) -> ScalarKey:
        return ScalarKey(self.plugin, self.event_directory, self.tag)


def name_and_split(event_directory: str, tag: str) -> tuple[str, Split]:
    """Name and split of another writer's scalar.

    Keras writes `epoch_loss` into the event directories `train` and `validation`; others have
    the split in the tag, before the name or after it.

    Example:
        >>> name_and_split("vae/validation", "epoch_loss"), name_and_split("pt", "loss/train")
        (('loss', 'validation'), ('loss', 'train'))
    """
    directory = event_directory.replace("\\", "/").rpartition("/")[2]
    validation = _VALIDATION.search(tag) or _VALIDATION.search(directory)
    name = _without_split(tag).removeprefix("epoch_")
    return name or tag, "validation" if validation else "train"


def _without_split(tag: str) -> str:
    return _SPLIT_WORD.sub("", tag).strip("/_.-") or tag


def log_curve(event_directory: str, tag: LogTag, last_step: int) -> Curve:
    """A scalar of our own logs: Keras marks validation by a prefix."""
    split: Split = "validation" if _VALIDATION.search(tag.name) else "train"
    name = _without_split(tag.name)
    return Curve(event_directory, tag.tag, metadata.PLUGIN_NAME, name, split, last_step)


def other_curve(
    run: str, event_directory: str, tag: str, last_step: int, streams: Iterable[str] = ()
) -> Curve | None:
    """A scalar that another writer has in a run, of the streams `streams`.

    None if its steps are no epochs, or if Keras's callback found it in the logs, where ours
    had put it: it is a score of a stream.
    """
    if tag.endswith("_vs_iterations") or tag.startswith("batch_"):
        return None
    scores = {name.removeprefix("val_") for stream in streams for name in log_names(stream)}
    if tag.startswith("epoch_") and tag.removeprefix("epoch_") in scores:
        return None
    # The name of the run itself says nothing about the split: "unet_test", for instance.
    name, split = name_and_split("" if event_directory == run else event_directory, tag)
    return Curve(event_directory, tag, SCALARS_PLUGIN, name, split, last_step)


def without_duplicates(own: Sequence[Curve], others: Sequence[Curve]) -> list[Curve]:
    """Our own logs first; without what Keras's callback wrote of the same epochs."""
    ours = {(curve.name, curve.split) for curve in own}
    return [
        *own,
        *(c for c in others if not (c.tag.startswith("epoch_") and (c.name, c.split) in ours)),
    ]


def with_primary(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """Mark what is shown by default, and put it first, the loss before all.

    It is the curve named "loss", else all curves with a loss in their names.
    """
    exact = [curve for curve in curves if curve.name.lower() == "loss"]
    losses = exact or [c for c in curves if _LOSS.search(c.name) and "batch" not in c.tag]
    primary = set(losses)
    marked = [replace(curve, primary=curve in primary) for curve in curves]
    return tuple(sorted(marked, key=_order))


def _order(curve: Curve) -> tuple[object, ...]:
    return (
        not curve.primary,
        _preference(curve.name) if curve.primary else 0,
        curve.name.lower(),
        curve.split,
        curve.plugin != metadata.PLUGIN_NAME,
        bool(_TEST.search(curve.tag)),  # a validation set is looked at in every epoch
        curve.event_directory,
        curve.tag,
    )


def _preference(name: str) -> int:
    fitting = (place for place, pattern in enumerate(_PREFERENCES) if pattern.search(name))
    return next(fitting, len(_PREFERENCES))


# The splits of the losses in a history.
LOSS_SPLITS: dict[str, Split] = {"loss": "train", "val_loss": "validation"}


def loss_curve(curves: Sequence[Curve], split: Split) -> Curve | None:
    """The loss of a split, if there is one: of curves as `with_primary` gives them.

    Both splits have a curve of the same name: a GAN's is the generator's.
    """
    losses = [curve for curve in curves if curve.primary]
    same = [c for c in losses if c.name.lower() == losses[0].name.lower() and c.split == split]
    return same[0] if same else None
