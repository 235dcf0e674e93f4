"""The examples in demo/loops, run as they say, and their records as TensorBoard reads them."""

import functools
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from tensorboard.context import RequestContext
from tensorboard.data.provider import DataProvider

from tb_meanpixel.schema.metadata import HistogramTag, ScoresTag
from tb_meanpixel.schema.serialization import parse

LOOPS = Path(__file__).parents[2] / "demo" / "loops"
EPOCHS = 8


class Loop(NamedTuple):
    framework: str
    stream: str = "validation"
    paired: bool = True
    losses: tuple[str, ...] = ("loss",)


EXAMPLES = {
    "pytorch": Loop("torch"),
    "jax_loop": Loop("jax"),
    "gradient_tape": Loop("tensorflow"),
    "gan": Loop("tensorflow", "samples", paired=False, losses=("g_loss", "d_loss")),
}
# Says at its end whether TensorFlow was imported.
RUN = """
import runpy, sys, warnings
warnings.filterwarnings("error", module="tb_meanpixel")
_, *sys.argv = sys.argv
runpy.run_path(sys.argv[0], run_name="__main__")
print("tensorflow imported:", "tensorflow" in sys.modules)
"""

# Trained by `make test`; the others are slow.
USUAL = "pytorch"
CASES = [
    example if example == USUAL else pytest.param(example, marks=pytest.mark.slow)
    for example in EXAMPLES
]
every_example = pytest.mark.parametrize("example", CASES)


class Trained(NamedTuple):
    output: str
    provider: DataProvider

    def tags(self):
        """What the metadata of every tag says."""
        [(_, tags)] = self._of_run(self.provider.list_tensors).items()
        return [parse(series.plugin_content) for series in tags.values()]

    def scalars(self, tag):
        """Steps and values."""
        [(_, tags)] = self._of_run(self.provider.read_scalars, downsample=1000).items()
        steps, values = zip(*((datum.step, datum.value) for datum in tags[tag]), strict=True)
        return list(steps), np.array(values)

    def scalar_tags(self):
        [(_, tags)] = self._of_run(self.provider.list_scalars).items()
        return set(tags)

    def _of_run(self, ask, **settings):
        return ask(RequestContext(), experiment_id="", plugin_name="mean_pixel", **settings)


@pytest.fixture(scope="module")
def train(tmp_path_factory, serve):
    """Runs an example, but never twice; the reason of a failure is kept too."""

    @functools.cache
    def run(example):
        logdir = tmp_path_factory.mktemp(example)
        arguments = ["--log-dir", logdir / example, "--epochs", str(EPOCHS)]
        done = subprocess.run(
            [sys.executable, "-c", RUN, LOOPS / f"{example}.py", *arguments],
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return done.stderr
        return Trained(done.stdout, serve(logdir, "python").provider)

    return run


@pytest.fixture
def trained(example, train):
    framework = EXAMPLES[example].framework
    if not importlib.util.find_spec(framework):
        pytest.skip(f"{framework} is not installed")
    outcome = train(example)
    assert isinstance(outcome, Trained), outcome
    return outcome


@every_example
def test_every_epoch_is_recorded_with_its_losses(trained, example):
    for loss in EXAMPLES[example].losses:
        steps, values = trained.scalars(f"logs/{loss}")

        assert list(range(EPOCHS)) == steps
        assert np.isfinite(values).all()


@every_example
def test_the_drift_falls(trained, example):
    steps, drift = trained.scalars(f"{EXAMPLES[example].stream}/drift")

    assert list(range(EPOCHS)) == steps
    assert np.isfinite(drift).all()
    assert drift[-1] < 0.6 * drift[0]


@every_example
def test_the_stream_is_what_the_example_says(trained, example):
    streams = {tag.stream for tag in trained.tags() if isinstance(tag, HistogramTag)}

    [stream] = streams
    assert (EXAMPLES[example].stream, EXAMPLES[example].paired) == (stream.name, stream.paired)
    assert (8, 8, ("all",), 256) == (
        stream.height,
        stream.width,
        stream.channels,
        stream.reference_count,
    )
    assert (0, 1) == stream.value_range[:2]


@every_example
def test_pair_scores_are_there_for_pairs_alone(trained, example):
    stream = EXAMPLES[example].stream
    tables = [tag for tag in trained.tags() if isinstance(tag, ScoresTag)]
    [table] = [table for table in tables if table.stream.name == stream]

    assert EXAMPLES[example].paired == ("correlation" in table.names)


@pytest.mark.parametrize("example", ["pytorch", pytest.param("jax_loop", marks=pytest.mark.slow)])
def test_other_frameworks_import_no_tensorflow(trained, example):
    assert trained.output.endswith("tensorflow imported: False\n")
