"""A step that is recorded already: what is replaced is said, with what to pass instead."""

import shutil
import warnings

import pytest
from support.constant_model import BLACK, GREY, IMAGES, constant, fit

from tb_meanpixel import MeanPixelCallback, MeanPixelWriter


def said(act):
    """The warnings of replaced steps."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        act()
    return [str(w.message) for w in caught if "it replaces" in str(w.message)]


@pytest.mark.parametrize("same", [True, False], ids=["same callback", "new callbacks"])
def test_fit_of_one_epoch_in_a_loop_is_said_once_with_what_to_pass(tmp_path, same):
    callback = MeanPixelCallback(tmp_path, IMAGES)

    def loop():
        for _ in range(4):
            fit([callback if same else MeanPixelCallback(tmp_path, IMAGES)], 1, constant())

    [sentence] = said(loop)
    assert sentence.startswith("Step 0 of the stream 'validation' comes after step 0 in ")
    assert "model.fit(..., initial_epoch=1, epochs=2)" in sentence


def test_with_initial_epoch_nothing_is_said(tmp_path):
    def loop():
        for epoch in range(3):
            callback = MeanPixelCallback(tmp_path, IMAGES)
            fit([callback], epoch + 1, constant(), initial_epoch=epoch)

    assert [] == said(loop)


def write(folder, *steps, stream="validation"):
    with MeanPixelWriter(folder, stream=stream) as writer:
        for step in steps:
            writer.write(step, output=GREY, reference=BLACK, scalars={"loss": 0.5})


@pytest.mark.parametrize(
    "first, then, step, last",
    [((0, 1, 2), (2,), 2, 2), ((0, 5), (3, 4), 3, 5), ((), (0, 1, 1), 1, 1), ((0,), (0, 0), 0, 0)],
)
def test_a_step_that_does_not_rise_is_said_with_the_next_one(tmp_path, first, then, step, last):
    write(tmp_path, *first)

    [sentence] = said(lambda: write(tmp_path, *then))
    assert sentence.startswith(f"Step {step} of the stream 'validation' comes after step {last} in")
    assert f"write step {last + 1} in a loop of your own" in sentence


def test_the_warning_points_at_the_callers_line(tmp_path):
    with MeanPixelWriter(tmp_path) as writer, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            writer.write(0, output=GREY, reference=BLACK)

    assert [__file__] == [warning.filename for warning in caught]


def test_steps_that_rise_other_streams_and_other_directories_are_fine(tmp_path):
    def others():
        write(tmp_path / "a", 3, 4)
        write(tmp_path / "a", 0, 1, stream="samples")
        write(tmp_path / "a", 0, 1, stream="validation_2")
        write(tmp_path / "b", 0)
        with MeanPixelWriter(tmp_path / "a") as writer:
            writer.write_scalars(0, {"loss": 0.5})

    write(tmp_path / "a", 0, 1, 2)
    assert [] == said(others)


def test_a_directory_that_was_removed_holds_nothing(tmp_path):
    write(tmp_path / "run", 0, 1)
    shutil.rmtree(tmp_path / "run")

    assert [] == said(lambda: write(tmp_path / "run", 0, 1))


def test_a_file_that_breaks_off_is_read_as_far_as_it_goes(tmp_path):
    write(tmp_path, 0, 1)
    [path] = (tmp_path / "mean_pixel").glob("events.out.tfevents.*")
    content = path.read_bytes()
    path.write_bytes(content[:-500] if len(content) > 500 else content)
    (path.parent / f"{path.name[:-6]}999999").write_bytes(b"no events")

    assert 1 == len(said(lambda: write(tmp_path, 0)))
