"""`python -m tb_meanpixel report|doctor`: what the page shows, for a terminal and for scripts.

python -m tb_meanpixel report logs
python -m tb_meanpixel report logs --json
python -m tb_meanpixel report logs --fail-on collapse,non_finite    # for CI
python -m tb_meanpixel explain collapse
python -m tb_meanpixel doctor logs                                  # if the tab stays empty
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from tb_meanpixel.findings import IDS

OK, FAILED, USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; its exit code.

    0: all is well. 1: a finding of `--fail-on`, or something that the doctor has to
    fix. 2: a usage error, or there is no data.
    """
    arguments = _parser().parse_args(argv)
    code: int = arguments.run(arguments)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tb_meanpixel",
        description="Reads what MeanPixelCallback and MeanPixelWriter have recorded.",
    )
    commands = parser.add_subparsers(required=True, metavar="report|explain|doctor")

    report = commands.add_parser(
        "report",
        help="a table of the runs, and their findings",
        description="Prints the runs of a log directory with their last scores and findings.",
    )
    report.add_argument("logdir", help="as for tensorboard --logdir; local or remote")
    report.add_argument("--json", action="store_true", help="print JSON instead of a table")
    report.add_argument(
        "--fail-on",
        type=_finding_ids,
        default=frozenset(),
        metavar="ID[,ID...]",
        help=f"exit with 1 if one of these is found; 'any' for all: {', '.join(IDS)}",
    )
    report.set_defaults(run=_report)

    explain = commands.add_parser(
        "explain",
        help="how a finding is told, what to look at first, and its known false alarms",
        description="Prints the page of a finding.",
    )
    explain.add_argument("id", choices=IDS, metavar="ID", help=f"one of {', '.join(IDS)}")
    explain.set_defaults(run=_explain)

    doctor = commands.add_parser(
        "doctor",
        help="why the tab is missing or empty, and what to type",
        description="Checks the installation, and the log directory if one is given.",
    )
    doctor.add_argument("logdir", nargs="?", help="as for tensorboard --logdir")
    doctor.set_defaults(run=_doctor)
    return parser


# Each command imports what it needs: one that breaks leaves the other whole.


def _report(arguments: argparse.Namespace) -> int:
    from tb_meanpixel.command_line import report
    from tb_meanpixel.runs import read
    from tb_meanpixel.serving.reading.logdir import NoDataError

    try:
        runs = read(arguments.logdir)
    except NoDataError as error:
        print(error, file=sys.stderr)
        return USAGE
    if arguments.json:
        print(json.dumps(report.as_json(runs), indent=2, allow_nan=False))
    else:
        print(report.as_text(runs))
    failures = [
        f"{run.name}/{finding.stream}: {finding.sentence}"
        for run in runs
        for finding in run.findings()
        if finding.id in arguments.fail_on and finding.state == "found"
    ]
    for failure in failures:
        print(failure, file=sys.stderr)
    return FAILED if failures else OK


def _explain(arguments: argparse.Namespace) -> int:
    from tb_meanpixel.findings import page

    print(page(arguments.id), end="")
    return OK


def _doctor(arguments: argparse.Namespace) -> int:
    from tb_meanpixel.command_line import doctor

    checks = [*doctor.installation(), *(doctor.logs(arguments.logdir) if arguments.logdir else ())]
    for check in checks:
        print(f"{'ok  ' if check.ok else 'FAIL'}  {check.text}")
        if check.fix:
            print(f"      {check.fix}")
    return OK if all(check.ok for check in checks) else FAILED


def _finding_ids(text: str) -> frozenset[str]:
    ids = frozenset(text.split(","))
    if ids == {"any"}:
        return frozenset(IDS)
    unknown = sorted(ids.difference(IDS))
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no finding {', '.join(map(repr, unknown))}; there are {', '.join(IDS)}, any"
        )
    return ids
