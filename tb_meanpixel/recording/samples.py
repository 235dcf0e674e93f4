"""A few images of each step, to be looked at: which they are, as sheets of a bounded size."""

from __future__ import annotations

import os

import numpy as np

from tb_meanpixel.schema.sample_sheet import Sample, encode_sheet
from tb_meanpixel.statistics.images import Array
from tb_meanpixel.statistics.mean_pixel import image_means
from tb_meanpixel.statistics.sample_images import (
    Picture,
    SampleSide,
    image_errors,
    picture,
    spread_choice,
)
from tb_meanpixel.statistics.value_range import ValueRange, infer_range

VARIABLE = "TB_MEANPIXEL_SAMPLES"
MAX_SAMPLES = 64

MAX_BYTES = 25_000  # of a step
_SIDES = (64, 48, 32, 24, 16, 12, 8)  # pixels of the longest side, until a sheet is small enough

# Of paired outputs so many are those with the greatest errors of the step.
_WORST = 2


def check_samples(samples: object) -> int:
    """How many images of a step are kept: `samples`, or fewer if the environment says so.

    Raises:
        TypeError, ValueError: unless it is a whole number from 0 to 64.
    """
    if not isinstance(samples, int | np.integer) or isinstance(samples, bool):
        raise TypeError(f"samples must be a whole number, such as 8; got {samples!r}")
    if not 0 <= samples <= MAX_SAMPLES:
        raise ValueError(f"samples must be from 0, for none, to {MAX_SAMPLES}; got {samples}")
    limit = os.environ.get(VARIABLE, "").strip()
    if not limit:
        return int(samples)
    if not limit.isdigit():
        raise ValueError(
            f"the environment variable {VARIABLE} must be a whole number, for instance 0 to keep "
            f"no images; got {limit!r}"
        )
    return min(int(samples), int(limit))


class Samples:
    """Chooses the images of a stream that are kept, and draws them.

    Paired: some are chosen once, spread over the brightness of the references, and stay the
    same; two more are those with the greatest errors of the step, with their references.
    Unpaired: the outputs at fixed places, and references spread over their brightness.
    """

    def __init__(self, count: int, paired: bool) -> None:
        self.count = count
        self._paired = paired
        self._worst = _WORST if paired and count > _WORST else 0
        self._reference: Array = np.empty(0)
        self._inputs: Array | None = None
        self._input_range: ValueRange | None = None
        self._hash = ""
        self._fixed: list[int] = []
        self._side = 0  # place in `_SIDES`: it only ever grows, so that a strip looks even
        #: The last sheet of a step, and that of the references.
        self.last, self.reference = b"", b""

    def take_reference(
        self,
        reference: Array,
        inputs: Array | None,
        value_range: ValueRange,
        reference_hash: str,
    ) -> None:
        """Choose among these references, `(batch, height, width, channels)`.

        Args:
            reference: the images that outputs should look like.
            inputs: what the model made them of, where these are images of their own.
            value_range: of the references.
            reference_hash: says whether two steps have the same references.
        """
        if not self.count or reference_hash == self._hash:
            return
        self._reference, self._inputs, self._hash = reference, inputs, reference_hash
        self._input_range = None if inputs is None else infer_range(inputs)
        # Image by image: the means take a copy in float64.
        brightness = np.array([image_means(image[None])[0, 0] for image in reference])
        self._fixed = spread_choice(brightness, self.count - self._worst).tolist()
        samples = [Sample("reference", index) for index in self._fixed]
        samples += [Sample("input", index) for index in self._fixed if inputs is not None]
        self.reference = self._sheet(samples, value_range)

    def draw(self, output: Array, value_range: ValueRange) -> bytes:
        """The sheet of a step's outputs, `(batch, height, width, channels)`."""
        if not self._paired:
            count = min(self.count, len(output))
            places = ((np.arange(count) + 0.5) * len(output) / count).astype(int).tolist()
            samples = [Sample("output", index) for index in places]
            self.last = self._sheet(samples, value_range, output)
            return self.last
        errors = image_errors(output, self._reference)
        by_error = np.argsort(-errors, kind="stable").tolist()
        fixed = set(self._fixed)
        worst = [index for index in by_error if index not in fixed][: self._worst]
        samples = [Sample("output", index, float(errors[index])) for index in self._fixed]
        for index in worst:
            samples.append(Sample("output", index, float(errors[index]), is_worst=True))
            samples.append(Sample("reference", index, is_worst=True))
            if self._inputs is not None:
                samples.append(Sample("input", index, is_worst=True))
        self.last = self._sheet(samples, value_range, output)
        return self.last

    def _sheet(
        self, samples: list[Sample], value_range: ValueRange, output: Array | None = None
    ) -> bytes:
        for place in range(self._side, len(_SIDES)):
            self._side = place
            pictures = [self._picture(sample, value_range, output) for sample in samples]
            sheet = encode_sheet(samples, _of_one_size(pictures), self._hash)
            if len(sheet) <= MAX_BYTES:
                break
        return sheet

    def _picture(self, sample: Sample, value_range: ValueRange, output: Array | None) -> Picture:
        images: dict[SampleSide, Array | None] = {
            "output": output,
            "reference": self._reference,
            "input": self._inputs,
        }
        image = images[sample.side]
        assert image is not None
        if sample.side == "input" and self._input_range is not None:
            value_range = self._input_range
        return picture(image[sample.index], value_range, _SIDES[self._side])


def _of_one_size(pictures: list[Picture]) -> list[Picture]:
    """Each as large as the first: inputs may be smaller, as those of a super-resolution."""
    height, width = pictures[0].marks.shape
    return [_resized(each, height, width) for each in pictures]


def _resized(each: Picture, height: int, width: int) -> Picture:
    rows, columns = each.marks.shape
    if (rows, columns) == (height, width):
        return each
    at = np.ix_(np.arange(height) * rows // height, np.arange(width) * columns // width)
    return Picture(each.pixels[at], each.marks[at])
