"""Samples: real outputs of some steps, and what they should look like."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from tensorboard import errors

from tb_meanpixel.serving.answers import lookup
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.encoding import wire
from tb_meanpixel.serving.encoding.binary import Container
from tb_meanpixel.serving.encoding.responses import BINARY, Answer, revision_of
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.sample_series import Sheet

_MAX_STEPS = 64


def samples(reader: Reader, query: Query) -> Answer:
    """The samples of one stream at the recorded steps that are nearest to some steps."""
    run = lookup.find_run(query, reader.runs())
    stream = lookup.find_stream(query, run)
    steps = query.integers("step")
    if len(steps) > _MAX_STEPS:
        raise errors.InvalidArgumentError(
            f"parameter 'step' can be repeated {_MAX_STEPS} times; got {len(steps)}"
        )

    def content() -> bytes:
        series = reader.samples(run, stream)
        arrays = Container()
        shown = series.nearest(steps or [stream.steps.last])
        sheets = [sheet for step in shown if (sheet := series.sheet(step)) is not None]
        # By their hash: they are written again with each file, and seldom change.
        references = {
            sheet.content.reference_hash: found
            for sheet in sheets
            if (found := series.references(sheet)) is not None
        }
        header = {
            "version": wire.VERSION,
            "run": run.name,
            "stream": stream.info.name,
            "low": stream.info.value_range.low,
            "high": stream.info.value_range.high,
            "recorded_steps": series.steps.tolist(),
            "sheets": [_header(sheet, arrays) for sheet in sheets],
            "references": [_header(sheet, arrays) for sheet in references.values()],
        }
        return arrays.encode(header)

    return Answer(revision_of([run]), content, BINARY)


def _header(sheet: Sheet, arrays: Container) -> dict[str, Any]:
    return {
        "step": sheet.step,
        "reference_hash": sheet.content.reference_hash,
        "height": sheet.content.height,
        "width": sheet.content.width,
        "samples": [
            {
                "side": sample.side,
                "index": sample.index,
                "error": _finite(sample.error),
                "is_worst": sample.is_worst,
            }
            for sample in sheet.content.samples
        ],
        "png": arrays.add(np.frombuffer(sheet.png, np.uint8)),
    }


def _finite(error: float | None) -> float | None:
    """JSON has no infinity: an output that is not finite has no error, and is marked."""
    return error if error is not None and math.isfinite(error) else None
