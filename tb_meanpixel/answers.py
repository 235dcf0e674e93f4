"""What each route answers: from the parameters of a request to bytes; knows no HTTP.

Each answer begins with the listing of the trainings and ends with a function
that reads and encodes: a client that has the answer already costs no more than
the listing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from tensorboard import errors

from tb_meanpixel import export, wire
from tb_meanpixel.baselines import KINDS, Baseline, compare_all
from tb_meanpixel.container import Container, encode_json
from tb_meanpixel.histories import findings_of
from tb_meanpixel.metadata import Side
from tb_meanpixel.png import difference, encode_png, intensities
from tb_meanpixel.query import Query
from tb_meanpixel.reader import Reader
from tb_meanpixel.selection import HistogramSelection, ScalarSelection
from tb_meanpixel.series import MeanImageSeries
from tb_meanpixel.trainings import Stream, Training

JSON, BINARY, PNG = "application/json", "application/octet-stream", "image/png"


@dataclass(frozen=True)
class Answer:
    """An answer that is not computed yet.

    Attributes:
        revision: another one whenever the content may be.
        content: computes it.
        content_type: JSON, binary, CSV or PNG.
        filename: to save it under; empty for what the page itself reads.
    """

    revision: str
    content: Callable[[], bytes]
    content_type: str = JSON
    filename: str = ""


def trainings(reader: Reader, _: Query) -> Answer:
    """The listing."""
    contents = reader.contents()
    return Answer(contents.revision, lambda: wire.encode_trainings(contents))


def scalars(reader: Reader, query: Query) -> Answer:
    """Scores and curves of many trainings."""
    chosen = query.chosen(reader.trainings())
    selection = ScalarSelection(query)
    if query.choice("format", ("json", "binary")) == "json":
        return Answer(
            _revision(chosen), lambda: wire.encode_scalars(selection.select(reader, chosen))
        )
    return Answer(
        _revision(chosen),
        lambda: wire.encode_scalars_binary(selection.select(reader, chosen)),
        BINARY,
    )


def histograms(reader: Reader, query: Query) -> Answer:
    """Histograms of one stream of many trainings."""
    chosen = query.chosen(reader.trainings())
    selection = HistogramSelection(query, chosen)
    return Answer(
        _revision(chosen),
        lambda: wire.encode_histograms(selection.select(reader), selection.notes),
        BINARY,
    )


def findings(reader: Reader, query: Query) -> Answer:
    """Diagnoses of many trainings."""
    chosen = query.chosen(reader.trainings())

    def content() -> bytes:
        return encode_json(
            {
                "version": wire.VERSION,
                "trainings": [
                    {
                        "name": training.name,
                        "findings": [finding.as_dict() for finding in found],
                        "notes": training.notes,
                    }
                    for training, found in findings_of(reader, chosen)
                ],
            }
        )

    return Answer(_revision(chosen), content)


def drift(reader: Reader, query: Query) -> Answer:
    """Scores of many trainings against a baseline."""
    every = reader.trainings()
    chosen = query.chosen(every)
    streams, notes = query.streams(chosen)
    baseline = _baseline(query, every)
    concerned = [*chosen, *([baseline.training] if baseline.training else [])]

    def content() -> bytes:
        return encode_json(
            {
                "version": wire.VERSION,
                "baseline": {
                    "kind": baseline.kind,
                    "training": baseline.training and baseline.training.name,
                    "stream": query.required("stream"),
                    "epoch": baseline.epoch,
                },
                "notes": notes,
                "trainings": [
                    {
                        "name": training.name,
                        "comparable": compared.comparable,
                        "notes": compared.notes,
                        "scores": [
                            {
                                "statistic": tag.statistic,
                                "channel": tag.channel,
                                **wire.json_series(series),
                            }
                            for tag, series in compared.scores
                        ],
                    }
                    for training, compared in compare_all(reader, streams, baseline)
                ],
            }
        )

    return Answer(_revision(concerned), content)


def mean_images(reader: Reader, query: Query) -> Answer:
    """Mean images of some epochs of one stream, as numbers."""
    training, stream = _one_stream(reader, query)
    epochs = query.integers("epoch")
    if len(epochs) > _MOST_IMAGES:
        raise errors.InvalidArgumentError(
            f"parameter 'epoch' can be repeated {_MOST_IMAGES} times; got {len(epochs)}"
        )

    def content() -> bytes:
        sides = _mean_images(reader, training, stream)
        output, reference = sides["output"], sides.get("reference")
        arrays = Container()
        chosen = output.at(np.array(epochs or [stream.epochs.last]))
        chosen = np.unique(chosen[chosen >= 0])
        steps = output.steps[chosen]
        # Each output's reference, and each of those once.
        standing = np.unique(reference.at(steps)) if reference else np.zeros(0, np.int64)
        standing = standing[standing >= 0]
        height, width = output.images.shape[1:3]
        header = {
            "version": wire.VERSION,
            "training": training.name,
            "stream": stream.info.name,
            "low": stream.info.value_range.low,
            "high": stream.info.value_range.high,
            "channels": stream.info.channels[1:] or stream.info.channels,
            "height": height,
            "width": width,
            "epochs": steps.tolist(),
            "output": arrays.add(output.images[chosen].astype("<f4")),
            "reference": None,
            "reference_epochs": [],
        }
        if reference and len(standing):
            header["reference"] = arrays.add(reference.images[standing].astype("<f4"))
            header["reference_epochs"] = reference.steps[standing].tolist()
        return arrays.encode(header)

    return Answer(_revision([training]), content, BINARY)


def mean_image_png(reader: Reader, query: Query) -> Answer:
    """One mean image as a picture."""
    training, stream = _one_stream(reader, query)
    side = query.choice("side", _PICTURES)
    asked = query.integer("epoch")
    epoch = stream.epochs.last if asked is None else asked

    def content() -> bytes:
        sides = _mean_images(reader, training, stream)
        value_range = stream.info.value_range
        if side != "difference":
            return encode_png(intensities(_at(sides, side, epoch), value_range))
        return encode_png(difference(_at(sides, "output", epoch) - _at(sides, "reference", epoch)))

    return Answer(_revision([training]), content, PNG)


def exported(reader: Reader, query: Query) -> Answer:
    """Any of it as a table to save."""
    chosen = query.chosen(reader.trainings())
    what = query.choice("what", tuple(export.TABLES))
    form = query.choice("format", ("csv", "json"))
    table = export.TABLES[what](reader, query, chosen)
    streams = query.many("stream")
    return Answer(
        _revision(chosen),
        lambda: export.encode(table(), what, form),
        "text/csv" if form == "csv" else JSON,
        export.filename(query.many("training"), streams, what, form),
    )


_MOST_IMAGES = 1000
_PICTURES: tuple[Side | Literal["difference"], ...] = ("output", "reference", "difference")


def _revision(trainings: Sequence[Training]) -> str:
    return " ".join(f"{training.name} {training.revision}" for training in trainings)


def _one_stream(reader: Reader, query: Query) -> tuple[Training, Stream]:
    training = query.training(reader.trainings())
    return training, query.stream(training)


def _baseline(query: Query, trainings: Sequence[Training]) -> Baseline:
    kind = query.choice("baseline", KINDS)
    epoch = query.integer("epoch") if kind in ("epoch", "training") else None
    if kind == "epoch" and epoch is None:
        raise errors.InvalidArgumentError("parameter 'epoch' is missing: the baseline's epoch")
    if kind != "training":
        return Baseline(kind, epoch)
    training = query.training(trainings, "of")
    return Baseline(kind, epoch, training, query.stream(training))


def _mean_images(reader: Reader, training: Training, stream: Stream) -> dict[Side, MeanImageSeries]:
    sides = reader.mean_images(training, stream)
    if "output" not in sides:
        raise errors.NotFoundError(
            f"No mean images in stream {stream.info.name!r} of training {training.name!r}"
        )
    return sides


def _at(sides: dict[Side, MeanImageSeries], side: Side, epoch: int) -> np.ndarray:
    series = sides.get(side)
    index = -1 if series is None else int(series.at(np.array([epoch]))[0])
    if series is None or index < 0:
        raise errors.NotFoundError(f"No mean image of the {side} at or before epoch {epoch}")
    image: np.ndarray = series.images[index]
    return image
