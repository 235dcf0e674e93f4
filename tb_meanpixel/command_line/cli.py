"""The command line: what the page shows, for a terminal and for scripts.

tb-meanpixel report logs
tb-meanpixel report logs --json
tb-meanpixel report logs --fail-on collapse,non_finite    # for CI
tb-meanpixel watch logs --exec 'notify-send Finding'
tb-meanpixel measure 'samples/step_*.png' --reference images/ --log-dir logs/run
tb-meanpixel explain collapse
tb-meanpixel doctor logs                                  # if the tab stays empty

`python -m tb_meanpixel` is the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tb_meanpixel.command_line.alarm import ANY, SEVERITIES, finding_names
from tb_meanpixel.command_line.best_steps import BY
from tb_meanpixel.command_line.exit_codes import OK, TROUBLE, CommandError
from tb_meanpixel.command_line.hook import hook
from tb_meanpixel.command_line.measure_arguments import add_measure
from tb_meanpixel.command_line.terminal import complain, say
from tb_meanpixel.findings import IDS, page
from tb_meanpixel.findings.log_thresholds import FILE_NAME

_EXIT_CODES = (
    "Exit code: 0 if all is well; 1 for a finding of --fail-on or --strict, and if the doctor has "
    "something to fix; 2 for a usage error, no data, or data that cannot be read."
)
_INTERRUPTED = 130  # as shells have it


def main(argv: Sequence[str] | None = None, prog: str = "python -m tb_meanpixel") -> int:
    """Run a command; its exit code, see exit_codes.py."""
    return run(parse(argv, prog))


def parse(argv: Sequence[str] | None, prog: str) -> argparse.Namespace:
    """The arguments; a usage error ends the process with 2."""
    return _parser(prog).parse_args(argv)


def run(arguments: argparse.Namespace) -> int:
    """Run the command of some arguments; an exception is told in a sentence."""
    try:
        code: int = arguments.command(arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001  the name and the text of an error say enough
        from tb_meanpixel.serving.reading.logdir import NoDataError

        is_told = isinstance(error, CommandError | NoDataError)
        text = str(error) if is_told else f"{type(error).__name__}: {error}"
        complain(*text.split("\n"))
        return TROUBLE
    return code


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Reads what MeanPixelCallback, MeanPixel and MeanPixelWriter have recorded; "
        "measures pictures that a training has left.",
        epilog=_EXIT_CODES,
    )
    commands = parser.add_subparsers(required=True, metavar="report|watch|measure|explain|doctor")
    _add_report(commands)
    _add_watch(commands)
    add_measure(commands, _measure)

    explain = commands.add_parser(
        "explain",
        help="how a finding is told, what to look at first, and its known false alarms",
        description="Prints the page of a finding.",
    )
    explain.add_argument("id", choices=IDS, metavar="ID", help=f"one of {', '.join(IDS)}")
    explain.set_defaults(command=_explain, logdir=None)

    doctor = commands.add_parser(
        "doctor",
        help="why the tab is missing or empty, and what to type",
        description="Checks the installation, and the log directory if one is given.",
    )
    doctor.add_argument("logdir", nargs="?", help="as for tensorboard --logdir")
    doctor.set_defaults(command=_doctor)
    return parser


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    report = commands.add_parser(
        "report",
        help="a table of the runs, and their findings",
        description="Prints the runs of a log directory with their last scores, best steps and "
        "findings.",
        epilog=_EXIT_CODES,
    )
    _add_common(report)
    report.add_argument("--json", action="store_true", help="print JSON instead of a table")
    report.add_argument("--run", metavar="NAME", help="only this run")
    report.add_argument("--stream", metavar="NAME", help="only this stream of each run")
    report.add_argument(
        "--since",
        type=int,
        metavar="STEP",
        help="only findings that were there at STEP or later: the last step of one of their "
        "episodes is STEP or greater. The others do not count for --fail-on either",
    )
    report.add_argument(
        "--best",
        choices=BY,
        help="print nothing but the step with the least drift, or the least loss, of the only "
        "run or that of --run; of its first stream or that of --stream",
    )
    report.set_defaults(command=_report)


def _add_watch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    watch = commands.add_parser(
        "watch",
        help="findings as they begin, while runs are written",
        description="Prints each finding in a line when it begins, until Ctrl-C. A log directory "
        "that does not exist yet is waited for.",
        epilog=f"{_EXIT_CODES} Ctrl-C is 0.",
    )
    _add_common(watch)
    watch.add_argument("--json", action="store_true", help="print a JSON object in each line")
    watch.add_argument(
        "--every",
        type=_seconds,
        default=5.0,
        metavar="SECONDS",
        help="how often to look whether something was written; default 5",
    )
    watch.add_argument(
        "--exec",
        type=hook,
        metavar="COMMAND",
        help="run a command for each new finding, and wait for it. It gets the finding as JSON on "
        "stdin, and as environment variables TB_MEANPIXEL_RUN, _STREAM, _ID, _SEVERITY, _STATE, "
        "_UNIT, _FIRST_STEP, _LAST_STEP, _SENTENCE, _LOOK_AT, _LINK and, with --url, _URL. No "
        "shell reads COMMAND; its output goes to stderr",
    )
    watch.set_defaults(command=_watch)


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument("logdir", help="as for tensorboard --logdir; local or remote")
    command.add_argument(
        "--fail-on",
        type=finding_names,
        default=frozenset(),
        metavar="NAME[,NAME...]",
        help=f"exit with 1 if one of these is found: {', '.join(IDS)}; of a severity: "
        f"{', '.join(SEVERITIES)}; or {ANY}",
    )
    command.add_argument(
        "--strict",
        action="store_true",
        help="a finding counts as failed too while it is too early to tell; without --fail-on: "
        "every finding",
    )
    command.add_argument(
        "--thresholds",
        metavar="FILE.toml",
        help=f"levels of the findings; without it those of {FILE_NAME} in the log directory, if "
        "it is there",
    )
    command.add_argument(
        "--url",
        type=_url,
        metavar="URL",
        help="where TensorBoard answers, as http://localhost:6006: print with each finding the "
        "address of its run, stream and first step",
    )


# Each command imports what it needs: one that breaks leaves the others whole.


def _report(arguments: argparse.Namespace) -> int:
    from tb_meanpixel.command_line import report

    return report.run(arguments)


def _watch(arguments: argparse.Namespace) -> int:
    from tb_meanpixel.command_line import watch

    return watch.run(arguments)


def _measure(arguments: argparse.Namespace) -> int:
    from tb_meanpixel.command_line import measure

    return measure.run(arguments)


def _explain(arguments: argparse.Namespace) -> int:
    say(*page(arguments.id).splitlines())
    return OK


def _doctor(arguments: argparse.Namespace) -> int:
    from tb_meanpixel.command_line import doctor

    return doctor.run(arguments)


def _seconds(text: str) -> float:
    seconds = float(text)  # argparse tells a ValueError
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"must be some seconds, more than 0; got {text}")
    return seconds


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"must begin with http:// or https://; got {text!r}")
    return text
