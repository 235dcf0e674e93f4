"""Scores out of one tensor a step, whatever a file holds."""

import numpy as np
import pytest

from tb_meanpixel.schema.metadata import ScoresTag, ScoreTag, StreamInfo
from tb_meanpixel.serving.reading.raw_series import RawSeries
from tb_meanpixel.serving.reading.score_table import decode_scores, scores_of
from tb_meanpixel.statistics.value_range import ValueRange

UNIT = ValueRange(0.0, 1.0, "declared")
COLOR = StreamInfo("validation", True, UNIT, ("all", "red", "green"), 2, 2, 2, "00ff")
TAG = ScoresTag(COLOR, ("bias", "", "drift", "color_cast"), ("color_cast",))
TABLE = np.arange(12, dtype="<f4").reshape(4, 3)


def read(*tensors):
    """The table of some tensors at the steps 0, 1, ..."""
    steps = np.arange(len(tensors))
    return decode_scores(
        TAG,
        RawSeries(
            steps,
            100.0 + steps,
            [np.ascontiguousarray(each).tobytes() for each in tensors],
            [np.shape(each) for each in tensors],
        ),
    )


def test_each_score_is_a_series_that_shares_its_steps():
    table = read(TABLE, TABLE + 100)
    bias = table.series(ScoreTag("validation", "bias"))
    green = table.series(ScoreTag("validation", "drift", "green"))

    assert [[0.0, 100.0], [8.0, 108.0]] == [bias.values.tolist(), green.values.tolist()]
    assert bias.steps is green.steps
    assert [100.0, 101.0] == green.wall_times.tolist()
    assert () == table.notes


def test_places_without_a_name_are_no_scores():
    table = read(TABLE)

    assert [("bias", ""), ("drift", ""), ("color_cast", "")] + [
        (name, channel) for channel in ("red", "green") for name in ("bias", "drift")
    ] == [(tag.name, tag.channel) for tag in scores_of(TAG)]
    for other in [("", ""), ("paired_t", ""), ("bias", "blue")]:
        assert table.series(ScoreTag("validation", *other)) is None


def test_tensors_of_other_versions_have_the_same_scores_at_their_places():
    longer = np.concatenate([TABLE, np.full((5, 3), 9.0, "<f4")])
    table = read(TABLE[:2], longer, TABLE)
    drift = table.series(ScoreTag("validation", "drift"))

    np.testing.assert_array_equal([np.nan, 6.0, 6.0], drift.values)
    assert [0.0] * 3 == table.series(ScoreTag("validation", "bias")).values.tolist()
    assert () == table.notes


@pytest.mark.parametrize(
    "tensor",
    [
        TABLE.T,  # the same bytes in another shape
        TABLE.reshape(4, 3, 1),
        TABLE.ravel(),
        TABLE[:, :2],
        TABLE[:0],
        np.float32(1),
    ],
    ids=["transposed", "three axes", "flat", "fewer rows", "empty", "scalar"],
)
def test_what_is_no_table_is_left_out_and_noted(tensor):
    table = read(TABLE, tensor, TABLE)

    assert [0, 2] == table.steps.tolist()
    [note] = table.notes
    assert note.startswith(
        "1 steps of validation/scores were left out: they do not have the 3 rows"
    )
    assert [0.0, 0.0] == table.series(ScoreTag("validation", "bias")).values.tolist()


def test_a_tensor_whose_bytes_are_not_its_shapes_is_left_out():
    series = RawSeries(np.arange(2), np.zeros(2), [b"", TABLE.tobytes()], [(4, 3), (4, 3)])

    assert [1] == decode_scores(TAG, series).steps.tolist()


def test_a_series_without_tensors_is_empty():
    table = decode_scores(TAG, RawSeries(np.zeros(0, np.int64), np.zeros(0), [], []))

    assert [] == table.series(ScoreTag("validation", "drift", "red")).values.tolist()
    assert () == table.notes
