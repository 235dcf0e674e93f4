import pytest

from tb_meanpixel.trainings import name_and_split, owning_training, training_name


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


@pytest.mark.parametrize(
    "run, tag, name, split",
    [
        ("vae/train", "epoch_loss", "loss", "train"),
        ("vae/validation", "epoch_loss", "loss", "validation"),
        ("vae/validation", "epoch_kl_loss", "kl_loss", "validation"),
        ("vae\\validation", "epoch_loss", "loss", "validation"),  # as Windows spells it
        ("vae", "loss/train", "loss/train", "train"),
        ("vae", "loss/val", "loss/val", "validation"),
        ("vae", "val_loss", "val_loss", "validation"),
        ("vae", "Loss/Validation", "Loss/Validation", "validation"),
        ("vae/eval", "loss", "loss", "validation"),
        ("evaluate", "value", "value", "train"),  # only whole words count
        ("val/train", "loss", "loss", "train"),  # only the run's own directory
    ],
)
def test_the_split_is_read_from_tag_or_run(run, tag, name, split):
    assert (name, split) == name_and_split(run, tag)
