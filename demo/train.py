"""Trains a VAE, well or in a way that goes wrong, and prints what the plugin finds.

    python demo/train.py                        # healthy; half a minute with TensorFlow's start
    python demo/train.py --scenario collapse    # one of `scenarios.py`
    python demo/train.py --scenario brightness --mean-pixel-weight 1    # and its cure
    python demo/train.py --scenario all         # what `make demo` shows

then `tensorboard --logdir logs`, tab "Mean Pixel". `vae.py` is the model, `losses.py` has
its losses, `data.py` the images, `scenarios.py` what goes wrong.
"""

import argparse
import importlib.util
import math
import time
from dataclasses import replace
from pathlib import Path

import keras
from data import NAMES, Dataset, load
from scenarios import SCENARIOS, TOUR
from vae import VAE

from tb_meanpixel import MeanPixelCallback, read

# Enough for reconstructions that look like their inputs.
EPOCHS = {"photos": 20, "mnist": 10, "fashion_mnist": 10, "cifar10": 10}


def build(scenario, images, batch_size=64, seed=0):
    """The scenario's VAE, ready to be fit."""
    keras.utils.set_random_seed(seed)
    vae = VAE(images.train.shape[1:], seed=seed, **scenario.settings)
    if vae.activation is None:  # outputs begin as bright as the images, not at 0
        vae.decoder.layers[-1].bias.assign(images.train.mean(axis=(0, 1, 2)))
    steps = scenario.epochs * math.ceil(len(images.train) / batch_size)
    vae.compile(optimizer=keras.optimizers.Adam(scenario.learning_rate(steps)))
    return vae


def fit(vae, scenario, images, *, callbacks, batch_size=64, verbose="auto"):
    """Trains it; returns its losses by name and epoch."""
    parts = [
        (part,) if scenario.targets is None else (part, scenario.targets(part)) for part in images
    ]
    return vae.fit(
        *parts[0],
        validation_data=parts[1],
        epochs=scenario.epochs,
        batch_size=batch_size,
        callbacks=[*scenario.callbacks(), *callbacks],
        verbose=verbose,
    ).history


def train(scenario, log_dir, *, dataset=None, batch_size=64, seed=0, verbose="auto"):
    """Trains a VAE as a scenario says, and records it; returns it and its losses."""
    images = Dataset(*map(scenario.prepare, dataset or load(scenario.data)))
    vae = build(scenario, images, batch_size, seed)
    callbacks = [MeanPixelCallback(log_dir, reference=images.validation)]
    if importlib.util.find_spec("tensorflow"):  # Keras's own callback needs it on every backend
        callbacks.append(keras.callbacks.TensorBoard(log_dir))
    return vae, fit(
        vae, scenario, images, callbacks=callbacks, batch_size=batch_size, verbose=verbose
    )


def findings(log_dir):
    """The plugin's findings of a run, from its event files."""
    return [finding for run in read(log_dir) for finding in run.findings()]


def changed(scenario, args):
    """The scenario with the settings of the command line."""
    typed = ("latent_dim", "beta", "mean_pixel_weight")
    settings = {name: value for name in typed if (value := getattr(args, name)) is not None}
    data = args.data or scenario.data
    epochs = args.epochs or (EPOCHS.get(data, scenario.epochs))
    return replace(scenario, data=data, epochs=epochs, settings={**scenario.settings, **settings})


def new_log_dir(name, args):
    """A directory for this run alone, named by its scenario and its arguments."""
    if args.data:
        name += f"-{args.data}"
    for setting in ("epochs", "latent_dim", "beta", "mean_pixel_weight", "batch_size", "seed"):
        value = getattr(args, setting)
        if value is not None:
            name += f"-{setting}{value:g}"
    # Two runs in one directory would be drawn as one curve that jumps back.
    path, again = Path("logs", name), 1
    while path.exists():
        again += 1
        path = Path("logs", f"{name}-{again}")
    return path


def arguments(argv=None):
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(description="Train a VAE and record its mean pixels.")
    parser.add_argument(
        "--scenario",
        nargs="+",
        choices=[*SCENARIOS, "all"],
        default=["healthy"],
        metavar="NAME",
        help=f"{', '.join(SCENARIOS)}; all: {', '.join(TOUR)}; default: healthy",
    )
    parser.add_argument("--data", choices=NAMES, help="default: the scenario's")
    parser.add_argument("--epochs", type=int, help="default: the scenario's")
    parser.add_argument("--beta", type=float, help="weight of the KL divergence")
    parser.add_argument("--latent-dim", type=int, help="numbers in a code")
    parser.add_argument("--mean-pixel-weight", type=float, help="of the penalty; default: 0")
    parser.add_argument("--batch-size", type=int, help="default: 64")
    parser.add_argument("--seed", type=int, help="default: 0")
    parser.add_argument("--log-dir", type=Path, help="default: a new one in logs/")
    args = parser.parse_args(argv)
    if "all" in args.scenario:
        args.scenario = list(dict.fromkeys([*TOUR, *args.scenario]))
        args.scenario.remove("all")
    if args.log_dir and len(args.scenario) > 1:
        parser.error("--log-dir is for one scenario: each run needs a directory of its own")
    return args


def main(argv=None):
    """Trains as the command line says."""
    args = arguments(argv)
    for name in args.scenario:
        scenario, log_dir = changed(SCENARIOS[name], args), args.log_dir or new_log_dir(name, args)
        print(f"\n{log_dir}: {scenario.story}", flush=True)
        start = time.monotonic()
        train(
            scenario,
            log_dir,
            batch_size=args.batch_size or 64,
            seed=args.seed or 0,
            verbose=0 if len(args.scenario) > 1 else 2,
        )
        for finding in findings(log_dir):
            print(f"    {finding.id}: {finding.sentence}")
        print(f"    {scenario.epochs} epochs in {time.monotonic() - start:.0f} s", flush=True)
    print(f"\nTo look at it:\n\n    tensorboard --logdir {log_dir.parent}\n")


if __name__ == "__main__":
    main()
