import numpy as np

from tb_meanpixel.recording.live_history import MAX_RECORDS, Points, RunMemory, run_memory
from tb_meanpixel.schema.metadata import StreamInfo
from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.record import measure
from tb_meanpixel.statistics.value_range import ValueRange

REFERENCE = np.random.default_rng(0).random((8, 4, 4, 3))
BY_NAME = scores.scores(measure(output=REFERENCE, reference=REFERENCE, value_range=(0, 1)))
COLORS = ("all", "red", "green", "blue")


def stream(channels=COLORS, name="validation"):
    return StreamInfo(name, True, ValueRange(0, 1, "declared"), channels, 4, 4, 8, "00ff")


def filled(count, series=1):
    points = Points(series)
    for step in range(count):
        points.add(step, np.full(series, float(step)))
    return points


def test_points_keep_their_steps_and_values_however_many_there_are():
    points = filled(250, series=2)

    assert list(range(250)) == points.steps.tolist()
    np.testing.assert_array_equal(points.steps, points.rows[1])


def test_a_step_that_comes_again_replaces_those_after_it():
    points = filled(20)
    points.add(7, np.array([70.0]))

    assert [*range(7), 7] == points.steps.tolist()
    assert 70 == points.values[-1]


def test_memory_is_bounded_and_keeps_the_start_and_the_newest_half():
    points = filled(3 * MAX_RECORDS)

    steps = points.steps
    assert MAX_RECORDS // 2 < len(steps) <= MAX_RECORDS
    assert list(range(100)) == steps[:100].tolist()
    assert list(range(3 * MAX_RECORDS - MAX_RECORDS // 4, 3 * MAX_RECORDS)) == (
        steps[-MAX_RECORDS // 4 :].tolist()
    )
    assert (np.diff(steps) > 0).all()
    np.testing.assert_array_equal(steps, points.values)


def test_losses_of_each_batch_stay_where_a_record_is():
    memory = RunMemory()
    for step in range(3 * MAX_RECORDS):
        memory.take_scalars(step, {"loss": 1 / (step + 1), "accuracy": 0.5})
        if step % 500 == 0:
            memory.take_scores(step, stream(), BY_NAME)

    history = memory.history("validation")
    np.testing.assert_array_equal(
        (1 / (history.steps + 1)).astype(np.float32), history.losses["loss"]
    )
    assert 60 == len(history.steps) == memory.count("validation")


def test_a_loop_with_a_name_for_each_step_does_not_fill_the_memory():
    memory = RunMemory()
    for step in range(2000):
        memory.take_scalars(step, {f"loss_{step}": 1.0, f"accuracy_{step}": 1.0})

    assert 100 == len(memory._losses)


def test_the_loss_of_the_run_before_is_forgotten_with_its_records():
    memory = RunMemory()
    for step in range(9):
        memory.take_scalars(step, {"loss": 1.0, "val_loss": 2.0})
        memory.take_scores(step, stream(), BY_NAME)
    memory.take_scalars(3, {"loss": 1.0})
    memory.take_scores(3, stream(), BY_NAME)
    for step in range(4, 9):
        memory.take_scores(step, stream(), BY_NAME)

    val_loss = memory.history("validation").losses["val_loss"]
    assert [2.0] * 4 == val_loss[:4].tolist()
    assert np.isnan(val_loss[5:]).all()


def test_a_run_that_begins_anew_may_have_other_channels_but_not_one_that_goes_on():
    memory, grey = RunMemory(), stream(("all",))
    by_name = {name: values[:1] for name, values in BY_NAME.items()}
    memory.take_scores(0, stream(), BY_NAME)
    memory.take_scores(1, grey, by_name)
    goes_on = memory.history("validation")
    memory.take_scores(0, grey, by_name)

    assert (COLORS, [0]) == (goes_on.channels, goes_on.steps.tolist())
    assert ("all",) == memory.history("validation").channels


def test_the_memory_of_a_directory_is_the_same_for_all_until_others_were_used():
    first = run_memory("/runs/first")
    first.take_scores(0, stream(), BY_NAME)

    assert first is run_memory("/runs/first")
    for number in range(16):
        run_memory(f"/runs/{number}")
    assert first is not run_memory("/runs/first")
