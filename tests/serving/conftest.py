import numpy as np
import pytest
from support.boards import write_scalars, write_simple_values

from tb_meanpixel import MeanPixelWriter

BLACK, GREY = np.zeros((2, 2, 2)), np.full((2, 2, 2), 0.25)
COLOR = np.random.default_rng(0).random((4, 3, 3, 3)) * 1.5
STEPS = 120


@pytest.fixture(scope="session")
def color():
    """Outputs of the run "color"; the references are half as bright."""
    return COLOR


@pytest.fixture(scope="session")
def logdir(tmp_path_factory):
    """Four runs: in colour, of a GAN, with torch's scalars, and of 120 steps."""
    logs = tmp_path_factory.mktemp("logs")
    with MeanPixelWriter(logs / "color", value_range=(0, 1)) as writer:
        writer.write(0, output=COLOR, reference=COLOR / 2, scalars={"loss": 0.5, "lr": 0.1})
    with MeanPixelWriter(logs / "gan", stream="samples", paired=False) as writer:
        writer.write(0, output=GREY, reference=BLACK)
    write_scalars(logs / "gan" / "train", {"epoch_loss": [1.0, 0.5], "epoch_mae": [3.0]})
    write_scalars(logs / "gan" / "validation", {"epoch_loss": [2.0, 1.5]})
    with MeanPixelWriter(logs / "torch") as writer:
        writer.write(0, output=GREY, reference=BLACK)
    write_simple_values(logs / "torch", {"loss/train": [1.0, float("nan")]})
    with MeanPixelWriter(logs / "long") as writer:
        for step in range(STEPS):
            writer.write(step, output=GREY, reference=BLACK)
    return logs


@pytest.fixture(scope="module")
def board(logdir, loader, serve):
    return serve(logdir, loader)
