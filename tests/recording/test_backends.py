"""MeanPixelCallback in `fit`, under every backend of Keras.

A backend is chosen when Keras is imported, so each has a process of its own: backend_models.py
trains the models, and here it is read what came of them.
"""

import functools
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from tensorboard.context import RequestContext
from tensorboard.data.provider import DataProvider, RunTagFilter

from tb_meanpixel.statistics.histogram import EXTRA_CELLS

EPOCHS, IMAGES, BINS = 3, 80, 64

EVERYWHERE = [
    "functional",
    "subclassed",
    "normalized",
    "bytes",
    "mixed_float16",
    "mixed_bfloat16",
    "metric",
]
MODELS = {
    "tensorflow": [*EVERYWHERE, "train_step", "jit_compile"],
    "jax": EVERYWHERE,
    "torch": EVERYWHERE,
}
UNSEEDED = ["tensorflow", "torch"]  # JAX refuses noise without a seed
# Trained by `make test`; all others are slow.
USUAL = ["functional", "mixed_bfloat16", "metric"]


def case(backend, model):
    return pytest.param(
        (backend, model),
        model,
        marks=() if model in USUAL else pytest.mark.slow,
        id=f"{backend}-{model}",
    )


def every_backend(*models):
    """A test for models of each backend."""
    cases = [case(backend, model) for backend in MODELS for model in models]
    return pytest.mark.parametrize("trained, model", cases, indirect=["trained"])


every_model = pytest.mark.parametrize(
    "trained, model",
    [case(backend, model) for backend, models in MODELS.items() for model in models],
    indirect=["trained"],
)


class Trained(NamedTuple):
    """What the script gave under a backend, and TensorBoard's data provider for the records."""

    results: dict[str, Any]
    provider: DataProvider


@pytest.fixture(scope="module")
def train(tmp_path_factory, serve):
    """Runs the script under a backend, for the usual models and for the others, but never twice;
    the reason of a failure is kept too."""

    @functools.cache
    def run(backend, usual):
        logdir = tmp_path_factory.mktemp(backend)
        models = [*MODELS[backend], *["unseeded"] * (backend in UNSEEDED)]
        models = [model for model in models if (model in USUAL) == usual]
        settings = {
            "KERAS_BACKEND": backend,
            "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",  # compiles in half the time
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        done = subprocess.run(
            [
                sys.executable,
                Path(__file__).parents[1] / "support" / "backend_models.py",
                logdir,
                *models,
            ],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return done.stderr
        results = json.loads((logdir / "results.json").read_text())
        return Trained(results, serve(logdir, "python").provider)

    return run


@pytest.fixture
def trained(request, train):
    backend, model = request.param
    if not importlib.util.find_spec(backend):
        pytest.skip(f"{backend} is not installed")
    outcome = train(backend, model in USUAL)
    assert isinstance(outcome, Trained), outcome
    return outcome


def read(read_series, model, tag):
    runs = read_series(
        RequestContext(),
        experiment_id="",
        plugin_name="mean_pixel",
        downsample=1000,
        run_tag_filter=RunTagFilter([f"{model}/mean_pixel"], [tag]),
    )
    return runs[f"{model}/mean_pixel"][tag]


@every_model
def test_the_history_holds_every_epochs_scores(trained, model):
    history = trained.results[model]["history"]

    for name in ("val_mean_pixel", "val_mean_pixel_bias", "val_mean_pixel_drift"):
        assert EPOCHS == len(history[name])
        assert np.isfinite(history[name]).all()


@every_model
def test_every_epochs_images_are_recorded(trained, model):
    tensors = read(trained.provider.read_tensors, model, "validation/output/mean_pixels")

    assert list(range(EPOCHS)) == [tensor.step for tensor in tensors]
    assert [IMAGES] * EPOCHS == [tensor.numpy[:, : BINS + EXTRA_CELLS].sum() for tensor in tensors]
    for tag in ("validation/output_mean", "validation/drift"):
        data = read(trained.provider.read_scalars, model, tag)

        assert list(range(EPOCHS)) == [datum.step for datum in data]
        assert np.isfinite([datum.value for datum in data]).all()


@every_model
def test_every_epochs_loss_is_recorded(trained, model):
    losses = [datum.value for datum in read(trained.provider.read_scalars, model, "logs/loss")]

    assert pytest.approx(trained.results[model]["history"]["loss"], rel=1e-6) == losses


@every_model
def test_the_last_record_is_of_the_images_that_predict_gives(trained, model):
    result = trained.results[model]
    recorded = read(trained.provider.read_scalars, model, "validation/output_mean")[-1].value

    # `predict` is compiled, and rounds half precision at other places.
    tolerance = 1e-5 if result["predicted_dtype"] == "float32" else 1e-3
    assert pytest.approx(result["predicted_mean"], rel=tolerance) == recorded


@every_model
def test_training_is_the_same_without_the_callback(trained, model):
    assert_same_training(trained.results[model])


@pytest.mark.parametrize(
    "trained, model", [case(backend, "unseeded") for backend in UNSEEDED], indirect=["trained"]
)
def test_training_is_the_same_where_noise_has_no_seed_of_its_own(trained, model):
    assert_same_training(trained.results[model])


def assert_same_training(result):
    for loss in result["history_alone"].keys() & {"loss", "val_loss"}:
        assert result["history_alone"][loss] == result["history"][loss]
    assert result["same_variables"]


@every_backend("mixed_float16", "mixed_bfloat16")
def test_half_precision_is_what_the_model_gives(trained, model):
    assert model == f"mixed_{trained.results[model]['predicted_dtype']}"


@every_backend("bytes")
def test_bytes_are_scored_in_their_own_units(trained, model):
    history = trained.results[model]["history"]

    assert 1 < history["val_mean_pixel_drift"][-1] < 255
