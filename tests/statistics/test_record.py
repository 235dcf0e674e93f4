import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import image_batches, image_pairs

import tb_meanpixel
from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.mean_pixel import image_means
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.pairs import PairSums
from tb_meanpixel.statistics.record import Record, measure
from tb_meanpixel.statistics.value_range import ValueRange

NAN, INF = np.nan, np.inf
UNIT = ValueRange(0.0, 1.0, "declared")

SINGLE = (np.float32, np.float16, np.uint8)


@given(image_batches(SINGLE, batch=3, channels=2), image_batches(SINGLE, batch=3, channels=2))
def test_any_images_at_all_can_be_scored(output, reference):
    pairs = PairSums.of(image_means(output), image_means(reference))
    found = scores.scores(
        Record(measure_images(output, UNIT), measure_images(reference, UNIT), pairs)
    )

    assert all((3,) == values.shape for values in found.values())


@given(image_pairs(), st.integers(0, 4))
def test_sums_over_pairs_add_up(pair, split):
    output, reference = (image_means(batch) for batch in pair)
    all_pairs = PairSums.of(output, reference)
    added = PairSums.of(output[:split], reference[:split]) + (
        PairSums.of(output[split:], reference[split:])
    )

    for name in PairSums.field_names():
        np.testing.assert_allclose(
            getattr(added, name), getattr(all_pairs, name), rtol=1e-12, atol=1e-12
        )


def test_a_pair_that_is_not_finite_is_left_out():
    sums = PairSums.of(
        np.array([[1.0], [NAN], [5.0], [INF]]), np.array([[2.0], [3.0], [NAN], [4.0]])
    )

    assert [1.0, 1.0, 2.0, 1.0, 4.0, 2.0, 1.0] == [
        float(getattr(sums, name)[0]) for name in PairSums.field_names()
    ]


@pytest.mark.parametrize(
    "channels, names",
    [
        (1, ("all",)),
        (2, ("all", "grey", "alpha")),
        (3, ("all", "red", "green", "blue")),
        (4, ("all", "red", "green", "blue", "alpha")),
        (5, ("all", "channel_0", "channel_1", "channel_2", "channel_3", "channel_4")),
    ],
)
def test_a_record_names_its_channels(channels, names):
    measured = measure_images(np.zeros((1, 2, 2, channels)), UNIT)

    assert names == Record(measured, measured).channels
    assert len(names) == len(measured.pixels.cells) == len(measured.spatial.spread)


BLACK, GREY = np.zeros((8, 4, 4)), np.full((8, 4, 4), 0.25)


def test_measuring_is_public_and_gives_the_scores_that_a_writer_records(tmp_path):
    outputs, references = np.random.default_rng(0).random((2, 8, 4, 4, 3))
    record = tb_meanpixel.measure(output=outputs, reference=references, value_range=(0, 1))
    with tb_meanpixel.MeanPixelWriter(tmp_path, value_range=(0, 1)) as writer:
        recorded = writer.write(0, output=outputs, reference=references)

    np.testing.assert_equal(recorded, scores.overall(scores.scores(record)))


def test_samples_are_measured_without_pairs():
    record = measure(output=GREY[:5], reference=BLACK, value_range=(0, 1), paired=False)
    enough = measure(output=GREY, reference=BLACK, value_range=(0, 1), paired=False)

    assert record.pairs is None
    assert np.isnan(scores.scores(record)["bias_p"]).all()
    assert not np.isnan(scores.scores(enough)["bias_p"]).any()


def test_channels_first_images_are_measured():
    images = np.random.default_rng(0).random((8, 4, 4, 3))
    first = np.moveaxis(images, -1, 1)
    record = measure(output=first, reference=first, value_range=(0, 1), data_format="NCHW")

    assert ("all", "red", "green", "blue") == record.channels


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"output": GREY[:5]}, "output must have the reference's shape (8, 4, 4, 1); got (5, 4"),
        ({"reference": BLACK[0]}, "reference must be (batch, height, width, channels) or"),
        ({"value_range": (1, 0)}, "value_range must be two finite numbers"),
        ({"data_format": "HCW"}, "data_format must be 'channels_last'"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_a_sentence(arguments, sentence):
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        measure(**{"output": GREY, "reference": BLACK, "value_range": (0, 1), **arguments})


def test_images_by_position_are_a_type_error():
    with pytest.raises(TypeError, match="takes 0 positional arguments but 2 were given"):
        measure(GREY, BLACK)
