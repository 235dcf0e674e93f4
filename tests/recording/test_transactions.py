"""What is refused leaves no trace, and what changes in the midst of a run is said."""

import textwrap
import warnings

import numpy as np
import pytest
from support.processes import output_of, python
from support.records import outputs, scalars

from tb_meanpixel import MeanPixelWriter

BLACK, GREY = np.zeros((2, 2, 2, 1)), np.full((2, 2, 2, 1), 0.5)
MASKED = np.ma.masked_array(GREY, GREY * [[[[1]], [[0]]]] > 0)


@pytest.mark.parametrize(
    "argument, images, words",
    [
        ("output", MASKED, "output must have no masked values; got 4 of 8. Type output.astype"),
        ("output", list(MASKED), "output must have no masked values; got 2 of 4. Type output.as"),
        ("reference", MASKED, "reference must have no masked values; got 4 of 8. Type reference"),
        ("output", GREY.astype(object), "output must hold numbers; got dtype object. Type, for"),
    ],
)
def test_images_that_numpy_would_take_for_others_are_refused(tmp_path, argument, images, words):
    with MeanPixelWriter(tmp_path) as writer, pytest.raises((TypeError, ValueError)) as error:
        writer.write(0, **{"output": GREY, "reference": BLACK, argument: images})

    assert str(error.value).startswith(words)


def test_a_mask_of_nothing_is_no_mask_and_nan_stands_for_masked_values(tmp_path):
    with MeanPixelWriter(tmp_path, value_range=(0, 1)) as writer:
        open_mask = np.ma.masked_array(GREY, np.zeros(GREY.shape, bool))
        assert 0.5 == writer.write(0, output=open_mask, reference=BLACK)["bias"]
        filled = MASKED.astype(float).filled(float("nan"))
        assert 0.5 == writer.write(1, output=filled, reference=BLACK)["bias"]


@pytest.mark.parametrize("number", [np.ma.masked, np.ma.masked_array([1.0], [True])])
def test_a_masked_number_is_none(tmp_path, number):
    with (
        MeanPixelWriter(tmp_path) as writer,
        pytest.raises(TypeError, match=r'^scalars\["loss"\] must be a number; got'),
    ):
        writer.write(0, output=GREY, reference=BLACK, scalars={"loss": number})


def test_a_number_beyond_float32_is_infinite_without_a_warning(tmp_path, serve, loader):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with MeanPixelWriter(tmp_path / "run") as writer:
            writer.write(0, output=GREY, reference=BLACK, scalars={"loss": 1e300, "kl": -1e39})
    found = scalars(serve(tmp_path, loader), "run")

    assert ({0: np.inf}, {0: -np.inf}) == (found["logs/loss"], found["logs/kl"])


def test_steps_that_are_written_again_are_not_lost_ones(tmp_path, serve, loader):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        with MeanPixelWriter(tmp_path / "run") as writer:
            for step in (0, 1, 2, 1, 2, 3):
                writer.write(step, output=GREY * step / 3, reference=BLACK)
        with MeanPixelWriter(tmp_path / "run") as writer:
            for step in (4, 4, 5):
                writer.write(step, output=GREY * step / 3, reference=BLACK)
    board = serve(tmp_path, loader)
    [run] = board.json("runs")["runs"]

    assert {"first": 0, "last": 5, "loaded": 6, "recorded": 6} == run["streams"][0]["steps"]
    assert [0, 1, 2, 3, 4, 5] == [step for step, _ in outputs(board, "run")]


def test_outputs_that_change_their_size_are_recorded_and_told_once(tmp_path, serve, loader):
    with MeanPixelWriter(tmp_path / "run", paired=False, value_range=(0, 1)) as writer:
        writer.write(0, output=GREY, reference=BLACK)
        with pytest.warns(RuntimeWarning) as warned:
            writer.write(1, output=np.full((2, 4, 4, 1), 0.75))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            writer.write(2, output=np.full((2, 8, 8, 1), 0.75))
    board = serve(tmp_path, loader)
    answer = board.binary("mean_images", run="run", stream="validation", step=[0, 1, 2])

    [warning] = warned
    assert warning.filename == __file__
    assert str(warning.message).startswith(
        "The outputs of the stream 'validation' have 4 x 4 pixels from step 1 on, and had 2 x 2: "
    )
    assert [(0, 0.5), (1, 0.75), (2, 0.75)] == outputs(board, "run")
    assert [0] == answer["steps"]
    [note] = answer["notes"]
    assert note == (
        "2 steps of validation/output/mean_image were left out: they are no images of 2 x 2 pixels "
        "and 1 channels, as the first one is"
    )


LITTLE_MEMORY = """
    import resource, sys
    import numpy as np
    from tb_meanpixel import MeanPixelWriter

    large = np.full((4, 3000, 3000, 1), 200, np.uint8)
    small = np.linspace(0, 1, 16).reshape(4, 2, 2, 1)
    unlimited = resource.getrlimit(resource.RLIMIT_AS)
    with MeanPixelWriter(sys.argv[1]) as writer:
        size = 1024 * int(next(l for l in open("/proc/self/status") if "VmSize" in l).split()[1])
        resource.setrlimit(resource.RLIMIT_AS, (size + (20 << 20), unlimited[1]))
        try:
            writer.write(0, output=large, reference=large)
        except MemoryError:
            print("no memory")
        resource.setrlimit(resource.RLIMIT_AS, unlimited)
        writer.write(0, output=small / 2, reference=small)
"""


def test_after_a_write_that_failed_the_next_one_is_as_good_as_a_first(tmp_path, serve, loader):
    pytest.importorskip("resource")
    assert "no memory\n" == output_of(python(textwrap.dedent(LITTLE_MEMORY), tmp_path / "run"))
    board = serve(tmp_path, loader)
    [run] = board.json("runs")["runs"]
    reference = board.side("reference", run="run", stream="validation")

    assert {"low": 0.0, "high": 1.0, "source": "data"} == run["streams"][0]["value_range"]
    assert [0] == reference["steps"]
    assert 4 == reference["cells"].sum()
    assert [(0, 0.25)] == outputs(board, "run")
