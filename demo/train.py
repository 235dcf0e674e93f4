"""Trains a VAE and records its mean pixels for TensorBoard.

    python demo/train.py                # digits, about half a minute on two cores
    python demo/train.py --beta 2       # posterior collapse: the outputs lose their spread
    python demo/train.py --data photos  # colour patches, about a minute

then `tensorboard --logdir logs`, tab "Mean Pixel". `vae.py` is the model,
`data.py` the images.
"""

import argparse
import importlib.util
import math
from pathlib import Path

import keras
from data import NAMES, load
from vae import VAE

from tb_meanpixel import MeanPixelCallback

LEARNING_RATE = 4e-3  # falls to zero along a cosine, so that the last epochs do not jitter
# Enough for reconstructions that look like their inputs.
EPOCHS = {"digits": 80, "photos": 20, "mnist": 10, "fashion_mnist": 10, "cifar10": 10}


def train(dataset, log_dir, *, epochs, beta=0.1, latent_dim=32, batch_size=64, seed=0):
    """Fits a VAE to a data set; returns it, and its losses by name and epoch."""
    keras.utils.set_random_seed(seed)
    vae = VAE(dataset.train.shape[1:], latent_dim=latent_dim, beta=beta, seed=seed)
    steps = epochs * math.ceil(len(dataset.train) / batch_size)
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    vae.compile(optimizer=keras.optimizers.Adam(schedule))

    callbacks = [MeanPixelCallback(log_dir, reference=dataset.validation)]
    if importlib.util.find_spec("tensorflow"):  # Keras's own callback needs it on every backend
        callbacks.append(keras.callbacks.TensorBoard(log_dir))

    history = vae.fit(
        dataset.train,
        validation_data=(dataset.validation,),
        epochs=epochs,
        batch_size=batch_size,
        callbacks=callbacks,
    )
    return vae, history.history


def new_log_dir(args, default):
    """A directory for this training alone, named by the settings that are not the defaults."""
    name = f"vae-{args.data}"
    for setting in ("epochs", "beta", "latent_dim", "batch_size", "seed"):
        value = getattr(args, setting)
        if value != default(setting):
            name += f"-{setting}{value:g}"
    # Two trainings in one directory would be drawn as one curve that jumps back.
    path, again = Path("logs", name), 1
    while path.exists():
        again += 1
        path = Path("logs", f"{name}-{again}")
    return path


def arguments(argv=None):
    """What was typed, with the log directory and the epochs filled in."""
    parser = argparse.ArgumentParser(description="Train a VAE and record its mean pixels.")
    parser.add_argument("--data", choices=NAMES, default="digits", help="default: %(default)s")
    parser.add_argument("--epochs", type=int, help="default: enough for the data")
    parser.add_argument("--beta", type=float, default=0.1, help="default: %(default)s")
    parser.add_argument("--latent-dim", type=int, default=32, help="default: %(default)s")
    parser.add_argument("--batch-size", type=int, default=64, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--log-dir", type=Path, help="default: a new one in logs/")
    args = parser.parse_args(argv)
    args.log_dir = args.log_dir or new_log_dir(args, parser.get_default)
    args.epochs = args.epochs or EPOCHS[args.data]
    return args


def main(argv=None):
    """Trains as the command line says."""
    settings = vars(arguments(argv))
    dataset, log_dir = load(settings.pop("data")), settings.pop("log_dir")
    train(dataset, log_dir, **settings)
    print(f"\nWritten to {log_dir}. To look at it:\n\n    tensorboard --logdir {log_dir.parent}\n")


if __name__ == "__main__":
    main()
