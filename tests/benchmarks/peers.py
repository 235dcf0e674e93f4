"""What linters of training logs say of the demo's recorded runs, beside our findings.

    python tests/benchmarks/peers.py

They get what a user of Keras has: the losses of each epoch, in the form of its CSVLogger. They
never get images, and none of them claims to judge these. So the table says what each kind of
tool can know, not which is better: the runs were made to go wrong in their images, by us.

Installs the versions below into an environment of its own, unless one is given.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import tb_meanpixel

sys.path.insert(0, str(Path(__file__).parents[1]))
from support import recordings

VERSIONS = {
    "losslint": "0.4.1",
    "trainspotter": "0.2.6",
    "runmedic": "0.1.1",
    "trainproof": "0.22.0",
}
COMMANDS = {
    "losslint": ["check", "--format", "json"],
    "trainspotter": ["analyze", "--output", "json"],
    "runmedic": ["diagnose", "--json"],
    "trainproof": ["doctor", "--json"],
}


def install(directory):
    """An environment with all of them."""
    venv.create(directory, with_pip=True)
    wanted = [f"{name}=={version}" for name, version in VERSIONS.items()]
    python = directory / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)


def write_csv(run, path):
    """The losses of a run, as keras.callbacks.CSVLogger writes them."""
    columns = {}
    for curve in run.curves():
        name = f"val_{curve.name}" if curve.split == "validation" else curve.name
        columns[name] = dict(zip(curve.steps.tolist(), curve.values.tolist(), strict=True))
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["epoch", *columns])
        for step in sorted(set().union(*columns.values())):
            rows.writerow([step, *(column.get(step, "") for column in columns.values())])


def of_losslint(told):
    return [(one["check"], one["severity"]) for one in told["findings"]]


def of_trainspotter(told):
    return [(one["detector"], one["severity"]) for one in told["findings"]]


def of_runmedic(told):
    return [(one["check"], one["severity"]) for run in told for one in run["findings"]]


def of_trainproof(told):
    levels = {"FAIL": "error", "WARN": "warning", "PASS": None}
    return [
        (one["id"], levels.get(one["level"], "info"))
        for report in told["reports"]
        for one in report["findings"]
        if one["level"] != "PASS"
    ]


READERS = {
    "losslint": of_losslint,
    "trainspotter": of_trainspotter,
    "runmedic": of_runmedic,
    "trainproof": of_trainproof,
}


def ask(name, environment, log):
    """What one of them says: each check once; hints, which are no warnings, in brackets."""
    command = [environment / "bin" / name, *COMMANDS[name], log]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        told = READERS[name](json.loads(done.stdout))
    except (json.JSONDecodeError, KeyError) as error:
        raise SystemExit(f"{name} on {log.name}: {error!r}\n{done.stdout}{done.stderr}") from error
    return list(
        dict.fromkeys(f"({check})" if severity == "info" else check for check, severity in told)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--environment", type=Path, help="that has them already")
    parser.add_argument("--scenario", nargs="+", default=recordings.NAMES, metavar="NAME")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as temporary:
        logs = Path(temporary) / "logs"
        environment = arguments.environment or Path(temporary) / "environment"
        if arguments.environment is None:
            install(environment)
        recordings.unpack(logs, *arguments.scenario)
        names = [f"{name} {version}" for name, version in VERSIONS.items()]
        print(f"| run | tb-meanpixel {tb_meanpixel.__version__} | {' | '.join(names)} |")
        print("|---" * (2 + len(names)) + "|")
        for run in tb_meanpixel.read(logs):
            log = Path(temporary) / f"{run.name}.csv"
            write_csv(run, log)
            cells = [[finding.id for finding in run.findings()]]
            cells += [ask(name, environment, log) for name in VERSIONS]
            print(f"| {run.name} | {' | '.join(', '.join(cell) or '–' for cell in cells)} |")


if __name__ == "__main__":
    main()
