"""Steps and scalars as training loops hand them in."""

import re

import keras
import numpy as np
import pytest

from tb_meanpixel import MeanPixelWriter, read
from tb_meanpixel.recording.loop_numbers import check_scalars, check_step

BLACK, GREY = np.zeros((2, 2, 2)), np.full((2, 2, 2), 0.5)
INF = float("inf")


def torch_number(value, **options):
    return pytest.importorskip("torch").tensor(value, **options)


def tensorflow_number(value, dtype):
    return pytest.importorskip("tensorflow").constant(value, dtype)


def jax_number(value, dtype):
    return pytest.importorskip("jax.numpy").asarray(value, dtype)


@pytest.mark.parametrize(
    "step",
    [
        lambda: 2,
        lambda: np.uint8(2),
        lambda: np.int64(2),
        lambda: np.array(2),
        lambda: torch_number(2),
        lambda: tensorflow_number(2, "int64"),
        lambda: jax_number(2, "int32"),
        lambda: keras.Variable(2, dtype="int32"),
    ],
)
def test_whole_numbers_of_any_kind_are_steps(step):
    assert (2, int) == (check_step(step()), type(check_step(step())))


@pytest.mark.parametrize("step", [0, -1, 2**63 - 1, -(2**63)])
def test_a_step_is_any_whole_number_that_an_event_holds(step):
    assert step == check_step(step)


NO_STEPS = [
    lambda: 2.5,
    lambda: 2.0,
    lambda: np.float64(2),
    lambda: "2",
    lambda: None,
    lambda: True,
    lambda: np.bool_(True),
    lambda: np.array(True),
    lambda: np.array([2]),
    lambda: [2],
    lambda: torch_number(2.0),
    lambda: torch_number([2]),
    lambda: tensorflow_number(2.0, "float32"),
    lambda: 2**63,
]


@pytest.mark.parametrize("step", NO_STEPS)
def test_what_is_no_whole_number_is_no_step(step):
    with pytest.raises((TypeError, ValueError), match="^step must be a whole number.*; got "):
        check_step(step())


@pytest.mark.parametrize(
    "number",
    [
        lambda: 0.5,
        lambda: np.float16(0.5),
        lambda: np.array(0.5),
        lambda: np.array([[0.5]]),
        lambda: torch_number(0.5, requires_grad=True),
        lambda: torch_number([0.5], requires_grad=True),
        lambda: torch_number(0.5, dtype=pytest.importorskip("torch").bfloat16),
        lambda: tensorflow_number(0.5, "bfloat16"),
        lambda: jax_number(0.5, "bfloat16"),
        lambda: keras.Variable(0.5),
    ],
)
def test_numbers_of_any_kind_are_scalars(number):
    assert {"loss": 0.5} == check_scalars({"loss": number()})


def test_numbers_that_are_not_finite_are_scalars_too():
    np.testing.assert_equal(
        {"a": np.nan, "b": -INF, "c": 1.0, "d": 3.0},
        check_scalars({"a": float("nan"), "b": np.float32(-INF), "c": True, "d": 3}),
    )


@pytest.mark.parametrize(
    "value, got",
    [
        (None, "None"),
        ("0.5", "'0.5'"),
        ([0.5], "[0.5]"),
        (1j, "1j"),
        (10**400, "a int"),
        (np.array("0.5"), "array('0.5', dtype='<U3')"),
        (np.array([0.5, 0.6]), "an array of shape (2,). Type, for instance, its mean"),
        (np.zeros((0,)), "an array of shape (0,)"),
        (BLACK, "an array of shape (2, 2, 2)"),
        ({"mean": 0.5}, "{'mean': 0.5}"),
    ],
)
def test_what_is_no_number_is_refused_by_its_name(value, got):
    sentence = re.escape(f'scalars["loss"] must be a number; got {got}')
    with pytest.raises((TypeError, ValueError), match=f"^{sentence}"):
        check_scalars({"kl": 1.0, "loss": value})


@pytest.mark.parametrize("name", [0, None, b"loss", "", " ", "two\nlines", "\ud800"])
def test_names_are_text_that_can_be_read(name):
    with pytest.raises((TypeError, ValueError), match="^scalars must have .* 'loss'; got "):
        check_scalars({name: 0.5})


@pytest.mark.parametrize("scalars", [0.5, [("loss", 0.5)], "loss"])
def test_scalars_have_names(scalars):
    with pytest.raises(TypeError, match="^scalars must be numbers by their names.*; got "):
        check_scalars(scalars)


BRIGHT = np.full((3, 2, 2), 9.0)  # of another shape and range than the rest
REFUSED = [
    {"step": "1"},
    {"scalars": {"loss": None}},
    {"scalars": {"loss": 0.5, 1: 0.5}},
    {"output": None},
    {"output": np.zeros((3, 2, 2)), "reference": BRIGHT[:2]},
    {"output": BRIGHT[:, 0], "reference": BRIGHT},
    {"reference": np.full((2, 2, 2), np.nan)},
    {"reference": None},
]


@pytest.mark.parametrize("arguments", REFUSED)
def test_after_a_first_write_that_was_refused_the_next_is_as_good_as_a_first(tmp_path, arguments):
    good = {"output": GREY, "reference": BLACK, "scalars": {"loss": 0.5}}
    expected = MeanPixelWriter(tmp_path / "plain").write(0, **good)
    with MeanPixelWriter(tmp_path / "refused") as writer:
        given = {**good, **arguments}
        with pytest.raises((TypeError, ValueError)):
            writer.write(given.pop("step", 0), **given)
        with pytest.raises((TypeError, ValueError)):
            writer.write_scalars(given.get("step", 0), {"kl": "high"})
        again = writer.write(0, **good)

    refused, plain = (read(tmp_path)[name] for name in ("refused", "plain"))
    np.testing.assert_equal(again, expected)
    assert [(c.name, list(c.steps)) for c in refused.curves()] == [("loss", [0])]
    for one, other in zip(refused.histograms(), plain.histograms(), strict=True):
        assert list(one.steps) == list(other.steps) == [0]
        assert one.histogram.cells.tolist() == other.histogram.cells.tolist()
        assert (one.histogram.low, one.histogram.high) == (0, 1)


def test_a_reference_that_was_refused_is_not_that_of_the_next_step(tmp_path):
    with MeanPixelWriter(tmp_path) as writer:
        writer.write(0, output=GREY, reference=BLACK)
        with pytest.raises(ValueError, match="^output must have the reference's shape"):
            writer.write(1, output=GREY, reference=BRIGHT)

        assert 0.5 == writer.write(1, output=GREY)["bias"]


@pytest.mark.parametrize("step, scalars", [(None, {"loss": 1.0}), (0, None), (0, {"loss": "1"})])
def test_numbers_without_images_are_checked_as_well(tmp_path, step, scalars):
    with MeanPixelWriter(tmp_path) as writer:
        with pytest.raises((TypeError, ValueError), match="^(step|scalars)"):
            writer.write_scalars(step, scalars)
        writer.write_scalars(np.int64(3), {"loss": np.float32(0.5)})
        writer.write(4, output=GREY, reference=BLACK)

    [run] = read(tmp_path)
    [curve] = run.curves()
    assert ([3], [0.5]) == (list(curve.steps), list(curve.values))
