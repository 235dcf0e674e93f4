"""An answer to those who know `global_step` of other writers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def names_step(method: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """The same method, which answers `global_step=` with the name of its own argument.

    Example:
        >>> @names_step
        ... def write(step): ...
        >>> write(global_step=3)
        Traceback (most recent call last):
        TypeError: write has no argument global_step: the step comes first. Type: writer.write(step)
    """

    @functools.wraps(method)
    def answering(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        if "global_step" in kwargs:
            name = method.__name__
            place = (
                "the step is given when the sums are written. Type: writer.write(step)"
                if name == "update"
                else f"the step comes first. Type: writer.{name}(step{_REST.get(name, '')})"
            )
            raise TypeError(f"{name} has no argument global_step: {place}")
        return method(*args, **kwargs)

    return answering


_REST = {"write_record": ", record", "write_scalars": ", scalars"}
