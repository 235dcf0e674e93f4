import numpy as np
import pytest

from tb_meanpixel.findings.curves import Curve
from tb_meanpixel.schema.metadata import ScoreTag, StreamInfo
from tb_meanpixel.serving.answers.histories import history
from tb_meanpixel.serving.reading.runs import Steps, Stream
from tb_meanpixel.serving.reading.scalar_series import ScalarSeries
from tb_meanpixel.statistics.value_range import ValueRange

NAN = np.nan
INFO = StreamInfo("validation", True, ValueRange(0.0, 1.0, "data"), ("all",), 2, 3, 4, "00ff")
STREAM = Stream(INFO, 2, Steps(0, 4, 3, 3))


def series(by_step):
    steps = np.array(list(by_step), np.int64)
    return ScalarSeries(steps, 100.0 + steps, np.array(list(by_step.values()), float))


def curve(name, split="train", run="vae/train"):
    return Curve(run, f"epoch_{name}", "scalars", name, split, 4, primary=name == "loss")


def test_losses_are_joined_by_step_and_not_by_position():
    made = history(
        STREAM,
        [(ScoreTag("validation", "bias"), series({0: 0.1, 2: 0.2, 4: 0.3}))],
        [
            (curve("loss"), series({1: 9.0, 2: 8.0, 3: 7.0, 4: 6.0})),
            (curve("loss", "validation"), series({0: 5.0})),
            (curve("loss", run="vae/other"), series({0: 1.0})),  # the first of a name counts
        ],
    )

    assert [0, 2, 4] == made.steps.tolist()
    np.testing.assert_array_equal([NAN, 8.0, 6.0], made.losses["loss"])
    np.testing.assert_array_equal([5.0, NAN, NAN], made.losses["val_loss"])


@pytest.mark.parametrize(
    "validation, expected",
    [
        ({1: 5.0, 3: 4.0, 5: 3.0}, [NAN, 5.0, 5.0, 4.0, 4.0, 3.0, 3.0, NAN]),
        ({1: 5.0, 3: NAN, 5: 3.0}, [NAN, 5.0, 5.0, NAN, NAN, 3.0, 3.0, NAN]),  # it was NaN
        ({2: 5.0}, [NAN, NAN, 5.0, NAN, NAN, NAN, NAN, NAN]),
        ({90: 5.0}, [1.0] * 8),  # of another writer, at no step of ours
        ({}, [1.0] * 8),
    ],
)
def test_a_loss_between_two_steps_is_the_one_before_and_never_another(validation, expected):
    made = history(
        STREAM,
        [(ScoreTag("validation", "bias"), series(dict.fromkeys(range(8), 0.1)))],
        [
            (curve("loss"), series(dict.fromkeys(range(8), 1.0))),
            (curve("loss", "validation"), series(validation)),
        ],
    )

    np.testing.assert_array_equal(expected, made.loss)


def test_other_curves_are_no_losses():
    made = history(
        STREAM,
        [(ScoreTag("validation", "bias"), series({0: 0.1}))],
        [(curve("mae"), series({0: 1.0}))],
    )

    assert {} == made.losses


def test_scores_with_other_steps_are_filled_up():
    made = history(
        STREAM,
        [
            (ScoreTag("validation", "bias"), series({0: 0.1, 2: 0.2})),
            (ScoreTag("validation", "bias", "red"), series({2: 0.3, 3: 0.4})),
            (ScoreTag("train", "bias"), series({7: 0.9})),
        ],
        [],
    )

    assert [0, 2, 3] == made.steps.tolist()
    assert {("bias", ""), ("bias", "red")} == set(made.scores)
    np.testing.assert_array_equal([NAN, 0.3, 0.4], made.scores["bias", "red"])


def test_a_history_describes_its_stream():
    made = history(STREAM, [], [])

    assert ("validation", True, ("all",), 4) == (
        made.stream,
        made.paired,
        made.channels,
        made.image_count,
    )
    assert (0.0, 1.0, "data") == made.value_range
    assert [] == made.steps.tolist()
