import pytest

from tb_meanpixel.findings.curves import (
    log_curve,
    loss_curve,
    name_and_split,
    other_curve,
    with_primary,
)
from tb_meanpixel.schema.metadata import LogTag


@pytest.mark.parametrize(
    "run, tag, name, split",
    [
        ("vae/train", "epoch_loss", "loss", "train"),
        ("vae/validation", "epoch_loss", "loss", "validation"),
        ("vae/validation", "epoch_kl_loss", "kl_loss", "validation"),
        ("vae\\validation", "epoch_loss", "loss", "validation"),  # as Windows spells it
        ("vae", "loss/train", "loss", "train"),
        ("vae", "loss/val", "loss", "validation"),
        ("vae", "val_loss", "loss", "validation"),
        ("vae", "Loss/Validation", "Loss", "validation"),
        ("vae", "Loss/test", "Loss", "validation"),
        ("vae", "train/loss", "loss", "train"),
        ("vae", "train_kl_loss", "kl_loss", "train"),
        ("vae", "kl/val/mean", "kl/mean", "validation"),
        ("vae", "test", "test", "validation"),  # a name is never empty
        ("vae/eval", "loss", "loss", "validation"),
        ("evaluate", "value", "value", "train"),  # only whole words count
        ("val/train", "loss", "loss", "train"),  # only the run's own directory
    ],
)
def test_the_split_is_read_from_tag_or_run(run, tag, name, split):
    assert (name, split) == name_and_split(run, tag)


@pytest.mark.parametrize(
    "tags, train, validation",
    [
        (["loss/train", "loss/val"], "loss/train", "loss/val"),
        (["Loss/train", "Loss/val"], "Loss/train", "Loss/val"),
        (["Loss/train", "Loss/test"], "Loss/train", "Loss/test"),
        (["train/loss"], "train/loss", None),
        (["train/loss", "eval/loss"], "train/loss", "eval/loss"),
        (["train_loss", "val_loss"], "train_loss", "val_loss"),
        (["val_loss"], None, "val_loss"),
        (["test_loss", "val_loss"], None, "val_loss"),
        (["loss", "kl_loss", "reconstruction_loss"], "loss", None),
        (["kl_loss", "reconstruction_loss", "total_loss"], "total_loss", None),
        (["kl_loss", "reconstruction_loss"], "reconstruction_loss", None),
        (["d_loss", "g_loss"], "g_loss", None),
        (["d_loss", "g_loss", "val_d_loss"], "g_loss", None),
        (["Loss_D", "Loss_G"], "Loss_G", None),
        (["D_X_loss", "D_Y_loss", "F_loss", "G_loss"], "G_loss", None),
        (["critic/loss", "gen/loss"], "gen/loss", None),
        (["critic_loss", "nll"], "nll", None),
        (["elbo", "kl_loss"], "kl_loss", None),
        (["elbo"], "elbo", None),
        (["d_loss"], "d_loss", None),
        (["batch_loss"], None, None),
        (["accuracy", "val_accuracy"], None, None),
    ],
)
@pytest.mark.parametrize("is_own", [True, False], ids=["own", "other"])
def test_one_curve_of_each_split_is_the_loss(tags, train, validation, is_own):
    if is_own:
        curves = [log_curve("vae/mean_pixel", LogTag(tag), 9) for tag in tags]
    else:
        curves = [curve for tag in tags if (curve := other_curve("vae", "vae", tag, 9))]
    marked = with_primary(curves)
    losses = [loss_curve(marked, "train"), loss_curve(marked, "validation")]

    assert [train, validation] == [loss and loss.tag.removeprefix("logs/") for loss in losses]
    assert all(loss.primary for loss in losses if loss)
    if losses[0]:  # the first curve of all is what the page's table shows
        assert losses[0] == marked[0]


def test_both_losses_of_a_gan_are_shown():
    curves = [other_curve("gan", "gan", tag, 9) for tag in ("d_loss", "g_loss", "lr")]

    assert ["g_loss", "d_loss"] == [curve.tag for curve in with_primary(curves) if curve.primary]


def test_our_own_loss_goes_before_that_of_another_writer():
    others = [other_curve("vae", directory, "loss", 9) for directory in ("vae", "vae/a")]
    own = log_curve("vae/mean_pixel", LogTag("loss"), 9)

    assert own.key == loss_curve(with_primary([*others, own]), "train").key
