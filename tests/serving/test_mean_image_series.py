import numpy as np

from tb_meanpixel.schema.metadata import MeanImageTag, StreamInfo
from tb_meanpixel.serving.reading.mean_image_series import decode_mean_images
from tb_meanpixel.serving.reading.raw_series import RawSeries
from tb_meanpixel.statistics.value_range import ValueRange

STREAM = StreamInfo("validation", True, ValueRange(0.0, 1.0, "declared"), ("all",), 2, 2, 2, "00ff")


def test_mean_images_are_found_at_or_before_a_step():
    share = np.array([0.25, 0.5], "<f2")
    tag = MeanImageTag(STREAM, "output", 1, 1)
    contents = [share[:1].tobytes(), b"", share[1:].tobytes()]
    images = decode_mean_images(tag, RawSeries(np.array([2, 3, 4]), np.zeros(3), contents))

    assert [2, 4] == images.steps.tolist()
    assert [-1, 0, 0, 1, 1] == images.index_at([1, 2, 3, 4, 9]).tolist()
    assert [0.25, 0.5] == images.images(np.array([0, 1])).ravel().tolist()
    assert images.notes[0].startswith("1 steps of validation/output/mean_image were left out")
