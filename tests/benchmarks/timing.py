"""How the benchmarks take times, and print them."""

import time

import numpy as np


def in_random_turns(actions, turns, rare=(), repeat=1):
    """Milliseconds of each action in each turn; rare ones have a fourth of the turns."""
    names, random = list(actions), np.random.default_rng(0)
    times = {name: [] for name in names}
    for turn in range(-1, turns):  # the first one compiles
        for name in (names[i] for i in random.permutation(len(names))):
            if turn % 4 and turn > 0 and name in rare:
                continue
            start = time.perf_counter()
            for _ in range(repeat):
                actions[name]()
            if turn >= 0:
                times[name].append((time.perf_counter() - start) * 1000 / repeat)
    return times


def print_table(title, head, rows):
    print(f"\n### {title}\n")
    for row in (head, ["---"] * len(head), *rows):
        print("| " + " | ".join(f"{x:.3f}" if isinstance(x, float) else x for x in row) + " |")
