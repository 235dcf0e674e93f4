import importlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

DEMO = Path(__file__).parents[2] / "demo"
sys.path.insert(0, str(DEMO))  # as `python demo/train.py` does
NAMES = ("data", "losses", "scenarios", "three_ways", "train", "vae")
data, losses, scenarios, three_ways, train, vae = map(importlib.import_module, NAMES)

PARTS = ("loss", "reconstruction_loss", "kl_loss")


def healthy(epochs, **settings):
    return replace(scenarios.SCENARIOS["healthy"], epochs=epochs, settings=settings)


def part_of(name, images=256):
    """A data set small enough for a test, of images from everywhere in the whole."""
    return data.Dataset(*(part[:: len(part) // images] for part in data.load(name)))


@pytest.mark.parametrize(
    "name, train_shape, validation_shape",
    [
        ("digits", (1437, 8, 8, 1), (360, 8, 8, 1)),
        ("photos", (4056, 32, 32, 3), (1014, 32, 32, 3)),
        ("small_photos", (1944, 16, 16, 3), (486, 16, 16, 3)),
    ],
)
def test_images_fill_zero_to_one(name, train_shape, validation_shape):
    dataset = data.load(name)

    assert train_shape == dataset.train.shape
    assert validation_shape == dataset.validation.shape
    for images in dataset:
        assert np.float32 == images.dtype
        assert (0, 1) == (images.min(), images.max())


def test_no_digit_is_in_both_parts():
    train_digits, validation_digits = ({d.tobytes() for d in part} for part in data.load("digits"))

    assert not train_digits & validation_digits


def test_no_pixel_of_a_photograph_is_in_both_parts(monkeypatch):
    numbered = np.arange(427 * 640 * 3).reshape(427, 640, 3)
    photographs = SimpleNamespace(images=[numbered])
    monkeypatch.setattr(data.datasets, "load_sample_images", lambda: photographs)

    dataset = data.photos()

    assert 0 == np.intersect1d(dataset.train, dataset.validation).size


def test_data_are_the_same_every_time():
    first, second = data.load("digits"), data.load("digits")

    assert np.array_equal(first.train, second.train)
    assert np.array_equal(first.validation, second.validation)


def test_unknown_data_are_refused():
    with pytest.raises(ValueError, match="one of digits, photos, small_photos, .*; got 'cats'"):
        data.load("cats")


def test_a_failed_download_names_the_data_that_need_no_network(monkeypatch):
    def fail():
        raise Exception("URL fetch failure")  # noqa: TRY002  what Keras raises

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)

    with pytest.raises(SystemExit, match="URL fetch failure\n.* use digits or photos"):
        data.load("mnist")


@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (32, 32, 3)], ids=str)
def test_a_reconstruction_is_an_image_and_the_same_every_time(shape):
    images = np.random.default_rng(0).random((3, *shape), dtype="float32")
    model = vae.VAE(shape)

    reconstructions = keras.ops.convert_to_numpy(model(images))

    assert images.shape == reconstructions.shape
    assert 0 <= reconstructions.min()
    assert 1 >= reconstructions.max()
    assert np.array_equal(reconstructions, keras.ops.convert_to_numpy(model(images)))


def test_training_draws_another_code_each_time():
    images = np.zeros((1, 8, 8, 1), dtype="float32")
    model = vae.VAE((8, 8, 1), seed=0)

    first, second = (keras.ops.convert_to_numpy(model(images, training=True)) for _ in range(2))

    assert not np.array_equal(first, second)


def test_odd_image_sizes_are_refused():
    with pytest.raises(ValueError, match=r"multiples of 4; got \(30, 28, 1\)"):
        vae.VAE((30, 28, 1))


def test_a_saved_model_gives_the_same_images(tmp_path):
    images = part_of("digits", 4).validation
    model = vae.VAE((8, 8, 1), latent_dim=3, beta=2.0, seed=1)
    expected = keras.ops.convert_to_numpy(model(images))

    model.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")

    assert (3, 2.0, 1) == (loaded.latent_dim, loaded.beta, loaded.seed)
    assert np.array_equal(expected, keras.ops.convert_to_numpy(loaded(images)))


@pytest.mark.parametrize("name", ["digits", pytest.param("photos", marks=pytest.mark.slow)])
def test_training_logs_finite_losses_that_fall(name, tmp_path):
    _, history = train.train(
        healthy(2, beta=0.5), tmp_path, dataset=part_of(name), batch_size=16, verbose=0
    )

    for prefix in ("", "val_"):
        total, reconstruction, kl = (np.array(history[prefix + part]) for part in PARTS)
        assert np.isfinite(total).all()
        assert total[1] < total[0]
        assert np.allclose(reconstruction + 0.5 * kl, total, rtol=1e-4)


