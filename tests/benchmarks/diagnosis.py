"""Which finding each provoked failure ends in, and how often a healthy run has one.

    python tests/benchmarks/diagnosis.py [--seeds 3] [--healthy 120] [--scenario NAME ...]
    python tests/benchmarks/diagnosis.py --keep /tmp/histories    # judge again in seconds

Every scenario of the demo is trained with several seeds; a row says how many of these
runs ended in which finding. Then come many small healthy runs, with codes of 2, 8 and
32 numbers, as a VAE and as a plain autoencoder, in colour and in grey. A model that is
built and compiled once is trained again from new weights, so a hundred take minutes.
`--keep` keeps the histories in a directory and trains no run whose history is there
already: so other thresholds can be tried out.
"""

import argparse
import collections
import itertools
import math
import os
import pickle
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[2] / "demo"))
sys.path.insert(0, str(Path(__file__).parents[1]))

import keras
from data import Dataset, load
from scenarios import SCENARIOS, Scenario
from support.histories import history_of
from train import build, fit

from tb_meanpixel.findings import IDS, find
from tb_meanpixel.statistics.mean_pixel import image_means
from tb_meanpixel.statistics.measuring import measure_images
from tb_meanpixel.statistics.pairs import PairSums
from tb_meanpixel.statistics.record import Record
from tb_meanpixel.statistics.value_range import infer_range

REFERENCES = 256

# Of healthy runs: data, epochs, settings of the VAE.
HEALTHY = [
    ("digits", 12, {"latent_dim": 32}),
    ("digits", 20, {"latent_dim": 8}),
    ("digits", 20, {"latent_dim": 2}),
    ("digits", 12, {"beta": 0.0}),
    ("digits", 20, {"reconstruction": "squared_error"}),
    ("small_photos", 15, {}),
]


class Recorder(keras.callbacks.Callback):
    """Keeps the records of a run in memory, as the plugin's callback writes them."""

    def __init__(self, reference):
        super().__init__()
        self.reference = reference[:REFERENCES]
        self.value_range = infer_range(self.reference)
        self.measured = measure_images(self.reference, self.value_range)
        self.records, self.losses = {}, collections.defaultdict(list)

    def on_epoch_end(self, epoch, logs=None):
        output = keras.ops.convert_to_numpy(self.model(self.reference))
        pairs = PairSums.of(image_means(output), image_means(self.reference))
        self.records[epoch] = Record(measure_images(output, self.value_range), self.measured, pairs)
        for name, value in logs.items():
            self.losses[name].append(float(value))

    def history(self):
        return history_of(self.records, self.value_range, losses=self.losses)


def histories(title, scenario, seeds, keep):
    """The history of a run for each seed, from `keep` if they are there."""
    path = keep and keep / f"{title} {seeds[0]}-{seeds[-1]}.pickle"
    if path and path.exists():
        return pickle.loads(path.read_bytes())
    trained = list(runs(scenario, seeds))
    if path:
        keep.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(trained))
    return trained


def runs(scenario, seeds):
    """The same, trained; all of them use one compiled model."""
    images = Dataset(*map(scenario.prepare, load(scenario.data)))
    vae = build(scenario, images)
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        vae.set_weights(build(scenario, images, seed=seed).get_weights())
        for variable in vae.optimizer.variables:
            if "learning_rate" not in variable.path:
                variable.assign(keras.ops.zeros_like(variable))
        recorder = Recorder(images.validation)
        fit(vae, scenario, images, callbacks=[recorder], verbose=0)
        yield recorder.history()


def confusion(names, seeds, keep):
    """Scenario -> finding -> number of seeds."""
    counts = {}
    for name in names:
        counts[name] = collections.Counter()
        for history in histories(name, SCENARIOS[name], range(seeds), keep):
            counts[name].update({one.id for one in find(history)} or {"nothing"})
    return counts


def print_confusion(counts, seeds):
    seen = [what for what in ("nothing", *IDS) if any(of[what] for of in counts.values())]
    print(f"\n### What was provoked, and what was found ({seeds} seeds each)\n")
    print("| provoked | " + " | ".join(seen) + " |")
    print("|---" * (len(seen) + 1) + "|")
    for name, of in counts.items():
        wanted = SCENARIOS[name].finding or "nothing"
        cells = [f"**{of[what]}**" if what == wanted else str(of[what] or "") for what in seen]
        print(f"| {name} | " + " | ".join(cells) + " |")


def print_false_positives(total, keep):
    """Accusations of healthy runs, and the rate."""
    print("\n### Healthy runs that were accused\n")
    print("| what was trained | runs | accused | of what |\n|---|---|---|---|")
    each = math.ceil(total / len(HEALTHY))
    accused = 0
    for number, (data, epochs, settings) in enumerate(HEALTHY):
        scenario = Scenario("", data=data, epochs=epochs, settings=settings)
        seeds = range(1000 * number, 1000 * number + each)  # others than those of the confusions
        title = ", ".join([data, f"{epochs} epochs", *(f"{k} {v}" for k, v in settings.items())])
        kept = histories(title, scenario, seeds, keep)
        found = [[one.id for one in find(history)] for history in kept]
        accused += sum(map(bool, found))
        what = collections.Counter(itertools.chain(*found))
        words = ", ".join(f"{one} {count}" for one, count in what.most_common())
        print(f"| {title} | {each} | {sum(map(bool, found))} | {words} |", flush=True)
    count = each * len(HEALTHY)
    print(f"\n{accused} of {count} healthy runs accused: {100 * accused / count:.1f} %.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenario", nargs="*", choices=SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--seeds", type=int, default=3, help="runs of each scenario")
    parser.add_argument("--healthy", type=int, default=120, help="healthy runs, at least")
    parser.add_argument("--keep", type=Path, help="a directory for the histories")
    arguments = parser.parse_args()
    if arguments.scenario:
        counts = confusion(arguments.scenario, arguments.seeds, arguments.keep)
        print_confusion(counts, arguments.seeds)
    if arguments.healthy:
        print_false_positives(arguments.healthy, arguments.keep)


if __name__ == "__main__":
    main()
