"""The contract between writer and reader: plugin name, tags, and what their metadata says.

The writer puts a `plugin_data.proto` message into the metadata of each tag, see
serialization.py; the reader goes by that message alone. Tags only have to be unique and readable:

    <stream>/<output|reference>/<mean_pixels|contrasts|pixels>   histograms
    <stream>/<output|reference>/<mean_pixels|contrasts>_quantiles
    <stream>/<output|reference>/mean_image                       mean images
    <stream>/scores                                              all scores of a record
    <stream>/sums                                                the sums behind some of them
    <stream>/samples, <stream>/samples_reference                 images to be looked at
    <stream>/<score>                                             the scores that are scalars, too
    logs/<name>                                                  the loop's scalars

docs/schema.md describes what each of them holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tb_meanpixel.statistics.value_range import ValueRange

PLUGIN_NAME = "mean_pixel"
# TensorBoard thins the steps of a plugin name alike, and reads a blob of it alone.
SAMPLES_PLUGIN_NAME = "mean_pixel_samples"
SAMPLES_KEPT = 200  # steps that TensorBoard keeps in memory, unless it is told another number
# Below the run's directory. Our event files have a directory of their own: TensorBoard's
# Python loader loses data where two files of one directory grow at the same time.
EVENT_DIRECTORY_NAME = "mean_pixel"
VERSION = 1

Side = Literal["output", "reference"]
Quantity = Literal["mean_pixels", "contrasts", "pixels"]
Unit = Literal["epoch", "step", "image"]
SamplesPart = Literal["step", "reference"]

QUANTITIES: tuple[Quantity, ...] = ("mean_pixels", "contrasts", "pixels")
# Those with one value an image: their quantiles are recorded, too.
IMAGE_QUANTITIES: tuple[Quantity, ...] = ("mean_pixels", "contrasts")
UNITS: tuple[Unit, ...] = ("epoch", "step", "image")

# The scores that are scalars of TensorBoard as well, for everybody's tools: overall only.
SCALAR_SCORES = ("output_mean", "bias", "drift")

# Not a score, but written like one: how many records of the stream this writer has written.
# It is the last value of its event. A step that lacks it is not complete yet; where the count
# jumps, TensorBoard has dropped steps.
EPOCHS_RECORDED = "epochs_recorded"

# No writer comes near these limits: a tag beyond them comes from a broken file.
MAX_BINS = 1 << 16
MAX_SIDE = 1 << 12  # pixels of a mean image's side
MAX_CELLS = 1 << 22  # of one tensor, all channels: a step is at most 32 MB
MAX_NAMES = 1 << 12  # scores, sums or probabilities of a tensor
MAX_SCORES = 1 << 19  # of one tensor, all channels

_STREAM_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_LOGS = "logs"


@dataclass(frozen=True)
class StreamInfo:
    """How the images of a stream are to be read; the fields of proto `Stream`.

    `unit` is what a step counts. `writer_version` is empty in files of the first version.
    `samples` is how many output images of a step are kept to be looked at.
    """

    name: str
    paired: bool
    value_range: ValueRange
    channels: tuple[str, ...]
    height: int
    width: int
    reference_count: int
    reference_hash: str
    unit: Unit = "epoch"
    writer_version: str = ""
    samples: int = 0


@dataclass(frozen=True)
class HistogramTag:
    """A histogram of one side of a stream, with the edges of its bins."""

    stream: StreamInfo
    side: Side
    quantity: Quantity
    low: float
    high: float
    bins: int

    @property
    def tag(self) -> str:
        return f"{self.stream.name}/{self.side}/{self.quantity}"


@dataclass(frozen=True)
class MeanImageTag:
    """The mean over the images of one side, `(height, width)` after pooling."""

    stream: StreamInfo
    side: Side
    height: int
    width: int

    @property
    def tag(self) -> str:
        return f"{self.stream.name}/{self.side}/mean_image"


@dataclass(frozen=True)
class QuantilesTag:
    """Quantiles of a quantity with one value an image, at `probabilities`, which rise."""

    stream: StreamInfo
    side: Side
    quantity: Quantity
    probabilities: tuple[float, ...]

    @property
    def tag(self) -> str:
        return f"{self.stream.name}/{self.side}/{self.quantity}_quantiles"


@dataclass(frozen=True)
class ScoresTag:
    """All scores of a record in one tensor.

    Attributes:
        names: of each place of the tensor; empty where the stream has no such score.
        overall_names: of those that have no values by channel.
    """

    stream: StreamInfo
    names: tuple[str, ...]
    overall_names: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        return f"{self.stream.name}/scores"


@dataclass(frozen=True)
class SumsTag:
    """Raw sums of a record in one tensor, by name."""

    stream: StreamInfo
    names: tuple[str, ...]

    @property
    def tag(self) -> str:
        return f"{self.stream.name}/sums"


@dataclass(frozen=True)
class SamplesTag:
    """Pictures of a stream: those of each step, or the references that never change."""

    stream: StreamInfo
    part: SamplesPart

    @property
    def tag(self) -> str:
        return f"{self.stream.name}/samples" + ("_reference" if self.part == "reference" else "")


@dataclass(frozen=True)
class ScoreTag:
    """A score of a stream; `channel` is empty for the overall score.

    `recorded_name` is the name in a file of an older version, where it was another one.
    """

    stream: str
    name: str
    channel: str = ""
    recorded_name: str = ""

    @property
    def tag(self) -> str:
        name = self.recorded_name or self.name
        return "/".join(filter(None, (self.stream, name, self.channel)))


@dataclass(frozen=True)
class LogTag:
    """A scalar of the training loop."""

    name: str

    @property
    def tag(self) -> str:
        return f"{_LOGS}/{self.name}"


Tag = (
    HistogramTag
    | MeanImageTag
    | QuantilesTag
    | ScoresTag
    | SumsTag
    | SamplesTag
    | ScoreTag
    | LogTag
)


def check_stream_name(name: object) -> str:
    """Return `name`, or raise ValueError if it cannot be part of a tag."""
    if not isinstance(name, str) or not _STREAM_NAME.fullmatch(name) or name == _LOGS:
        raise ValueError(
            "stream must be letters, digits, '_', '-' or '.', and not 'logs', "
            f"for instance 'validation'; got {name!r}"
        )
    return name


def check_unit(unit: object) -> Unit:
    """Return `unit`, or raise ValueError if it is not one of `UNITS`."""
    if unit not in UNITS:
        raise ValueError(f"unit must be one of {', '.join(map(repr, UNITS))}; got {unit!r}")
    return unit
