"""How often real images, compared with other real images, are accused: nothing is wrong with them.

    python tests/benchmarks/chance.py --draws 100

Outputs and references are images of one set, drawn apart, the same at every step of a run: what a
generator that has converged would give. Printed is the share of the runs with any finding, and
with each. `p` is how often the p-values of a single record lie below 0.01.
"""

import argparse
import collections

import numpy as np
from sklearn.datasets import load_digits, load_sample_images

from tb_meanpixel import measure
from tb_meanpixel.findings import find
from tb_meanpixel.findings.history import History
from tb_meanpixel.statistics import scores
from tb_meanpixel.statistics.value_range import ValueRange

STEPS = 20


def digits():
    """1797 grey images of 8 x 8 pixels."""
    return load_digits().images[..., None].astype("float32") / 16


def patches():
    """520 colour images of 32 x 32 pixels, of two photographs."""
    images = [image[:416, :640].astype("float32") / 255 for image in load_sample_images().images]
    tiles = [image.reshape(13, 32, 20, 32, 3).swapaxes(1, 2) for image in images]
    return np.concatenate([tile.reshape(-1, 32, 32, 3) for tile in tiles])


def constant_history(record):
    """The history of a run whose record is the same at every step."""
    by_name = scores.scores(record)
    numbers = {(name, ""): number for name, number in scores.overall(by_name).items()}
    for place, channel in enumerate(record.channels[1:], start=1):
        numbers |= {(name, channel): values[place] for name, values in by_name.items()}
    return History(
        stream="samples",
        paired=record.pairs is not None,
        value_range=ValueRange(0.0, 1.0, "declared"),
        channels=record.channels,
        image_count=record.output.image_count,
        steps=np.arange(STEPS),
        scores={key: np.full(STEPS, value) for key, value in numbers.items()},
    )


def accused(images, counts, draws, order):
    """The findings of `draws` runs, and the p-values of their records below 0.01."""
    found, rare = collections.Counter(), collections.Counter()
    outputs, references = counts
    for draw in range(draws):
        chosen = np.random.default_rng(draw).permutation(len(images))
        sides = [images[chosen[:outputs]], images[chosen[outputs : outputs + references]]]
        if order == "sorted":
            sides = [side[np.argsort(side.mean((1, 2, 3)))] for side in sides]
        record = measure(output=sides[0], reference=sides[1], value_range=(0, 1), paired=False)
        history = constant_history(record)
        ids = {finding.id for finding in find(history)} - {"frozen"}
        found.update(ids)
        found["any"] += bool(ids)
        rare.update(
            name
            for (name, channel), values in history.scores.items()
            if name.endswith("_p") and not channel and values[0] < 0.01
        )
    return found, rare


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100)
    draws = parser.parse_args().draws
    for name, images in (("digits", digits()), ("patches", patches())):
        for counts in ((8, 8), (16, 16), (64, 64), (256, 256), (8, 256)):
            for order in ("shuffled", "sorted"):
                found, rare = accused(images, counts, draws, order)
                told = ", ".join(f"{name_} {count / draws:.1%}" for name_, count in found.items())
                p = ", ".join(f"{name_} {count / draws:.1%}" for name_, count in rare.items())
                print(f"{name} {counts[0]}/{counts[1]} {order}: {told}; p < 0.01: {p}", flush=True)


if __name__ == "__main__":
    main()
