"""What the form of a record costs: today's beside that of the first version.

    python tests/benchmarks/formats.py [--runs 100] [--epochs 1000] [--long 9000]

The first version wrote each score as a scalar, without quantiles and sums, and the metadata in
every event. Times are CPU seconds of a process of its own; `report` includes the data server that
it starts. Of both forms they are taken one after another: read the ratios. Needs Linux's /proc.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from recorded_runs import copy_runs, first_version, records, write_events
from timing import print_table

REPORT = """
import runpy, sys
sys.argv = ["tb_meanpixel", "report", sys.argv[1]]
runpy.run_module("tb_meanpixel", run_name="__main__")
"""

BOARD = """
import contextlib, json, os, pathlib, sys, time
sys.path.insert(0, sys.argv[2])
from support.boards import Board

times = {}

def taken(name, action):
    start = time.process_time()
    action()
    times[name] = time.process_time() - start

boards = []
taken("load", lambda: boards.append(Board(sys.argv[1], sys.argv[3])))
with contextlib.closing(boards[0]) as board:
    taken("catalog", lambda: board.get("runs"))
    taken("opening", lambda: board.get("opening"))
    taken("findings", lambda: board.get("findings"))
    taken("histograms", lambda: board.get("histograms", stream="validation"))
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        fields = stat.read_text().rpartition(")")[2].split()
        if int(fields[1]) == os.getpid():
            ticks = int(fields[11]) + int(fields[12])
            times["the data server in all"] = ticks / os.sysconf("SC_CLK_TCK")
print(json.dumps(times))
"""


def write_both(folder, values, runs):
    """Directories with the same records in both forms."""
    for name, form, every in [("first", first_version, True), ("today", list, False)]:
        run = folder / name / "run0000" / "mean_pixel"
        write_events(run, enumerate(map(form, values)), every_metadata=every)
        copy_runs(folder / name, runs)
    return [folder / "first", folder / "today"]


def record_size(values, form, every):
    """Bytes that one more record adds to an event file."""
    with tempfile.TemporaryDirectory() as folder:
        write_events(Path(folder), enumerate(map(form, values)), every_metadata=every)
        [file] = Path(folder).iterdir()
        whole = file.stat().st_size
        write_events(Path(folder), enumerate(map(form, values[:-1])), every_metadata=every)
        return whole - file.stat().st_size


def cpu_of(code, *arguments):
    """CPU seconds of a process with all of its own, and what it prints."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr  # 1: there are findings
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, done.stdout


def row(name, first, today):
    return [name, first, today, today / first]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--long", type=int, default=9000, help="epochs of the run in colour")
    arguments = parser.parse_args()
    head = ["what", "first version", "today", "ratio"]

    shapes = {"grey, 28 x 28": (28, 1), "RGB, 64 x 64": (64, 3)}
    sizes = [
        row(name, *(float(record_size(records(3, *shape)[0], *form)) for form in (
            (first_version, True), (list, False),
        )))
        for name, shape in shapes.items()
    ]  # fmt: skip
    print_table("Bytes of a record", head, sizes)

    with tempfile.TemporaryDirectory() as folder:
        both = write_both(Path(folder), records(arguments.epochs)[0], arguments.runs)
        rows = [row("report", *(cpu_of(REPORT, logdir)[0] for logdir in both))]
        rows += _of_board(both, "fast")
        print_table(
            f"{arguments.runs} runs x {arguments.epochs} epochs, data server: CPU s", head, rows
        )
    with tempfile.TemporaryDirectory() as folder:
        values, _ = records(min(arguments.long, 100), 8, 3)
        values = [values[step % len(values)] for step in range(arguments.long)]
        both = write_both(Path(folder), values, 1)
        print_table(
            f"1 run x {arguments.long} RGB epochs, Python loader: CPU s",
            head,
            _of_board(both, "python"),
        )


def _of_board(both, loader):
    support = Path(__file__).parents[1]
    first, today = (json.loads(cpu_of(BOARD, logdir, support, loader)[1]) for logdir in both)
    return [row(name, first[name], today[name]) for name in first]


if __name__ == "__main__":
    main()
