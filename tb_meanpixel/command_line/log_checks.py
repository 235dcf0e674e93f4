"""Whether a log directory holds records, complete and readable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

from tb_meanpixel.command_line.check import Check
from tb_meanpixel.findings.sentences import interval
from tb_meanpixel.schema.metadata import EVENT_DIRECTORY_NAME
from tb_meanpixel.serving.reading.event_file_check import check_event_file
from tb_meanpixel.serving.reading.log_files import readable
from tb_meanpixel.serving.reading.logdir import NoDataError, OpenLogdir, open_logdir
from tb_meanpixel.serving.reading.runs import Catalog, Run, Stream

# An event file that is longer holds more than its head.
_SHORT_BYTES = 1024

_HARMLESS = "That is harmless while the run still writes, and where it was killed as it wrote"


def logs(logdir: str) -> Iterator[Check]:
    """What there is in a log directory: the same as `report` sees."""
    if "://" not in logdir and not Path(logdir).exists():
        yield Check(False, f"{logdir!r} is no directory", "Give the directory that log_dir names")
        return
    try:
        opened = open_logdir(logdir)
        catalog = opened.reader.catalog()
    except NoDataError as error:
        yield Check(False, str(error))
        return
    for problem in opened.files.problems:
        yield Check(False, problem)
    for damage in opened.damage.values():
        yield Check(False, damage, _HARMLESS if "within a record" in damage else "")
    yield from _event_files(logdir, opened, catalog)
    for run in catalog.runs:
        yield from _run(run)
    for note in catalog.notes:
        yield Check(False, note)


def _event_files(logdir: str, opened: OpenLogdir, catalog: Catalog) -> Iterator[Check]:
    """How many of the event files are ours, by their place or by what is in them."""
    with_streams = {run.event_directory for run in catalog.runs if run.streams}
    ours = [
        path
        for directory in opened.files.directories
        if directory.name in with_streams or PurePath(directory.path).name == EVENT_DIRECTORY_NAME
        for path in directory.files
    ]
    fix = f'Type: callbacks=[MeanPixelCallback("{logdir}/my-model", reference=x_val)]'
    if not ours:
        text = f"no event files below a directory {EVENT_DIRECTORY_NAME}/ in {logdir!r}"
        yield Check(False, text, fix)
        return
    yield Check(True, f"event files of tb-meanpixel in {logdir!r}: {len(ours)}")
    for path in ours:
        if "://" not in path and Path(path).stat().st_size < _SHORT_BYTES:
            check = check_event_file(path)
            if check.end == "whole" and check.readable < 2:
                yield Check(True, f"{readable(path)} is empty: nothing was recorded into it")
    if not any(stream.steps.loaded for run in catalog.runs for stream in run.streams):
        scalars = any(run.curves for run in catalog.runs)
        what = "only scalars were recorded" if scalars else "nothing was recorded"
        yield Check(False, f"the tab is empty: {what}, and no images", fix)


def _run(run: Run) -> Iterator[Check]:
    for stream in run.streams:
        yield _stream(run, stream)
    if not run.curves:
        yield Check(True, f"{run.name}: no loss curve; the scores are shown without one")
    for note in run.notes:
        yield Check(False, f"{run.name}: {note}")


def _stream(run: Run, stream: Stream) -> Check:
    loaded, recorded = stream.steps.loaded, stream.steps.recorded
    low, high, source = stream.info.value_range
    known = "declared" if source == "declared" else f"inferred from the reference's {source}"
    return Check(
        loaded >= recorded,
        f"{run.name}/{stream.info.name}: {loaded} of {recorded} records, value range "
        f"{interval(low, high)} ({known}), {stream.info.reference_count} reference images",
        "" if loaded >= recorded else "Some were lost on disk; the others are shown",
    )
