"""Text for a terminal: names come from a directory that others may write to."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TypeVar

# Control characters, marks of direction, halves of characters, and what ends a line.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_Item = TypeVar("_Item")


def printable(text: str) -> str:
    r"""A line without control characters: an escape sequence would command the terminal.

    Example:
        >>> printable("a\x1b[2Jb"), printable("größer")
        ('a\\x1b[2Jb', 'größer')
    """
    return "".join(
        ascii(character)[1:-1] if unicodedata.category(character) in _UNSAFE else character
        for character in text
    )


def say(*lines: str) -> None:
    """Print lines, at once: a reader of `watch` waits for them."""
    print("\n".join(map(printable, lines)), flush=True)


def complain(*lines: str) -> None:
    """Print lines to stderr."""
    print("\n".join(map(printable, lines)), file=sys.stderr, flush=True)


def can_print(text: str) -> bool:
    """Whether the encoding of stdout has these characters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def progress(steps: Mapping[int, _Item]) -> Iterator[tuple[int, _Item]]:
    """The steps; a terminal sees how far they are."""
    shows = sys.stderr.isatty()
    for index, (step, item) in enumerate(steps.items()):
        if shows:
            sys.stderr.write(f"{index + 1} of {len(steps)} steps\r")  # the next line goes over it
            sys.stderr.flush()
        yield step, item
    if shows:
        sys.stderr.write("\x1b[K")
