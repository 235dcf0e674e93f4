"""A sheet of samples: one PNG that holds images side by side, and says which they are.

The images stand in a row, each of the same size. A text of the PNG, under the keyword
`tb_meanpixel`, lists them in JSON: whether an output, a reference or an input, which of the
images it is, and how far an output is from its reference; and the hash of all references, so
that no output stands beside an image of other ones. The alpha channel marks what no
picture shows: see `OPAQUE`, `BELOW`, `ABOVE` and `NOT_FINITE` in `statistics/sample_images.py`.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast, get_args

import numpy as np

from tb_meanpixel.statistics.sample_images import OPAQUE, Picture, SampleSide

KEYWORD = "tb_meanpixel"
MAX_BYTES = 1 << 22  # no writer comes near: a greater sheet comes from a broken file


@dataclass(frozen=True)
class Sample:
    """What an image of a sheet is.

    Attributes:
        side: "output", "reference" or "input".
        index: which of the outputs, or of the references, counted from 0.
        error: of an output with a reference, their root mean square difference in intensity
            units. None where there is none, infinite where an output is not finite.
        is_worst: whether it is shown because its error is among the greatest of its step.
    """

    side: SampleSide
    index: int
    error: float | None = None
    is_worst: bool = False


class SheetContent(NamedTuple):
    """What a sheet says: the size is that of one image, in pixels."""

    samples: list[Sample]
    reference_hash: str
    height: int
    width: int


def encode_sheet(
    samples: Sequence[Sample], pictures: Sequence[Picture], reference_hash: str
) -> bytes:
    """The PNG of some samples, in their order; pictures have one size."""
    from PIL import Image, PngImagePlugin  # only where samples are recorded: it takes 60 ms

    colored = any(picture.pixels.shape[-1] == 3 for picture in pictures)
    tiles = [
        np.broadcast_to(picture.pixels, (*picture.pixels.shape[:2], 3 if colored else 1))
        for picture in pictures
    ]
    sheet, marks = np.concatenate(tiles, axis=1), np.concatenate([p.marks for p in pictures], 1)
    if (marks != OPAQUE).any():
        sheet = np.concatenate([sheet, marks[..., None]], axis=-1)
    described = {
        "version": 1,
        "width": pictures[0].marks.shape[1],
        "reference": reference_hash,
        "samples": [
            {
                "side": sample.side,
                "index": sample.index,
                # JSON has no infinity.
                "error": "inf" if sample.error == math.inf else sample.error,
                "is_worst": sample.is_worst,
            }
            for sample in samples
        ],
    }
    texts = PngImagePlugin.PngInfo()
    texts.add_text(KEYWORD, json.dumps(described, separators=(",", ":"), allow_nan=False))
    file = io.BytesIO()
    Image.fromarray(sheet[..., 0] if sheet.shape[-1] == 1 else sheet).save(
        file, "PNG", pnginfo=texts
    )
    return file.getvalue()


def describe_sheet(content: bytes) -> SheetContent:
    """What a sheet shows.

    Raises:
        ValueError: if it is no sheet.
    """
    from PIL import Image

    if len(content) > MAX_BYTES:
        raise ValueError(f"a sheet of samples of {len(content)} bytes, at most {MAX_BYTES}")
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            described = json.loads(image.text[KEYWORD])  # type: ignore[attr-defined]
            width, height = image.size
        samples = [_sample(entry) for entry in described["samples"]]
        each = int(described["width"])
    except Exception as error:  # a broken file has errors of any kind
        raise ValueError(f"no sheet of samples: {type(error).__name__}: {error}") from error
    if not samples or each < 1 or each * len(samples) != width:
        raise ValueError(f"no sheet of samples: {len(samples)} of width {each} in {width} pixels")
    return SheetContent(samples, str(described["reference"]), height, each)


def _sample(entry: dict[str, object]) -> Sample:
    side, index, error = entry["side"], entry["index"], entry["error"]
    if side not in get_args(SampleSide) or not isinstance(index, int):
        raise ValueError(f"side {side!r}, index {index!r}")
    return Sample(
        cast("SampleSide", side),
        index,
        None if error is None else float(cast("float", error)),
        bool(entry["is_worst"]),
    )