def test_the_losses_are_means_over_images_where_the_last_batch_is_small(tmp_path):
    dataset = part_of("digits", 100)
    model, _ = train.train(healthy(1), tmp_path, dataset=dataset, verbose=0)

    whole = model.evaluate(dataset.validation, batch_size=100, return_dict=True, verbose=0)
    batches = model.evaluate(dataset.validation, batch_size=64, return_dict=True, verbose=0)

    assert pytest.approx(whole, rel=1e-4) == batches


@pytest.mark.slow
def test_a_seed_decides_the_losses(tmp_path):
    dataset = part_of("digits", 128)

    once, again, other = (
        train.train(healthy(1), tmp_path / str(i), dataset=dataset, seed=seed, verbose=0)[1]["loss"]
        for i, seed in enumerate([3, 3, 4])
    )

    assert once == again
    assert once != other


@pytest.mark.parametrize("shape", [(3, 8, 8, 1), (2, 4, 6, 3)], ids=str)
def test_a_squared_error_is_that_of_the_mean_pixel_and_that_of_the_rest(shape):
    random = np.random.default_rng(0)
    targets, outputs = random.random(shape), random.random(shape)
    centred = outputs - (outputs - targets).mean(axis=(1, 2), keepdims=True)

    of_mean, of_rest, of_all = (
        keras.ops.convert_to_numpy(loss)
        for loss in (
            losses.mean_pixel_error(targets, outputs),
            losses.squared_error(targets, centred),
            losses.squared_error(targets, outputs),
        )
    )

    assert np.allclose(of_mean + of_rest, of_all)


def test_the_centred_error_is_blind_to_brightness_and_the_squared_error_is_not():
    targets = np.random.default_rng(0).random((5, 8, 8, 3))
    brighter = targets + np.array([0.3, 0.0, -0.1])

    blind, seeing = (
        keras.ops.convert_to_numpy(loss(targets, brighter))
        for loss in (losses.centred_error, losses.squared_error)
    )

    assert np.allclose(blind, 0)
    assert (seeing > 100).all()


def test_trainings_with_other_settings_get_other_directories(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    typed = {
        "": "healthy",
        "--beta 2": "healthy-beta2",
        "--data photos --latent-dim 8 --seed 1": "healthy-photos-latent_dim8-seed1",
        "--scenario brightness --mean-pixel-weight 1": "brightness-mean_pixel_weight1",
    }

    for line, name in typed.items():
        args = train.arguments(line.split())
        assert Path("logs") / name == train.new_log_dir(args.scenario[0], args)


def test_the_same_training_again_gets_a_directory_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("logs/nan").mkdir(parents=True)
    Path("logs/nan-2").mkdir()

    assert Path("logs/nan-3") == train.new_log_dir("nan", train.arguments([]))


def test_several_trainings_do_not_share_a_directory(capsys):
    with pytest.raises(SystemExit):
        train.arguments(["--scenario", "healthy", "nan", "--log-dir", "logs/both"])

    assert "each run needs a directory of its own" in capsys.readouterr().err


def test_what_was_typed_replaces_what_the_scenario_says():
    args = train.arguments(
        ["--scenario", "brightness", "--mean-pixel-weight", "2", "--epochs", "3"]
    )

    scenario = train.changed(scenarios.SCENARIOS["brightness"], args)

    assert (3, 2.0) == (scenario.epochs, scenario.settings["mean_pixel_weight"])
    assert "centred_error" == scenario.settings["fine_tuning"]


def test_the_script_prints_its_findings_and_ends_with_the_line_to_type(tmp_path):
    script = [sys.executable, DEMO / "train.py", "--scenario", "wrong-range", "collapse"]

    done = subprocess.run(
        [*script, "--epochs", "9"], cwd=tmp_path, check=True, capture_output=True, text=True
    )

    assert "    wrong_range: Wrong value range since epoch" in done.stdout
    assert "    collapse: Posterior collapse since epoch 0" in done.stdout
    assert done.stdout.endswith("    tensorboard --logdir logs\n\n")
    assert list(tmp_path.glob("logs/collapse-epochs9/mean_pixel/events.*"))


@pytest.mark.parametrize(
    "name",
    ["uint8", *(pytest.param(name, marks=pytest.mark.slow) for name in ("float16", "-1..1"))],
)
def test_three_ways_give_one_mean_pixel_for_every_kind_of_images(name, tmp_path):
    means = three_ways.train(part_of("digits", 128), name, tmp_path, epochs=1)

    expected = means.pop("in a callback")
    assert three_ways.KINDS[name].low < expected < three_ways.KINDS[name].high
    for mean in means.values():
        assert pytest.approx(expected, rel=1e-4) == mean


def test_a_mean_pixel_is_that_of_the_exact_values_whatever_their_type():
    levels = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3))

    for dtype in ("uint8", "float16", "float32"):
        means = keras.ops.convert_to_numpy(three_ways.mean_pixel(levels.astype(dtype)))

        assert np.allclose(levels.mean(axis=(1, 2, 3)), means, rtol=1e-5)
