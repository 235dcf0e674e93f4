"""The parameters of a request, checked: a sentence for what is missing or impossible."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from tensorboard import errors

from tb_meanpixel.schema.metadata import QUANTITIES, Quantity
from tb_meanpixel.serving.reading.runs import Run, Stream

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

_INTEGER = re.compile(r"-?[0-9]{1,15}")  # below 2^53: JavaScript's numbers hold them

_Choice = TypeVar("_Choice", bound=str)


class Query:
    """What was asked for.

    Raises:
        errors.InvalidArgumentError: each method, if a parameter is not as it must be.
        errors.NotFoundError: if a run or stream is not there.
    """

    def __init__(self, args: MultiDict[str, str]) -> None:
        self._args = args

    def many(self, parameter: str) -> list[str]:
        """Every value of a parameter that may be repeated, each once."""
        return list(dict.fromkeys(self._args.getlist(parameter)))

    def each(self, parameter: str) -> list[str]:
        """Every value of a parameter that may be repeated, as given."""
        return self._args.getlist(parameter)

    def required(self, parameter: str) -> str:
        value = self._args.get(parameter)
        if not value:
            raise errors.InvalidArgumentError(f"parameter {parameter!r} is missing")
        return value

    def has(self, parameter: str) -> bool:
        return parameter in self._args

    def choice(self, parameter: str, choices: Sequence[_Choice]) -> _Choice:
        """A parameter that is one of `choices`; the first is the default."""
        value = self._args.get(parameter, choices[0])
        for choice in choices:
            if value == choice:
                return choice
        raise errors.InvalidArgumentError(
            f"parameter {parameter!r} must be one of {', '.join(choices)}; got {_shown(value)}"
        )

    def integer(self, parameter: str, least: int = -(10**15)) -> int | None:
        """A whole number, None if it is not given."""
        values = self.integers(parameter, least)
        return values[-1] if values else None

    def integers(self, parameter: str, least: int = -(10**15)) -> list[int]:
        """Every value of a whole number that may be repeated."""
        values = self._args.getlist(parameter)
        for value in values:
            if not _INTEGER.fullmatch(value) or int(value) < least:
                bound = f" of at least {least}" if least > -(10**15) else " of up to 15 digits"
                raise errors.InvalidArgumentError(
                    f"parameter {parameter!r} must be a whole number{bound}; got {_shown(value)}"
                )
        return [int(value) for value in values]

    def quantity(self) -> Quantity:
        return self.choice("quantity", QUANTITIES)

    def chosen(self, runs: Sequence[Run]) -> list[Run]:
        """The runs asked for by `run`; all of them if none was."""
        by_name = {run.name: run for run in runs}
        names = self.many("run")
        for name in names:
            if name not in by_name:
                raise errors.NotFoundError(f"No mean-pixel records for run {_shown(name)}")
        return [by_name[name] for name in names] or list(runs)

    def run(self, runs: Sequence[Run], parameter: str = "run") -> Run:
        """The one run that a parameter names."""
        name = self.required(parameter)
        for run in runs:
            if run.name == name:
                return run
        raise errors.NotFoundError(f"No mean-pixel records for run {_shown(name)}")

    def stream(self, run: Run) -> Stream:
        """The stream asked for by `stream`."""
        name = self.required("stream")
        stream = run.stream(name)
        if stream is None:
            raise errors.NotFoundError(no_stream(name, run))
        return stream

    def streams(self, runs: Sequence[Run]) -> tuple[list[tuple[Run, Stream]], list[str]]:
        """The stream asked for of each run, and notes on those that lack it.

        A single run must have it.
        """
        name = self.required("stream")
        if len(runs) == 1:
            return [(runs[0], self.stream(runs[0]))], []
        found = [(run, run.stream(name)) for run in runs]
        notes = [no_stream(name, run) for run, stream in found if stream is None]
        return [(run, stream) for run, stream in found if stream is not None], notes

    def some_streams(self, runs: Sequence[Run]) -> list[str]:
        """The streams asked for, each of which one of the runs must have; none for all."""
        names = self.many("stream")
        there = {stream.info.name for run in runs for stream in run.streams}
        for name in names:
            if name not in there:
                raise errors.NotFoundError(f"No stream {_shown(name)} in the runs asked for")
        return names

    def rows(
        self, streams: Sequence[tuple[Run, Stream]]
    ) -> tuple[list[tuple[Run, Stream, int | None]], list[str]]:
        """The row asked for by `channel`, by number or by name, of each stream; None for all rows.

        Streams that lack it are noted; a single one must have it.
        """
        asked = self._args.get("channel")
        if not asked:
            return [(run, stream, None) for run, stream in streams], []
        found: list[tuple[Run, Stream, int | None]] = []
        notes = []
        for run, stream in streams:
            channels = stream.info.channels
            if asked in channels:
                found.append((run, stream, channels.index(asked)))
            elif _INTEGER.fullmatch(asked) and 0 <= int(asked) < len(channels):
                found.append((run, stream, int(asked)))
            else:
                notes.append(
                    f"No channel {_shown(asked)} in stream {_shown(stream.info.name)} of run "
                    f"{_shown(run.name)}; it has {', '.join(channels)}"
                )
        if notes and len(streams) == 1:
            raise errors.NotFoundError(notes[0])
        return found, notes


def no_stream(name: str, run: Run) -> str:
    """The sentence for a stream that is not there."""
    return f"No stream {_shown(name)} in run {_shown(run.name)}"


def _shown(value: str) -> str:
    """A value in a sentence: quoted, and not longer than a line."""
    return repr(value if len(value) <= 80 else value[:77] + "...")
