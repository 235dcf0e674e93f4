"""Answers with mean images: as numbers, and as pictures."""

from __future__ import annotations

from typing import Literal

import numpy as np
from tensorboard import errors

from tb_meanpixel.schema.metadata import Side
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.encoding import wire
from tb_meanpixel.serving.encoding.answer import BINARY, PNG, Answer, revision_of_all
from tb_meanpixel.serving.encoding.binary import Container
from tb_meanpixel.serving.encoding.png import difference, encode_png, intensities
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run, Stream
from tb_meanpixel.serving.reading.series import MeanImageSeries

_MOST_IMAGES = 1000
_PICTURES: tuple[Side | Literal["difference"], ...] = ("output", "reference", "difference")


def mean_images(reader: Reader, query: Query) -> Answer:
    """Mean images of some epochs of one stream, as numbers."""
    run, stream = _one_stream(reader, query)
    requested = query.integers("step")
    if len(requested) > _MOST_IMAGES:
        raise errors.InvalidArgumentError(
            f"parameter 'step' can be repeated {_MOST_IMAGES} times; got {len(requested)}"
        )

    def content() -> bytes:
        sides = _mean_images(reader, run, stream)
        output, reference = sides["output"], sides.get("reference")
        arrays = Container()
        chosen = output.at(np.array(requested or [stream.steps.last]))
        chosen = np.unique(chosen[chosen >= 0])
        steps = output.steps[chosen]
        # Each output's reference, and each of those once.
        carried = np.unique(reference.at(steps)) if reference else np.zeros(0, np.int64)
        carried = carried[carried >= 0]
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
            "steps": steps.tolist(),
            "output": arrays.add(output.images[chosen].astype("<f4")),
            "reference": None,
            "reference_steps": [],
        }
        if reference and len(carried):
            header["reference"] = arrays.add(reference.images[carried].astype("<f4"))
            header["reference_steps"] = reference.steps[carried].tolist()
        return arrays.encode(header)

    return Answer(revision_of_all([run]), content, BINARY)


def mean_image_png(reader: Reader, query: Query) -> Answer:
    """One mean image as a picture."""
    run, stream = _one_stream(reader, query)
    side = query.choice("side", _PICTURES)
    requested = query.integer("step")
    step = stream.steps.last if requested is None else requested

    def content() -> bytes:
        sides = _mean_images(reader, run, stream)
        value_range = stream.info.value_range
        if side != "difference":
            return encode_png(intensities(_at(sides, side, step), value_range))
        return encode_png(difference(_at(sides, "output", step) - _at(sides, "reference", step)))

    return Answer(revision_of_all([run]), content, PNG)


def _one_stream(reader: Reader, query: Query) -> tuple[Run, Stream]:
    run = query.run(reader.runs())
    return run, query.stream(run)


def _mean_images(reader: Reader, run: Run, stream: Stream) -> dict[Side, MeanImageSeries]:
    sides = reader.mean_images(run, stream)
    if "output" not in sides:
        raise errors.NotFoundError(
            f"No mean images in stream {stream.info.name!r} of run {run.name!r}"
        )
    return sides


def _at(sides: dict[Side, MeanImageSeries], side: Side, step: int) -> np.ndarray:
    series = sides.get(side)
    index = -1 if series is None else int(series.at(np.array([step]))[0])
    if series is None or index < 0:
        raise errors.NotFoundError(f"No mean image of the {side} at or before step {step}")
    image: np.ndarray = series.images[index]
    return image
