"""Lightning's Trainer with our callback: fits on the CPU, of two packages and of two ranks."""

import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

pytest.importorskip("lightning")

import lightning.pytorch as pl
import torch

import tb_meanpixel
from tb_meanpixel.integrations.lightning import MeanPixelCallback

pytestmark = pytest.mark.slow

IMAGES = torch.rand(128, 1, 4, 4, generator=torch.Generator().manual_seed(0))
CERTAIN = 8  # records until outputs that are all alike are a collapse for certain
ROOT = Path(__file__).parents[2]


class Constant(pl.LightningModule):
    """Images of one value, which training moves."""

    def __init__(self, returned="images"):
        super().__init__()
        self.value = torch.nn.Parameter(torch.zeros(()))
        self.returned = returned

    def forward(self, images):
        return torch.zeros_like(images) + self.value

    def training_step(self, batch):
        loss = ((self(batch) - batch) ** 2).mean()
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch):
        output = self(batch)
        loss = ((output - batch) ** 2).mean()
        self.log("val_loss", loss)
        both = {"loss": loss, "output": output, "reference": batch}
        return {"images": both, "loss": loss, "dict": {"loss": loss}}[self.returned]

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


def fit(directory, callbacks, epochs=3, returned="images", **arguments):
    """Fit with two batches an epoch, and return the Trainer."""
    loader = torch.utils.data.DataLoader(IMAGES, batch_size=64)
    trainer = pl.Trainer(
        max_epochs=epochs,
        callbacks=callbacks,
        logger=pl.loggers.CSVLogger(directory),
        accelerator="cpu",
        enable_progress_bar=False,
        enable_model_summary=False,
        log_every_n_steps=1,
        **{"enable_checkpointing": False, **arguments},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of Lightning, about workers and speed
        trainer.fit(Constant(returned), loader, loader)
    return trainer


def records(directory, name="output_mean"):
    """The scores by step, the unit, of the one run below a directory."""
    [run] = tb_meanpixel.read(directory)
    [one] = [one for one in run.scores() if one.name == name and not one.channel]
    [history] = run.histories
    return dict(zip(one.steps.tolist(), one.values.tolist(), strict=True)), history.unit


def test_each_validation_is_a_step_and_the_sanity_check_none(tmp_path):
    trainer = fit(tmp_path, [MeanPixelCallback()])

    means, unit = records(tmp_path)
    assert ("step", [2, 4, 6]) == (unit, list(means))
    assert pytest.approx(trainer.model.value.item()) == means[6]
    assert pytest.approx(means[6]) == float(trainer.callback_metrics["mean_pixel"])
    drifts, _ = records(tmp_path, "drift")
    assert pytest.approx(drifts[6]) == float(trainer.callback_metrics["mean_pixel_drift"])
    assert (Path(trainer.log_dir) / "mean_pixel").is_dir()


def test_a_function_may_give_the_images(tmp_path):
    callback = MeanPixelCallback(lambda module, batch: (module(batch), batch), stream="ema")
    trainer = fit(tmp_path, [callback], returned="loss")

    assert [2, 4, 6] == list(records(tmp_path)[0])
    assert "ema_mean_pixel_drift" in trainer.callback_metrics


def test_early_stopping_and_checkpoints_monitor_the_scores(tmp_path):
    stop = pl.callbacks.EarlyStopping("mean_pixel_drift", min_delta=1.0, patience=1)
    best = pl.callbacks.ModelCheckpoint(monitor="mean_pixel_drift", dirpath=tmp_path / "best")
    # The callbacks' order does not matter: scores are logged before any of them looks.
    fit(tmp_path, [stop, best, MeanPixelCallback()], epochs=9, enable_checkpointing=True)

    drifts, _ = records(tmp_path, "drift")
    assert [2, 4] == list(drifts)
    assert pytest.approx(min(drifts.values())) == float(best.best_model_score)


def test_stop_on_ends_the_training(tmp_path):
    got = []
    fit(tmp_path, [MeanPixelCallback(stop_on=["collapse"], on_finding=got.append)], epochs=20)

    assert 2 * CERTAIN == max(records(tmp_path)[0])
    assert "collapse" in [finding.id for finding in got]


def test_a_failure_warns_once_and_training_goes_on(tmp_path):
    calls = []

    def fail(module, batch):
        calls.append(batch)
        if len(calls) > 2:
            raise ZeroDivisionError("no images")
        return module(batch), batch

    stop = pl.callbacks.EarlyStopping("mean_pixel_drift", patience=9)
    with pytest.warns(RuntimeWarning, match="could not record batch 0: ZeroDivision") as said:
        trainer = fit(tmp_path, [MeanPixelCallback(fail), stop], epochs=3)

    assert 6 == trainer.global_step
    assert 1 == sum("could not record" in str(one.message) for one in said)
    assert [2] == list(records(tmp_path)[0])


@pytest.mark.parametrize("returned, got", [("loss", "no dict"), ("dict", r"keys \['loss'\]")])
def test_a_validation_step_without_images_is_an_error_before_training(tmp_path, returned, got):
    with pytest.raises(TypeError, match=rf"validation_step must return its images.*got {got}"):
        fit(tmp_path, [MeanPixelCallback()], returned=returned)


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"output_fn": 3}, "output_fn must be a function"),
        ({"stop_on": ["dark"]}, "stop_on has no finding 'dark'"),
        ({"stop_on": "collapse"}, "stop_on must be several ids"),
        ({"bins": 100}, "bins must be a power of two"),
        ({"stream": "a/b"}, "stream must be letters"),
        ({"value_range": (1, 0)}, "value_range must be two finite numbers"),
    ],
)
def test_impossible_arguments_are_refused_with_a_sentence(arguments, sentence):
    with pytest.raises((TypeError, ValueError), match="^" + re.escape(sentence)):
        MeanPixelCallback(**arguments)


