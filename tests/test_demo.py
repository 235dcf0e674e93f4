import importlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

DEMO = Path(__file__).parents[1] / "demo"
sys.path.insert(0, str(DEMO))  # as `python demo/train.py` does
data, train, vae = (importlib.import_module(name) for name in ("data", "train", "vae"))

PARTS = ("loss", "reconstruction_loss", "kl_loss")


def part_of(name, images=256):
    """A data set small enough for a test, of images from everywhere in the whole."""
    return data.Dataset(*(part[:: len(part) // images] for part in data.load(name)))


@pytest.mark.parametrize(
    "name, train_shape, validation_shape",
    [
        ("digits", (1437, 8, 8, 1), (360, 8, 8, 1)),
        ("photos", (4056, 32, 32, 3), (1014, 32, 32, 3)),
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
    with pytest.raises(ValueError, match="one of digits, photos, .*; got 'cats'"):
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


@pytest.mark.parametrize("name", ["digits", "photos"])
def test_training_logs_finite_losses_that_fall(name, tmp_path):
    _, history = train.train(part_of(name), tmp_path, epochs=2, beta=0.5, batch_size=16)

    for prefix in ("", "val_"):
        total, reconstruction, kl = (np.array(history[prefix + part]) for part in PARTS)
        assert np.isfinite(total).all()
        assert total[1] < total[0]
        assert np.allclose(reconstruction + 0.5 * kl, total, rtol=1e-4)


def test_the_losses_are_means_over_images_where_the_last_batch_is_small(tmp_path):
    dataset = part_of("digits", 100)
    model, _ = train.train(dataset, tmp_path, epochs=1, batch_size=64)

    whole = model.evaluate(dataset.validation, batch_size=100, return_dict=True, verbose=0)
    batches = model.evaluate(dataset.validation, batch_size=64, return_dict=True, verbose=0)

    assert pytest.approx(whole, rel=1e-4) == batches


def test_a_seed_decides_the_losses(tmp_path):
    dataset = part_of("digits", 128)

    once, again, other = (
        train.train(dataset, tmp_path / str(i), epochs=1, seed=seed)[1]["loss"]
        for i, seed in enumerate([3, 3, 4])
    )

    assert once == again
    assert once != other


def test_a_high_beta_makes_all_reconstructions_the_same(tmp_path):
    dataset = data.load("digits")

    model, history = train.train(dataset, tmp_path, epochs=5, beta=2.0)

    brightness = model.predict(dataset.validation, verbose=0).mean(axis=(1, 2, 3))
    assert history["val_kl_loss"][-1] < 0.1
    assert brightness.std() < 0.1 * dataset.validation.mean(axis=(1, 2, 3)).std()


def test_trainings_with_other_settings_get_other_directories(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    typed = ["", "--beta 2", "--data photos --latent-dim 8 --seed 1"]

    paths = [train.arguments(line.split()).log_dir for line in typed]

    names = ["vae-digits", "vae-digits-beta2", "vae-photos-latent_dim8-seed1"]
    assert [Path("logs") / name for name in names] == paths


def test_the_same_training_again_gets_a_directory_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("logs/vae-digits").mkdir(parents=True)
    Path("logs/vae-digits-2").mkdir()

    assert Path("logs/vae-digits-3") == train.arguments([]).log_dir


def test_the_script_writes_the_logs_and_ends_with_the_line_to_type(tmp_path):
    script = [sys.executable, DEMO / "train.py", "--epochs", "1"]

    done = subprocess.run(script, cwd=tmp_path, check=True, capture_output=True, text=True)

    assert done.stdout.endswith("    tensorboard --logdir logs\n\n")
    assert list(tmp_path.glob("logs/vae-digits-epochs1/mean_pixel/events.*"))
