"""The parameters of a request, checked: a sentence for each that is missing or impossible."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from tensorboard import errors

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

INTEGER = re.compile(r"-?[0-9]{1,15}")  # below 2^53: JavaScript's numbers hold them
_MIN_INTEGER = -(10**15)

_Choice = TypeVar("_Choice", bound=str)


class Query:
    """The parameters by name; each method raises `InvalidArgumentError` for a bad value."""

    def __init__(self, args: MultiDict[str, str]) -> None:
        self._args = args

    def has(self, parameter: str) -> bool:
        """Whether the parameter is given."""
        return parameter in self._args

    def text(self, parameter: str) -> str:
        """The first value; empty if it is not given."""
        return self._args.get(parameter, "")

    def required(self, parameter: str) -> str:
        """The first value, which must not be empty."""
        value = self._args.get(parameter)
        if not value:
            raise errors.InvalidArgumentError(f"parameter {parameter!r} is missing")
        return value

    def all_values(self, parameter: str) -> list[str]:
        """Every value of a parameter that may be repeated."""
        return self._args.getlist(parameter)

    def distinct(self, parameter: str) -> list[str]:
        """Every value of a parameter that may be repeated, each once."""
        return list(dict.fromkeys(self._args.getlist(parameter)))

    def choice(self, parameter: str, choices: Sequence[_Choice]) -> _Choice:
        """A parameter that is one of `choices`; the first is the default."""
        value = self._args.get(parameter, choices[0])
        for choice in choices:
            if value == choice:
                return choice
        raise errors.InvalidArgumentError(
            f"parameter {parameter!r} must be one of {', '.join(choices)}; got {quoted(value)}"
        )

    def integer(self, parameter: str, minimum: int = _MIN_INTEGER) -> int | None:
        """A whole number; None if it is not given."""
        values = self.integers(parameter, minimum)
        return values[-1] if values else None

    def integers(self, parameter: str, minimum: int = _MIN_INTEGER) -> list[int]:
        """Every value of a whole number that may be repeated."""
        values = self._args.getlist(parameter)
        for value in values:
            if not INTEGER.fullmatch(value) or int(value) < minimum:
                bound = (
                    " of up to 15 digits" if minimum == _MIN_INTEGER else f" of at least {minimum}"
                )
                raise errors.InvalidArgumentError(
                    f"parameter {parameter!r} must be a whole number{bound}; got {quoted(value)}"
                )
        return [int(value) for value in values]


def quoted(value: str) -> str:
    """A value in a sentence: quoted, and not longer than a line."""
    return repr(value if len(value) <= 80 else value[:77] + "...")
