"""Mean images: as numbers, and as pictures."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from tensorboard import errors

from tb_meanpixel.schema.metadata import Side
from tb_meanpixel.serving.answers import lookup
from tb_meanpixel.serving.answers.query import Query, quoted
from tb_meanpixel.serving.encoding import pictures, wire
from tb_meanpixel.serving.encoding.binary import Container
from tb_meanpixel.serving.encoding.responses import BINARY, PNG, Answer, revision_of
from tb_meanpixel.serving.reading.mean_image_series import (
    MeanImageSeries,
    shape_of,
    too_many_channels,
)
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.statistics.histogram import FloatArray, IntArray
from tb_meanpixel.statistics.images import Array

_MAX_STEPS = 1000
_MAX_NUMBERS = 1 << 24  # of one side: 64 MB
_SIDES: tuple[Side, ...] = ("output", "reference")
_PICTURES: tuple[Side | Literal["difference"], ...] = ("output", "reference", "difference")


def mean_images(reader: Reader, query: Query) -> Answer:
    """Mean images of one stream at some steps, as numbers."""
    run, stream = _one_stream(reader, query)
    steps = query.integers("step")
    if len(steps) > _MAX_STEPS:
        raise errors.InvalidArgumentError(
            f"parameter 'step' can be repeated {_MAX_STEPS} times; got {len(steps)}"
        )

    def content() -> bytes:
        sides = reader.mean_images(run, stream)
        if "output" not in sides:
            raise _none(run, stream)
        return _encode(run, stream, sides, steps or [stream.steps.last])

    return Answer(revision_of([run]), content, BINARY)


def _encode(
    run: Run, stream: Stream, sides: dict[Side, MeanImageSeries], steps: list[int]
) -> bytes:
    arrays = Container()
    output, reference = sides["output"], sides.get("reference")
    shown = output.index_at(steps)
    shown = np.unique(shown[shown >= 0])
    output_steps = output.steps[shown]
    # The reference of each output, carried forward; each reference once.
    carried = np.zeros(0, np.int64) if reference is None else reference.index_at(output_steps)
    carried = np.unique(carried[carried >= 0])
    series = [output] if reference is None else [output, reference]
    _check_size(len(shown) * math.prod(shape_of(output.tag)))
    header = {
        "version": wire.VERSION,
        "run": run.name,
        "stream": stream.info.name,
        "low": stream.info.value_range.low,
        "high": stream.info.value_range.high,
        "channels": stream.info.channels[1:] or stream.info.channels,
        "height": output.tag.height,
        "width": output.tag.width,
        "reference_height": None,
        "reference_width": None,
        "steps": output_steps.tolist(),
        "output": arrays.add(_as_float32(output, shown)),
        "reference": None,
        "reference_steps": [],
        "notes": [note for one in series for note in one.notes],
    }
    if reference is not None and len(carried):
        _check_size(len(carried) * math.prod(shape_of(reference.tag)))
        header["reference"] = arrays.add(_as_float32(reference, carried))
        header["reference_height"] = reference.tag.height
        header["reference_width"] = reference.tag.width
        header["reference_steps"] = reference.steps[carried].tolist()
    return arrays.encode(header)


def _as_float32(series: MeanImageSeries, indices: IntArray) -> Array:
    with np.errstate(over="ignore"):  # a range may be beyond float32
        return series.images(indices).astype("<f4")


def mean_image_png(reader: Reader, query: Query) -> Answer:
    """One mean image as a picture."""
    run, stream = _one_stream(reader, query)
    side = query.choice("side", _PICTURES)
    requested = query.integer("step")
    step = stream.steps.last if requested is None else requested

    def content() -> bytes:
        wanted: tuple[Side, ...] = _SIDES if side == "difference" else (side,)
        sides = reader.mean_images(run, stream, wanted)
        if not sides:
            raise _none(run, stream)
        images = [_at(sides, one, step) for one in wanted]
        value_range = stream.info.value_range
        if side == "difference":
            change = _change(images[0], images[1], step)
            return pictures.encode_png(pictures.difference(change, value_range))
        return pictures.encode_png(pictures.intensities(images[0], value_range))

    return Answer(revision_of([run]), content, PNG)


def _one_stream(reader: Reader, query: Query) -> tuple[Run, Stream]:
    run = lookup.find_run(query, reader.runs())
    return run, lookup.find_stream(query, run)


def _none(run: Run, stream: Stream) -> errors.NotFoundError:
    words = too_many_channels(stream.info.channels)
    return errors.NotFoundError(
        f"No mean images in stream {quoted(stream.info.name)} of run {quoted(run.name)}"
        + (f": {words}" if words else "")
    )


def _check_size(numbers: int) -> None:
    if numbers > _MAX_NUMBERS:
        raise errors.InvalidArgumentError(
            f"too many pixels for one answer: {numbers}, at most {_MAX_NUMBERS}. "
            "Request fewer steps"
        )


def _change(output: FloatArray, reference: FloatArray, step: int) -> FloatArray:
    """Output minus reference; samples may have another size than the references."""
    if output.shape != reference.shape:
        sizes = [f"{one.shape[1]} x {one.shape[0]}" for one in (output, reference)]
        raise errors.NotFoundError(
            f"No difference at step {step}: the mean output has {sizes[0]} pixels, the mean "
            f"reference {sizes[1]}"
        )
    return output - reference


def _at(sides: dict[Side, MeanImageSeries], side: Side, step: int) -> FloatArray:
    """The image `(height, width, channels)` of one side at or before a step."""
    series = sides.get(side)
    index = -1 if series is None else int(series.index_at([step])[0])
    if series is None or index < 0:
        raise errors.NotFoundError(f"No mean image of the {side} at or before step {step}")
    image: FloatArray = series.images(np.array([index]))[0]
    return image
