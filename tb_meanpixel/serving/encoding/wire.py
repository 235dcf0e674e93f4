"""Runs and series as bytes: JSON, or arrays with a JSON header.

docs/http_api.md describes the formats; frontend/src/server/ reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tb_meanpixel.findings.curves import LOSS_SPLITS, loss_curve
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.history import loss_names
from tb_meanpixel.serving.encoding.binary import Container, encode_json
from tb_meanpixel.serving.reading.histogram_series import (
    QUANTILES,
    HistogramSeries,
    RunHistograms,
)
from tb_meanpixel.serving.reading.quantile_series import QuantileSeries
from tb_meanpixel.serving.reading.runs import Catalog, Run, Stream
from tb_meanpixel.serving.reading.scalar_series import RunScalars, ScalarSeries
from tb_meanpixel.statistics.histogram import EXTRA_CELLS, FloatArray, IntArray
from tb_meanpixel.statistics.images import Array

VERSION = 1


def encode_catalog(catalog: Catalog) -> bytes:
    """The catalog: what there is, without any series."""
    return encode_json(catalog_header(catalog))


def catalog_header(catalog: Catalog) -> dict[str, Any]:
    """The catalog as JSON."""
    return {
        "version": VERSION,
        "runs": [_run(run) for run in catalog.runs],
        "event_directories": catalog.event_directories,
        "notes": catalog.notes,
    }


def encode_scalars(runs: Iterable[RunScalars]) -> bytes:
    """Scores and curves as JSON; a value that is not finite becomes null."""
    return encode_json(
        {
            "version": VERSION,
            "runs": [_scalars(run, json_series) for run in runs],
        }
    )


def encode_scalars_binary(runs: Iterable[RunScalars]) -> bytes:
    """The same as arrays; a value that is not finite becomes NaN."""
    arrays = Container()
    return arrays.encode(scalars_header(runs, arrays))


def scalars_header(runs: Iterable[RunScalars], arrays: Container) -> dict[str, Any]:
    """Scores and curves as a header; their arrays are added to `arrays`."""

    def series(one: ScalarSeries) -> dict[str, Any]:
        with np.errstate(over="ignore"):
            values = one.values.astype("<f4")
        return {
            "steps": arrays.share(one.steps, _smallest_steps),
            "wall_times": arrays.share(one.wall_times),
            "values": arrays.add(np.where(np.isfinite(values), values, np.float32("nan"))),
        }

    return {"version": VERSION, "runs": [_scalars(one, series) for one in runs]}


def encode_histograms(runs: Iterable[RunHistograms], notes: Sequence[str] = ()) -> bytes:
    """Histograms of one stream of each run."""
    arrays = Container()
    return arrays.encode(histograms_header(runs, notes, arrays))


def histograms_header(
    runs: Iterable[RunHistograms], notes: Sequence[str], arrays: Container
) -> dict[str, Any]:
    """Histograms as a header; their arrays are added to `arrays`."""
    return {
        "version": VERSION,
        "quantiles": QUANTILES,
        "extra_cells": EXTRA_CELLS,
        "notes": notes,
        "runs": [
            {
                "name": one.name,
                "stream": one.stream,
                "channels": one.channels,
                "notes": [note for series in one.series for note in series.notes],
                "digest": one.digest,
                "after": one.after,
                "series": [_histograms(series, arrays) for series in one.series],
            }
            for one in runs
        ],
    }


def findings_header(found: Iterable[tuple[Run, Sequence[Finding]]]) -> dict[str, Any]:
    """Findings as JSON."""
    return {
        "version": VERSION,
        "runs": [
            {
                "name": run.name,
                "findings": [finding.as_dict() for finding in findings],
                "notes": run.notes,
            }
            for run, findings in found
        ],
    }


def json_series(series: ScalarSeries) -> dict[str, list[Any]]:
    """Lists by step; a value that is not finite becomes null."""
    return {
        "steps": series.steps.tolist(),
        "wall_times": finite_or_none(series.wall_times),
        "values": finite_or_none(series.values),
    }


def finite_or_none(values: FloatArray) -> list[float | None]:
    """The numbers as a list; those that are not finite become None."""
    if np.isfinite(values).all():
        numbers: list[float | None] = values.tolist()
        return numbers
    return [value if np.isfinite(value) else None for value in values.tolist()]


def _histograms(series: HistogramSeries, arrays: Container) -> dict[str, Any]:
    mean, std, quantiles = series.statistics
    recorded = series.quantiles
    return {
        "side": series.tag.side,
        "quantity": series.tag.quantity,
        "low": series.tag.low,
        "high": series.tag.high,
        "bins": series.tag.bins,
        "steps": series.steps.tolist(),
        "last_steps": series.last_steps.tolist(),
        "wall_times": finite_or_none(series.wall_times),
        "cells": arrays.add(series.cells),
        "mean": arrays.add(mean),
        "std": arrays.add(std),
        "quantile_values": arrays.add(quantiles),
        "quantile_source": series.quantile_source,
        "recorded_quantiles": None if recorded is None else _quantiles(recorded, arrays),
    }


def _quantiles(quantiles: QuantileSeries, arrays: Container) -> dict[str, Any]:
    low, high, levels = quantiles.levels()
    return {
        "probabilities": quantiles.probabilities,
        "low": low,
        "high": high,
        "levels": arrays.add(levels),
    }


def _scalars(run: RunScalars, encode: Any) -> dict[str, Any]:
    return {
        "name": run.name,
        "scores": [
            {
                "stream": tag.stream,
                "name": tag.name,
                "channel": tag.channel,
                **encode(series),
            }
            for tag, series in run.scores
        ],
        "curves": [
            {"event_directory": curve.event_directory, "tag": curve.tag, **encode(series)}
            for curve, series in run.curves
        ],
        "notes": run.notes,
    }


def _smallest_steps(steps: IntArray) -> Array:
    """int32; float64 where a writer counts further than that."""
    fits = steps.size == 0 or (steps.min() >= -(1 << 31) and steps.max() < 1 << 31)
    return steps.astype("<i4" if fits else "<f8")


def _run(run: Run) -> dict[str, Any]:
    return {
        "name": run.name,
        "event_directory": run.event_directory,
        "revision": run.revision,
        "streams": [_stream(stream, run) for stream in run.streams],
        "curves": [
            {
                "event_directory": curve.event_directory,
                "tag": curve.tag,
                "name": curve.name,
                "split": curve.split,
                "primary": curve.primary,
                "last_step": curve.last_step,
            }
            for curve in run.curves
        ],
        "notes": run.notes,
    }


def _stream(stream: Stream, run: Run) -> dict[str, Any]:
    info, steps = stream.info, stream.steps
    splits = [LOSS_SPLITS[name] for name in loss_names(info.name)]
    losses = (loss_curve(run.curves, split) for split in splits)
    loss = next(filter(None, losses), None)
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
        "unit": info.unit,
        "writer_version": info.writer_version,
        "lacks": stream.lacks,
        "quantities": sorted({tag.quantity for tag in stream.histograms}),
        "scores": sorted({tag.name for tag in stream.scores}),
        "loss": loss and {"event_directory": loss.event_directory, "tag": loss.tag},
        "samples": stream.info.samples,
        "has_mean_images": any(tag.side == "output" for tag in stream.mean_images),
        "steps": {
            "first": steps.first,
            "last": steps.last,
            "loaded": steps.loaded,
            "recorded": steps.recorded,
        },
    }
