import pytest

from tb_meanpixel.serving.reading.curves import name_and_split


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
