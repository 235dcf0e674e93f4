"""Pictures that a training has left, measured: no callback is needed."""

from __future__ import annotations

import argparse
import contextlib
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tb_meanpixel.command_line import report
from tb_meanpixel.command_line.exit_codes import CommandError
from tb_meanpixel.command_line.image_files import (
    ImageSource,
    by_step,
    find_files,
    pair,
    references_by_name,
)
from tb_meanpixel.command_line.image_summaries import summaries_by_step
from tb_meanpixel.command_line.pictures import look
from tb_meanpixel.command_line.preparation import Grid, Preparation
from tb_meanpixel.command_line.terminal import complain, progress
from tb_meanpixel.recording.event_directory import is_remote
from tb_meanpixel.recording.recorded_steps import last_recorded_step
from tb_meanpixel.recording.writer import MeanPixelWriter
from tb_meanpixel.schema.metadata import EVENT_DIRECTORY_NAME
from tb_meanpixel.statistics.folds import FOLDS
from tb_meanpixel.statistics.images import Array

# What the writer's warning of a replacement says to users of Python.
_ADVICE = ". To go on, "
# Samples are tested in folds, of which each must have a spread.
_ENOUGH = 2 * FOLDS
# What the run of the log directory itself is called.
_THIS = "."


def run(arguments: argparse.Namespace) -> int:
    """Write the records of all steps, and print the report of the run."""
    outputs = _outputs(arguments)
    files = find_files([arguments.reference])
    work = _pairs(outputs, files) if arguments.paired else _samples(outputs, files)
    prepared = _preparation(work, arguments)
    complain(*work.notes, *prepared.notes) if work.notes or prepared.notes else None
    try:
        with _plain_warnings(), _without_live_findings():
            _write(work, prepared, arguments)
    except (OSError, TypeError, ValueError) as error:
        raise CommandError(str(error)) from error
    last = max(work.steps)
    directory = str(Path(arguments.logdir, EVENT_DIRECTORY_NAME).resolve())
    if not is_remote(arguments.logdir) and last_recorded_step(directory, arguments.stream) != last:
        raise CommandError(f"Not all steps were written to {arguments.logdir!r}; see above")
    return report.run(_report_arguments(arguments))


class _Work(NamedTuple):
    """What is measured.

    Attributes:
        steps: the outputs of each step, and their references if they are pairs.
        references: all that are used, each once.
        notes: sentences about what is left out.
    """

    steps: Mapping[int, tuple[Sequence[ImageSource], Sequence[ImageSource]]]
    references: Sequence[ImageSource]
    notes: Sequence[str] = ()


def _outputs(arguments: argparse.Namespace) -> dict[int, list[ImageSource]]:
    if not arguments.tag:
        return by_step(find_files(arguments.images), arguments.step_pattern)
    if len(arguments.images) > 1:
        raise CommandError("--tag looks into one log directory: give one")
    if arguments.paired:
        raise CommandError("Pairs go by file names, and image summaries have none: leave --paired")
    return summaries_by_step(arguments.images[0], arguments.tag)


def _samples(outputs: Mapping[int, Sequence[ImageSource]], files: Sequence[Path]) -> _Work:
    references = [ImageSource.of_file(path, path.stem) for path in files]
    return _Work({step: (ones, ()) for step, ones in outputs.items()}, references)


def _pairs(outputs: Mapping[int, Sequence[ImageSource]], files: Sequence[Path]) -> _Work:
    pairs, notes = pair(outputs, references_by_name(files))
    used = {one.place: one for ones in pairs.values() for _, one in ones}
    steps = {step: ([a for a, _ in ones], [b for _, b in ones]) for step, ones in pairs.items()}
    return _Work(steps, list(used.values()), notes)


def _preparation(work: _Work, arguments: argparse.Namespace) -> Preparation:
    """All files are looked at before anything is written: what does not fit leaves no trace."""
    rows, columns = arguments.grid or (1, 1)
    grid = Grid(rows, columns, arguments.padding, arguments.tiles)
    outputs = [look(one) for ones, _ in work.steps.values() for one in ones]
    references = [look(one) for one in work.references]
    return Preparation(outputs, references, grid, arguments.resize)


def _write(work: _Work, prepared: Preparation, arguments: argparse.Namespace) -> None:
    kept = {one.place: prepared.images(one) for one in work.references}
    reference: Array | None = None
    if not arguments.paired:
        reference = np.concatenate(list(kept.values()))
        kept = {}
    writer = MeanPixelWriter(
        arguments.logdir,
        stream=arguments.stream,
        unit=arguments.unit,
        value_range=arguments.range,
        paired=arguments.paired,
    )
    fewest = _ENOUGH
    with writer:
        for step, (outputs, references) in progress(work.steps):
            try:
                images = [prepared.images(one) for one in outputs]
            except CommandError as error:
                raise CommandError(f"{error}; the steps before {step} are written") from error
            if references:
                _check_counts(images, outputs, [kept[one.place] for one in references], references)
                reference = np.concatenate([kept[one.place] for one in references])
            writer.write(step, output=np.concatenate(images), reference=reference)
            fewest = min(fewest, sum(map(len, images)))
            if not arguments.paired:
                reference = None  # the writer has it
    if not arguments.paired and fewest < _ENOUGH:
        complain(
            f"There are steps of {fewest} images: of fewer than {_ENOUGH} some findings, such as "
            "a collapse, cannot be told."
        )


def _check_counts(
    images: Sequence[Array],
    outputs: Sequence[ImageSource],
    partners: Sequence[Array],
    references: Sequence[ImageSource],
) -> None:
    for image, output, partner, reference in zip(
        images, outputs, partners, references, strict=True
    ):
        if len(image) != len(partner):
            raise CommandError(
                f"{output.place} holds {len(image)} images, and its reference {reference.place} "
                f"{len(partner)}: pairs need as many"
            )


@contextlib.contextmanager
def _plain_warnings() -> Iterator[None]:
    """A warning is a line, without a place in the code."""

    def show(message: Warning | str, *_: object, **__: object) -> None:
        complain(str(message).partition(_ADVICE)[0])

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.showwarning = show
        yield


@contextlib.contextmanager
def _without_live_findings() -> Iterator[None]:
    """The report at the end has them all."""
    log = logging.getLogger("tb_meanpixel")
    was_off, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = was_off


def _report_arguments(arguments: argparse.Namespace) -> argparse.Namespace:
    """Those of `report` for the run alone, without the runs below its directory."""
    return argparse.Namespace(
        logdir=arguments.logdir,
        thresholds=None,
        since=None,
        run=_THIS,
        stream=None,
        best=None,
        json=False,
        url=None,
        fail_on=frozenset(),
        strict=False,
    )
