import numpy as np
import pytest

from tb_meanpixel import MeanPixelWriter

RANDOM = np.random.default_rng(0)
REFERENCE = RANDOM.random((16, 4, 4, 3))
GREY_REFERENCE = REFERENCE[..., :1]


def darker(images, epoch):
    return images * (1 - epoch / 10)


@pytest.fixture(scope="module")
def board(tmp_path_factory, serve, loader):
    logs = tmp_path_factory.mktemp("logs")
    for name, images, steps in [
        ("color", REFERENCE, [2, 4, 6]),
        ("grey", GREY_REFERENCE, [0, 3]),
        ("other", REFERENCE[::-1], [2, 4]),
        ("late", REFERENCE, [5, 6, 7]),
    ]:
        with MeanPixelWriter(logs / name, value_range=(0, 1)) as writer:
            for step in steps:
                writer.write(step, darker(images, step), images)
    return serve(logs, loader)


def baseline_scores(board, **query):
    [run] = board.json("baseline_scores", stream="validation", **query)["runs"]
    return run


def series(run):
    return {
        (score["score"], score["channel"]): dict(zip(score["steps"], score["values"], strict=True))
        for score in run["scores"]
    }


def test_against_the_reference_they_are_the_recorded_scores(board):
    [recorded] = board.json("scalars", run="color")["runs"]
    recorded, computed = series(recorded), series(baseline_scores(board, run="color"))

    assert 6 + 3 * 5 == len(computed)
    for key, values in computed.items():
        # Recorded with 256 bins, computed from 64.
        room = 1 / 64 if key[0].startswith("drift") else 1e-6
        assert values == pytest.approx(recorded[key], abs=room), key


def test_the_first_step_is_no_distance_from_itself(board):
    computed = series(baseline_scores(board, run="color", baseline="first"))

    assert 0.0 == computed["drift", ""][2] == computed["bias", ""][2]
    assert 1.0 == computed["contrast_ratio", ""][2]
    assert pytest.approx(REFERENCE.mean() * -0.4) == computed["bias", ""][6]


@pytest.mark.parametrize("epoch, taken", [(2, 2), (3, 2), (4, 4), (99, 6)])
def test_an_epoch_is_the_nearest_at_or_before(board, epoch, taken):
    computed = series(baseline_scores(board, run="color", baseline="step", baseline_step=epoch))

    assert 0.0 == computed["bias", ""][taken]
    assert 1 == list(computed["bias", ""].values()).count(0.0)


def test_before_the_first_step_there_is_no_baseline(board):
    answer = baseline_scores(board, run="color", baseline="step", baseline_step=1)

    assert (True, []) == (answer["comparable"], answer["scores"])
    assert ["3 epochs were left out: the baseline begins after them"] == answer["notes"]


def test_another_run_is_compared_epoch_by_epoch(board):
    answer = baseline_scores(board, run="late", baseline="run", baseline_run="color")
    mean = REFERENCE.mean()

    # Against its epochs 4, 6 and 6.
    assert {5: -0.1 * mean, 6: 0.0, 7: -0.1 * mean} == pytest.approx(series(answer)["bias", ""])


def test_another_run_can_be_held_at_one_epoch(board):
    answer = baseline_scores(
        board, run="late", baseline="run", baseline_run="color", baseline_step=5
    )
    mean = REFERENCE.mean()

    assert {5: -0.1 * mean, 6: -0.2 * mean, 7: -0.3 * mean} == pytest.approx(
        series(answer)["bias", ""]
    )


@pytest.mark.parametrize(
    "of, note",
    [("other", "other reference images"), ("grey", "other bins than the baseline's")],
)
def test_what_cannot_be_compared_has_no_scores_but_a_note(board, of, note):
    answer = baseline_scores(board, run="color", baseline="run", baseline_run=of)

    assert (False, []) == (answer["comparable"], answer["scores"])
    assert answer["notes"][0].endswith(note)


def test_scores_can_be_chosen(board):
    answer = baseline_scores(board, run="color", score=["bias", "color_cast"], channel=["", "red"])

    assert {("bias", ""), ("bias", "red"), ("color_cast", "")} == set(series(answer))


def test_the_baseline_is_named_in_the_answer(board):
    query = {"run": "late", "baseline": "run", "baseline_run": "color", "baseline_step": 5}
    answer = board.json("baseline_scores", stream="validation", **query)

    assert {
        "kind": "run",
        "run": "color",
        "stream": "validation",
        "step": 5,
    } == answer["baseline"]
