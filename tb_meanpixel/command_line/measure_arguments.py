"""The arguments of `tb-meanpixel measure`; nothing heavy is imported for them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

from tb_meanpixel.command_line.image_files import RULE, SUFFIXES

_DESCRIPTION = f"""
Compares pictures that a training has left with references, writes the records into a log
directory, and prints their report. No callback is needed.

The step of a file is {RULE}. Files of one step are one batch. Directories are read at any depth;
files count that end in {", ".join(SUFFIXES)}. An array in a .npy file is (height, width), (height,
width, channels), or a batch of such. All of one step is in memory at a time, and all references.
"""


def add_measure(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[[argparse.Namespace], int],
) -> None:
    """Add the command; `command` runs it."""
    measure = commands.add_parser(
        "measure",
        help="records of sample pictures, or of the image summaries of a run",
        description=_DESCRIPTION,
        epilog="Exit code: 0 if all is measured; 2 for a usage error, or images that cannot be "
        "read or do not fit each other.",
    )
    measure.add_argument(
        "images",
        nargs="+",
        metavar="IMAGES",
        help="a directory, or a glob in quotes, such as 'samples/step_*.png'; with --tag a log "
        "directory",
    )
    measure.add_argument(
        "--reference",
        required=True,
        metavar="DIR|GLOB",
        help="what the outputs should look like: a directory, or a glob in quotes",
    )
    measure.add_argument(
        "--log-dir",
        dest="logdir",
        required=True,
        metavar="DIR",
        help="directory of the run that is written. A step that it has already replaces what it "
        "has from there on; a line says so",
    )
    measure.add_argument(
        "--paired",
        action="store_true",
        help="each output reproduces the reference of its name, without the step. What has no "
        "partner is listed and left out",
    )
    measure.add_argument(
        "--step-pattern",
        type=_pattern,
        metavar="REGEX",
        help="a regular expression with one group, the step; looked for in the file name, then in "
        "the whole path",
    )
    measure.add_argument(
        "--grid",
        type=_two_numbers,
        metavar="ROWSxCOLUMNS",
        help="cut each output into so many tiles, and each reference that is as large as an output",
    )
    measure.add_argument(
        "--padding",
        type=_number,
        default=0,
        metavar="PIXELS",
        help="around each tile of a grid; default 0. make_grid of torchvision has 2",
    )
    measure.add_argument(
        "--tiles",
        type=_number,
        metavar="NUMBER",
        help="only the first tiles of each grid, where its last row is not full",
    )
    measure.add_argument(
        "--resize",
        type=_two_numbers,
        metavar="HEIGHTxWIDTH",
        help="resize all images, after cutting grids; averages pixels where images shrink",
    )
    measure.add_argument(
        "--range",
        type=float,
        nargs=2,
        metavar=("LOW", "HIGH"),
        help="what pixels should lie in, such as 0 255; without it that of the references",
    )
    measure.add_argument("--stream", default="samples", metavar="NAME", help="default samples")
    measure.add_argument(
        "--unit",
        choices=("step", "epoch", "image"),
        default="step",
        help="what a step counts; default step",
    )
    measure.add_argument(
        "--tag", metavar="NAME", help="measure the image summaries of this tag in a log directory"
    )
    measure.set_defaults(command=command)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"is no regular expression: {error}") from error
    if pattern.groups != 1:
        raise argparse.ArgumentTypeError(
            rf"must have one group, the step, such as 'it(\d+)'; got {text!r}"
        )
    return pattern


def _two_numbers(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9]\d*)[xX×]([1-9]\d*)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"must be two whole numbers such as 8x8; got {text!r}")
    return int(match[1]), int(match[2])


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number; got {text!r}")
    return int(text)
