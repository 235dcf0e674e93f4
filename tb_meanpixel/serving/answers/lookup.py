"""Runs, streams and channels by their names in a request: a 404 if one does not exist.

In an answer about many runs, those without the stream or channel get a note instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from tensorboard import errors

from tb_meanpixel.serving.answers.query import INTEGER, Query, quoted
from tb_meanpixel.serving.reading.runs import Run, Stream


def find_runs(query: Query, runs: Sequence[Run]) -> list[Run]:
    """The runs that the parameter `run` names; all runs without it."""
    by_name = {run.name: run for run in runs}
    names = query.distinct("run")
    for name in names:
        if name not in by_name:
            raise errors.NotFoundError(_no_run(name))
    return [by_name[name] for name in names] or list(runs)


def find_run(query: Query, runs: Sequence[Run], parameter: str = "run") -> Run:
    """The one run that a parameter names."""
    name = query.required(parameter)
    for run in runs:
        if run.name == name:
            return run
    raise errors.NotFoundError(_no_run(name))


def find_stream(query: Query, run: Run) -> Stream:
    """The stream of a run that the parameter `stream` names."""
    name = query.required("stream")
    stream = run.stream(name)
    if stream is None:
        raise errors.NotFoundError(_no_stream(name, run))
    return stream


def find_streams(query: Query, runs: Sequence[Run]) -> tuple[list[tuple[Run, Stream]], list[str]]:
    """The stream of that name in each run, and notes on runs that lack it.

    A single run must have it.
    """
    name = query.required("stream")
    if len(runs) == 1:
        return [(runs[0], find_stream(query, runs[0]))], []
    found = [(run, run.stream(name)) for run in runs]
    notes = [_no_stream(name, run) for run, stream in found if stream is None]
    return [(run, stream) for run, stream in found if stream is not None], notes


def stream_names(query: Query, runs: Sequence[Run]) -> list[str]:
    """The values of `stream`, each of which one of the runs must have; none means all."""
    names = query.distinct("stream")
    existing = {stream.info.name for run in runs for stream in run.streams}
    for name in names:
        if name not in existing:
            raise errors.NotFoundError(f"No stream {quoted(name)} in the requested runs")
    return names


def find_channels(
    query: Query, streams: Sequence[tuple[Run, Stream]]
) -> tuple[list[tuple[Run, Stream, int | None]], list[str]]:
    """The index of the channel that `channel` names or numbers, in each stream.

    None means all channels. Streams that lack it are noted; a single one must have it.
    """
    name = query.text("channel")
    if not name:
        return [(run, stream, None) for run, stream in streams], []
    found: list[tuple[Run, Stream, int | None]] = []
    notes = []
    for run, stream in streams:
        channels = stream.info.channels
        if name in channels:
            found.append((run, stream, channels.index(name)))
        elif INTEGER.fullmatch(name) and 0 <= int(name) < len(channels):
            found.append((run, stream, int(name)))
        else:
            notes.append(
                f"No channel {quoted(name)} in stream {quoted(stream.info.name)} of run "
                f"{quoted(run.name)}; it has {', '.join(channels)}"
            )
    if notes and len(streams) == 1:
        raise errors.NotFoundError(notes[0])
    return found, notes


def _no_run(name: str) -> str:
    return f"No mean-pixel records for run {quoted(name)}"


def _no_stream(name: str, run: Run) -> str:
    return f"No stream {quoted(name)} in run {quoted(run.name)}"
