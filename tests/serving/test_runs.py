import pytest

from tb_meanpixel.serving.reading.runs import owning_training, training_name, training_names


@pytest.mark.parametrize(
    "run, training",
    [
        ("vae/mean_pixel", "vae"),
        ("mean_pixel", "."),
        ("a/b/mean_pixel", "a/b"),
        ("a\\b\\mean_pixel", "a/b"),  # as Windows spells it
        ("moved", "moved"),
        ("mean_pixel/moved", "mean_pixel/moved"),
    ],
)
def test_a_training_is_named_after_the_directory_above_ours(run, training):
    assert training == training_name(run)


@pytest.mark.parametrize(
    "run, trainings, owner",
    [
        ("a/train", ["a", "b"], "a"),
        ("a/b/train", ["a", "a/b"], "a/b"),
        ("a", ["a"], "a"),
        ("ab/train", ["a"], None),
        ("train", ["."], "."),
        ("a/train", [".", "a"], "a"),
        ("b/train", [".", "a"], "."),
        (".", ["."], "."),
        ("a\\train", ["a"], "a"),
        ("a/train", [], None),
    ],
)
def test_a_run_belongs_to_the_innermost_training(run, trainings, owner):
    assert owner == owning_training(run, trainings)


def test_no_two_trainings_have_the_same_name():
    moved_and_not = ["vae", "vae/mean_pixel", "mean_pixel"]

    assert {"vae/mean_pixel": "vae", "mean_pixel": ".", "vae": "vae/."} == training_names(
        moved_and_not
    )
