"""Mean images: as numbers, and as pictures."""

from __future__ import annotations

from typing import Literal

import numpy as np
from tensorboard import errors

from tb_meanpixel.schema.metadata import Side
from tb_meanpixel.serving.answers import lookup
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.encoding import pictures, wire
from tb_meanpixel.serving.encoding.binary import Container
from tb_meanpixel.serving.encoding.responses import BINARY, PNG, Answer, revision_of
from tb_meanpixel.serving.reading.mean_image_series import MeanImageSeries
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.statistics.histogram import FloatArray

_MAX_STEPS = 1000
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
        sides = _read(reader, run, stream)
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
    height, width = output.images.shape[1:3]
    header = {
        "version": wire.VERSION,
        "run": run.name,
        "stream": stream.info.name,
        "low": stream.info.value_range.low,
        "high": stream.info.value_range.high,
        "channels": stream.info.channels[1:] or stream.info.channels,
        "height": height,
        "width": width,
        "steps": output_steps.tolist(),
        "output": arrays.add(output.images[shown].astype("<f4")),
        "reference": None,
        "reference_steps": [],
    }
    if reference is not None and len(carried):
        header["reference"] = arrays.add(reference.images[carried].astype("<f4"))
        header["reference_steps"] = reference.steps[carried].tolist()
    return arrays.encode(header)


def mean_image_png(reader: Reader, query: Query) -> Answer:
    """One mean image as a picture."""
    run, stream = _one_stream(reader, query)
    side = query.choice("side", _PICTURES)
    requested = query.integer("step")
    step = stream.steps.last if requested is None else requested

    def content() -> bytes:
        sides = _read(reader, run, stream)
        value_range = stream.info.value_range
        if side == "difference":
            change = _at(sides, "output", step) - _at(sides, "reference", step)
            return pictures.encode_png(pictures.difference(change, value_range))
        return pictures.encode_png(pictures.intensities(_at(sides, side, step), value_range))

    return Answer(revision_of([run]), content, PNG)


def _one_stream(reader: Reader, query: Query) -> tuple[Run, Stream]:
    run = lookup.find_run(query, reader.runs())
    return run, lookup.find_stream(query, run)


def _read(reader: Reader, run: Run, stream: Stream) -> dict[Side, MeanImageSeries]:
    sides = reader.mean_images(run, stream)
    if "output" not in sides:
        raise errors.NotFoundError(
            f"No mean images in stream {stream.info.name!r} of run {run.name!r}"
        )
    return sides


def _at(sides: dict[Side, MeanImageSeries], side: Side, step: int) -> FloatArray:
    """The image `(height, width, channels)` of one side at or before a step."""
    series = sides.get(side)
    index = -1 if series is None else int(series.index_at([step])[0])
    if series is None or index < 0:
        raise errors.NotFoundError(f"No mean image of the {side} at or before step {step}")
    image: FloatArray = series.images[index]
    return image
