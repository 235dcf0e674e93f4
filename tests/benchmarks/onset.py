"""False alarms and delay of `tb_meanpixel.findings.onset`, on simulated series.

    python tests/benchmarks/onset.py [--series N]

A series decays as a score does while a model learns, `A exp(-t / tau)`, in noise
of standard deviation 1 with autocorrelation `ar`, and is judged after every epoch,
as the page does while a model trains: one alarm in any epoch is an alarm. Where a
change is added, at an epoch between 40 % and 75 % of the series, an earlier alarm
is a false one. `delay` is the median number of epochs from the change to the alarm,
`error` that of the epoch that is named as its start.
"""

import argparse

import numpy as np

from tb_meanpixel.findings.onset import onset

CHANGES = {
    "none": np.zeros_like,
    "step of 2 sd": lambda since: 2.0 * (since >= 0),
    "step of 4 sd": lambda since: 4.0 * (since >= 0),
    "ramp of 0.3 sd": lambda since: 0.3 * np.maximum(since, 0),
}
LENGTHS = (10, 20, 30, 100, 300)
# A in sd, tau in epochs of 100. The slowest still falls by more than a step adds to it: it can
# only show false alarms.
TRANSIENTS = ((20, 3), (50, 10))
SLOW = (100, 25)


def series(random, length, ar, change):
    """One simulated score `(length,)`, and the epoch of its change."""
    noise = np.empty(length)
    previous = random.normal()
    for epoch in range(length):
        previous = ar * previous + np.sqrt(1 - ar**2) * random.normal()
        noise[epoch] = previous
    choices = (*TRANSIENTS, SLOW) if change == "none" else TRANSIENTS
    height, tau = choices[random.integers(len(choices))]
    epochs = np.arange(length)
    decay = height * np.exp(-epochs / (tau * min(1, length / 100)))
    begin = int(length * random.uniform(0.4, 0.75))
    return decay + noise + CHANGES[change](epochs - begin), begin


def first_alarm(values):
    """The number of epochs after which there is an alarm, and the start it names; else None."""
    for known in range(3, len(values) + 1):
        found = onset(values[:known], floor=0.0)
        if found:
            return known - 1, found.start
    return None


def judge(count, length, ar, change):
    """False alarms, detections (shares of the series), median delay and error of the start."""
    random = np.random.default_rng(0)
    false, delays, errors = 0, [], []
    for _ in range(count):
        values, begin = series(random, length, ar, change)
        found = first_alarm(values)
        if found is None:
            continue
        if change == "none" or found[0] < begin:
            false += 1
        else:
            delays.append(found[0] - begin)
            errors.append(found[1] - begin)
    medians = [f"{np.median(of):+.0f}" if of else "-" for of in (delays, errors)]
    return false / count, len(delays) / count, *medians


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=400, help="how many of each kind")
    count = parser.parse_args().series
    print("| epochs | ar | change | false alarms | detected | delay | error |")
    print("|---|---|---|---|---|---|---|")
    for length in LENGTHS:
        for ar in (0.0, 0.3, 0.5):
            for change in CHANGES:
                if change != "none" and ar:
                    continue
                false, detected, delay, error = judge(count, length, ar, change)
                cells = [length, ar, change, f"{false:.1%}", f"{detected:.1%}", delay, error]
                if change == "none":
                    cells[4:] = ["", "", ""]
                print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main()
