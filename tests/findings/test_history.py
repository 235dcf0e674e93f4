import numpy as np
import pytest
from support.histories import history_of

from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.mean_pixel import image_means
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.pairs import PairSums
from tb_meanpixel.statistics.record import Record
from tb_meanpixel.statistics.value_range import ValueRange

BYTES = ValueRange(0.0, 255.0, "declared")


def record(level, channels=3, paired=True):
    reference = np.random.default_rng(0).random((8, 4, 4, channels)) * 255
    output = reference + level
    pairs = PairSums.of(image_means(output), image_means(reference)) if paired else None
    return Record(measure_images(output, BYTES), measure_images(reference, BYTES), pairs)


def test_records_become_series_in_the_order_of_their_steps():
    history = history_of({7: record(20.0), 3: record(10.0)}, BYTES, stream="train")

    assert [3, 7] == history.steps.tolist()
    assert pytest.approx([10.0, 20.0]) == history.score("bias").tolist()
    assert pytest.approx([10.0, 20.0]) == history.score("bias", "green").tolist()
    assert ("train", True, 8, ("all", "red", "green", "blue")) == (
        history.stream,
        history.paired,
        history.image_count,
        history.channels,
    )


def test_it_holds_every_score_of_every_channel():
    seen = record(10.0)
    history = history_of({0: seen}, BYTES)
    by_name = scores.scores(seen)

    for name, number in scores.overall(by_name).items():
        np.testing.assert_array_equal(history.score(name), [number])
    for name, rows in by_name.items():
        np.testing.assert_array_equal(history.score(name, "blue"), [rows[3]])


def test_a_score_that_is_not_there_is_undefined_at_every_step():
    history = history_of({0: record(1.0, paired=False), 1: record(2.0, paired=False)}, BYTES)

    assert not history.paired
    assert np.isnan(history.score("paired_t")).all()
    assert (2,) == history.score("paired_t").shape


@pytest.mark.parametrize(
    "stream, losses, expected",
    [
        ("validation", {"loss": [1.0], "val_loss": [2.0]}, 2.0),
        ("samples", {"loss": [1.0], "val_loss": [2.0]}, 2.0),
        ("train", {"loss": [1.0], "val_loss": [2.0]}, 1.0),
        ("train_mean_pixel", {"loss": [1.0], "val_loss": [2.0]}, 1.0),
        ("validation", {"loss": [1.0]}, 1.0),
        ("validation", {"kl_loss": [1.0]}, np.nan),
        ("validation", {}, np.nan),
    ],
)
def test_the_loss_is_that_of_the_same_split(stream, losses, expected):
    history = history_of({0: record(1.0)}, BYTES, stream=stream, losses=losses)

    np.testing.assert_array_equal(history.loss, [expected])