def python(code, directory):
    """Run code in a Python of its own."""
    (directory / "code.py").write_text(code, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "code.py"],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_without_lightning_the_error_says_what_to_type(tmp_path):
    code = """
import sys
sys.modules.update({"lightning": None, "lightning.pytorch": None, "pytorch_lightning": None})
import tb_meanpixel.integrations.lightning
"""
    done = python(code, tmp_path)

    assert "Type: pip install lightning" in done.stderr.splitlines()[-1]


def guide():
    """The example of the guide, as a reader types it."""
    text = (ROOT / "docs" / "guide" / "lightning.md").read_text(encoding="utf-8")
    return re.search(r"^```py\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[1]


@pytest.mark.parametrize("package", ["lightning.pytorch", "pytorch_lightning"])
def test_the_guides_example_records(package, tmp_path):
    pytest.importorskip(package.partition(".")[0])
    code = guide().replace("import lightning as L", f"import {package} as L")
    done = python(code, tmp_path)

    assert 0 == done.returncode, done.stderr
    assert 10 == len(records(tmp_path)[0])


TWO_RANKS = """
import sys
sys.path.insert(0, {folder!r})
from test_lightning import MeanPixelCallback, fit, pl

if __name__ == "__main__":
    stop = pl.callbacks.EarlyStopping("mean_pixel_drift", min_delta=1.0, patience=1)
    trainer = fit("logs", [MeanPixelCallback(), stop], 5, strategy="ddp", devices=2)
    drift = float(trainer.callback_metrics["mean_pixel_drift"])
    sys.stdout.write(f"rank {{trainer.global_rank}} {{drift}}\\n")  # whole, beside the other's
"""


def test_on_two_ranks_rank_0_records_and_all_know_the_scores(tmp_path):
    done = python(TWO_RANKS.format(folder=str(Path(__file__).parent)), tmp_path)

    assert 0 == done.returncode, done.stderr
    assert 1 == done.stderr.count("records the images of rank 0 alone")
    drifts, _ = records(tmp_path / "logs", "drift")
    assert [1, 2] == list(drifts)  # each rank has half of the two batches, and both were stopped
    known = dict(re.findall(r"rank (\d) ([\d.]+)", done.stdout))
    assert {"0", "1"} == known.keys()
    assert pytest.approx(drifts[2], rel=1e-5) == float(known["0"]) == float(known["1"])
