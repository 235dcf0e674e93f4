"""Runs for the command line: a good one, and one that collapses; and the program itself."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from tb_meanpixel import MeanPixelWriter

EPOCHS = 20
REFERENCE = np.random.default_rng(0).random((32, 4, 4, 1))
COLLAPSED = np.broadcast_to(REFERENCE.mean(axis=0), REFERENCE.shape)
PROGRAM = shutil.which("tb-meanpixel", path=Path(sys.executable).parent)


def write(log_dir, output, epochs=EPOCHS, **scalars):
    """A run with the outputs `output(epoch)` and a little noise."""
    with MeanPixelWriter(log_dir, value_range=(0, 1)) as writer:
        for epoch in range(epochs):
            images = output(epoch) + np.random.default_rng(epoch).normal(0, 1e-3)
            writer.write(epoch, output=np.clip(images, 0, 1), reference=REFERENCE, scalars=scalars)


def good(epoch):
    return REFERENCE * 0.98 + 0.01


def collapses_at_12(epoch):
    return REFERENCE if epoch < 12 else COLLAPSED


def event_file(log_dir):
    """The only event file that a run has."""
    [path] = (log_dir / "mean_pixel").glob("*tfevents*")
    return path


def program(*arguments, command=(PROGRAM,), **options):
    """Run it as a user does; what it printed is text."""
    words = [*command, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False, **options)
