"""What `MeanPixelWriter.write` costs, in CPU time and memory, against NumPy and TensorBoard.

    python tests/benchmarks/writing.py --shape 256x3x256x256 --dtype float32

CPU seconds of the whole process, all threads, the least of some turns. The yardstick is one
`np.histogram` with 64 bins of the outputs, in the same turn: other programs slow down both. Memory
is the peak of what NumPy and Python ask for, by tracemalloc, in a turn of its own.
"""

import argparse
import tempfile
import time
import tracemalloc

import numpy as np
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from timing import print_table

from tb_meanpixel import MeanPixelWriter

YARDSTICK = "one np.histogram, 64 bins"


def images(shape, dtype, seed):
    """Random images, smooth enough that each has a brightness of its own."""
    random = np.random.default_rng(seed)
    found = random.random(shape, np.float32)
    found *= 0.5
    found += random.random((len(found), *[1] * (len(shape) - 1)), np.float32) * 0.5
    if np.dtype(dtype).kind == "u":
        found *= np.iinfo(dtype).max
    return found.astype(dtype)


class Writing:
    """The calls that are measured, by name; each turn is a step of its own."""

    def __init__(self, shape, dtype, layout, directory):
        self._outputs = images(shape, dtype, 0)
        self._references = images(shape, dtype, 1)
        self._others = images(shape, dtype, 2)
        high = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
        settings = {"value_range": (0, high), "data_format": layout}
        self._writers = {
            name: MeanPixelWriter(directory, stream=name, paired=name != "samples", **settings)
            for name in ("passed", "kept", "updated", "samples", "first")
        }
        self._step = 0
        for name in ("passed", "kept", "samples"):
            self._write(name, reference=self._references)
        self.calls = {
            YARDSTICK: lambda: np.histogram(self._outputs, 64),
            "np.mean of the outputs": lambda: self._outputs.mean(dtype=np.float32),
            "histogram_pb of TensorBoard": lambda: histogram_pb("output", self._outputs),
            "write, the same reference passed": lambda: self._write(
                "passed", reference=self._references
            ),
            "write, reference not passed": lambda: self._write("kept"),
            "write, another reference": self._write_another,
            "write of samples, the same reference": lambda: self._write(
                "samples", reference=self._references
            ),
            "update in 8 parts, then write": self._update,
        }

    def _write(self, name, **arguments):
        self._step += 1
        self._writers[name].write(self._step, output=self._outputs, **arguments)

    def _write_another(self):
        first = self._others.reshape(-1)
        first[0] = first[0] == 0  # other bytes
        self._write("first", reference=self._others)

    def _update(self):
        self._step += 1
        for part in np.array_split(np.arange(len(self._outputs)), 8):
            if len(part):
                chosen = slice(part[0], part[-1] + 1)
                self._writers["updated"].update(
                    output=self._outputs[chosen], reference=self._references[chosen]
                )
        self._writers["updated"].write(self._step)


def cpu_seconds(call):
    start = time.process_time()
    call()
    return time.process_time() - start


def peak_growth(call):
    """Mebibytes at the peak, above those before."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", default="8x3x32x32", help="such as 256x3x256x256")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--layout", default="NCHW", choices=("NCHW", "NHWC"))
    parser.add_argument("--turns", type=int, default=5)
    arguments = parser.parse_args()
    shape = tuple(map(int, arguments.shape.split("x")))
    with tempfile.TemporaryDirectory() as directory:
        calls = Writing(shape, arguments.dtype, arguments.layout, directory).calls
        turns = [
            {name: cpu_seconds(call) for name, call in calls.items()}
            for _ in range(arguments.turns)
        ]
        peaks = {name: peak_growth(call) for name, call in calls.items()}
    least = {name: min(turn[name] for turn in turns) for name in calls}
    rows = [
        (name, 1000 * least[name], least[name] / least[YARDSTICK], peaks[name]) for name in calls
    ]
    title = f"{arguments.shape} {arguments.dtype}, {arguments.layout}, {arguments.turns} turns"
    print_table(title, ("", "CPU ms", "of np.histogram", "peak MiB"), rows)


if __name__ == "__main__":
    main()
