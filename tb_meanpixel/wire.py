"""Trainings and series as bytes for the browser: JSON, and binary for histograms.

The formats are described in http_api.md; frontend/src/wire.ts reads them.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tb_meanpixel.histogram import EXTRA_CELLS, FloatArray
from tb_meanpixel.images import Array
from tb_meanpixel.metadata import ScoreTag
from tb_meanpixel.reader import HistogramSeries, ScalarSeries
from tb_meanpixel.trainings import Curve, ScalarKey, Stream, Training

VERSION = 1

# Lines over the heatmap: the middle nine tenths of the values, and their median.
QUANTILES = (0.05, 0.5, 0.95)

# Typed arrays in the browser must begin at a multiple of their item size.
_ALIGNMENT = 8


def encode_trainings(trainings: Iterable[Training]) -> bytes:
    """The listing: what there is, without any series."""
    return _json({"version": VERSION, "trainings": [_training(t) for t in trainings]})


def encode_scalars(
    wanted: Iterable[tuple[Training, Sequence[ScoreTag], Sequence[Curve]]],
    series: Mapping[ScalarKey, ScalarSeries],
) -> bytes:
    """Scores and curves of trainings; a value that is not finite becomes null."""
    return _json(
        {
            "version": VERSION,
            "trainings": [
                {
                    "name": training.name,
                    "scores": [
                        {
                            "stream": tag.stream,
                            "statistic": tag.statistic,
                            "channel": tag.channel,
                            **_scalar_series(series[training.score_key(tag)]),
                        }
                        for tag in scores
                        if training.score_key(tag) in series
                    ],
                    "curves": [
                        {
                            "run": curve.run,
                            "tag": curve.tag,
                            **_scalar_series(series[curve.key]),
                        }
                        for curve in curves
                        if curve.key in series
                    ],
                }
                for training, scores, curves in wanted
            ],
        }
    )


def encode_histograms(
    training: Training, stream: Stream, series: Sequence[HistogramSeries]
) -> bytes:
    """uint32 length of the header, the header as JSON, then the arrays it describes."""
    arrays = _Arrays()
    header = {
        "version": VERSION,
        "training": training.name,
        "stream": stream.info.name,
        "channels": stream.info.channels,
        "quantiles": QUANTILES,
        "extra_cells": EXTRA_CELLS,
        "notes": [note for one in series for note in one.notes],
        "series": [
            {
                "side": one.tag.side,
                "quantity": one.tag.quantity,
                "low": one.tag.low,
                "high": one.tag.high,
                "bins": one.tag.bins,
                "steps": one.steps.tolist(),
                "wall_times": one.wall_times.tolist(),
                "cells": arrays.add(_smallest_counts(one.histogram.cells)),
                "mean": arrays.add(one.histogram.mean.astype("<f4")),
                "std": arrays.add(one.histogram.std.astype("<f4")),
                "quantile_values": arrays.add(one.histogram.quantile(QUANTILES).astype("<f4")),
            }
            for one in series
        ],
    }
    text = _json(header)
    text += b" " * (-(len(text) + 4) % _ALIGNMENT)
    return struct.pack("<I", len(text)) + text + arrays.content


class _Arrays:
    """Arrays one after another, each at an aligned offset."""

    def __init__(self) -> None:
        self.content = b""

    def add(self, array: Array) -> dict[str, Any]:
        """Append `array` and return where it lies, counted from the end of the header."""
        offset = len(self.content)
        self.content += array.tobytes()
        self.content += b"\0" * (-len(self.content) % _ALIGNMENT)
        dtype = {"<u2": "uint16", "<u4": "uint32", "<f8": "float64", "<f4": "float32"}
        return {"dtype": dtype[array.dtype.str], "shape": array.shape, "offset": offset}


def _smallest_counts(cells: Array) -> Array:
    """Counts in the smallest type that holds them: half the bytes are half the time."""
    greatest = cells.max(initial=0)
    if greatest < 1 << 16:
        return cells.astype("<u2")
    return cells.astype("<u4" if greatest < 1 << 32 else "<f8")


def _training(training: Training) -> dict[str, Any]:
    return {
        "name": training.name,
        "run": training.run,
        "streams": [_stream(stream) for stream in training.streams],
        "curves": [
            {
                "run": curve.run,
                "tag": curve.tag,
                "name": curve.name,
                "split": curve.split,
                "primary": curve.primary,
                "last_step": curve.last_step,
            }
            for curve in training.curves
        ],
        "notes": training.notes,
    }


def _stream(stream: Stream) -> dict[str, Any]:
    info = stream.info
    return {
        "name": info.name,
        "paired": info.paired,
        "value_range": info.value_range._asdict(),
        "channels": info.channels,
        "height": info.height,
        "width": info.width,
        "bins": stream.bins,
        "reference_count": info.reference_count,
        "reference_hash": info.reference_hash,
        "quantities": sorted({tag.quantity for tag in stream.histograms}),
        "statistics": sorted({tag.statistic for tag in stream.scores}),
        "last_step": stream.last_step,
    }


def _scalar_series(series: ScalarSeries) -> dict[str, list[Any]]:
    return {
        "steps": series.steps.tolist(),
        "wall_times": series.wall_times.tolist(),
        "values": _finite_or_null(series.values),
    }


def _finite_or_null(values: FloatArray) -> list[float | None]:
    """JSON has no NaN: what is not finite becomes null."""
    return [value if np.isfinite(value) else None for value in values.tolist()]


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
