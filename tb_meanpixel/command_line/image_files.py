"""Which files are images, of which step each is, and what it is called without its step."""

from __future__ import annotations

import glob
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tb_meanpixel.command_line.exit_codes import CommandError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".npy")

#: How a step stands in a file name, for the help and for an error.
RULE = (
    "the first number after the word step, epoch, iter or iteration; without such a word the last "
    "number of the name"
)
_WORD = re.compile(r"(?<![a-z])(?:steps?|epochs?|iter(?:ation)?s?)(?![a-z])\D*(\d+)", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"(\d+)(?!.*\d)")
_BETWEEN_WORDS = re.compile(r"[-_.=\s]+")
_NAMED_AT_ONCE = 10


class ImageSource(NamedTuple):
    """What holds an image, or a batch of them.

    Attributes:
        place: for messages: where it lies.
        name: without its step; "" if nothing else is in it.
        open: a path, or a file in memory.
        is_array: whether it is numpy's format.
    """

    place: str
    name: str
    open: Callable[[], Path | io.BytesIO]
    is_array: bool = False

    @classmethod
    def of_file(cls, path: Path, name: str) -> ImageSource:
        """A file under a name."""
        return cls(str(path), tidy(name), lambda: path, path.suffix.lower() == ".npy")


def find_files(words: Iterable[str]) -> list[Path]:
    """The image files of paths, directories and globs; those of a directory at any depth.

    Raises:
        CommandError: if there are none; it says of which word.
    """
    found: dict[Path, None] = {}  # each once, in their order
    for word in words:
        paths = [path for path in _paths(word) if path.suffix.lower() in SUFFIXES]
        if not paths:
            raise CommandError(
                f"There are no images at {word!r}: files that end in {', '.join(SUFFIXES)}"
            )
        found |= dict.fromkeys(paths)
    return list(found)


def _paths(word: str) -> list[Path]:
    path = Path(word).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        inside = (one for one in path.rglob("*") if not one.name.startswith("."))
        return sorted(one for one in inside if one.is_file())
    found = sorted(Path(one) for one in glob.glob(str(path), recursive=True))  # noqa: PTH207  also "/x/*"
    return [one for one in found if one.is_file()]


def by_step(files: Iterable[Path], pattern: re.Pattern[str] | None) -> dict[int, list[ImageSource]]:
    """The sources of each step, in the order of the steps.

    Args:
        files: of all steps.
        pattern: its group is the step, in the name or else in the path; None for `RULE`.

    Raises:
        CommandError: if there is no number in a name.
    """
    steps: dict[int, list[ImageSource]] = {}
    refused = []
    for path in files:
        found = _step(path, pattern)
        if found is None:
            refused.append(str(path))
        else:
            steps.setdefault(found[0], []).append(ImageSource.of_file(path, found[1]))
    if refused:
        rule = f"--step-pattern {pattern.pattern!r} has none in it" if pattern else RULE
        raise CommandError(
            f"The step of {listed(refused)} cannot be told: {rule}. Name the step by a pattern "
            r"with one group, for instance: --step-pattern 'it(\d+)'"
        )
    return dict(sorted(steps.items()))


def _step(path: Path, pattern: re.Pattern[str] | None) -> tuple[int, str] | None:
    """The step of a file, and its name without that."""
    name = path.stem
    if pattern is None:
        match = _WORD.search(name) or _LAST_NUMBER.search(name)
    else:
        match = pattern.search(name)
        if match is None and (match := pattern.search(path.as_posix())):
            return (int(match[1]), name) if _is_number(match[1]) else None
    if match is None or not _is_number(match[1]):
        return None
    return int(match[1]), f"{name[: match.start()]} {name[match.end() :]}"


def _is_number(text: str | None) -> bool:
    return text is not None and text.isdecimal()


def tidy(name: str) -> str:
    """A name whose words are parted by one underscore each.

    Example:
        >>> tidy("cat-3 .step=")
        'cat_3_step'
    """
    return "_".join(filter(None, _BETWEEN_WORDS.split(name)))


def references_by_name(files: Sequence[Path]) -> dict[str, ImageSource]:
    """The references by their names.

    Raises:
        CommandError: if two have the same.
    """
    found: dict[str, ImageSource] = {}
    for path in files:
        source = ImageSource.of_file(path, path.stem)
        if source.name in found:
            raise CommandError(
                f"Two references have the same name: {found[source.name].place} and {path}. Pairs "
                "go by the names: leave one of them out"
            )
        found[source.name] = source
    return found


Pair = tuple[ImageSource, ImageSource]


def pair(
    steps: Mapping[int, Sequence[ImageSource]], references: Mapping[str, ImageSource]
) -> tuple[dict[int, list[Pair]], list[str]]:
    """The outputs of each step with their references, and sentences about those without.

    An output whose name is its step alone has the only reference for its partner.

    Raises:
        CommandError: if there is no pair at all.
    """
    partners = dict(references)
    if len(references) == 1:
        partners.setdefault("", *references.values())
    pairs: dict[int, list[Pair]] = {}
    alone: list[str] = []
    for step, outputs in steps.items():
        for output in outputs:
            if output.name in partners:
                pairs.setdefault(step, []).append((output, partners[output.name]))
            else:
                alone.append(output.place)
    if not pairs:
        output = next(output for outputs in steps.values() for output in outputs)
        raise CommandError(
            f"No output has a reference of its name: {output.place} looks for {output.name!r}, and "
            f"the references are named {listed(list(references))}. Leave out --paired if the "
            "outputs reproduce no reference"
        )
    used = {reference.place for ones in pairs.values() for _, reference in ones}
    unused = [one.place for one in references.values() if one.place not in used]
    notes = [f"Left out, without a reference: {listed(alone)}."] if alone else []
    notes += [f"Left out, without an output: {listed(unused)}."] if unused else []
    return pairs, notes


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - _NAMED_AT_ONCE
    return ", ".join(names[:_NAMED_AT_ONCE]) + (f" and {more} more" if more > 0 else "")
