"""Who imports whom, folder by folder, in the package and in the page.

    python tests/architecture/imports.py    # rooms, arrows and levels of both

A room is a folder, or a file beside the folders; an arrow is an import from one room into another,
whether it is for types alone or waits within a function; the levels are the rooms of the longest
way along arrows.
"""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
# In the order of the data's way: a room imports from those before it.
PACKAGE = (
    "tensorboard_private",
    "statistics",
    "schema",
    "findings",
    "recording",
    "integrations",
    "serving/reading",
    "serving/encoding",
    "serving/answers",
    "runs",
    "command_line",
    "plugin",
)
PAGE = (
    "base",
    "model",
    "server",
    "drawing",
    "state",
    "charts",
    "report",
    "views/shell",
    "views/run",
    "views/compare",
    "app",
)


class Import(NamedTuple):
    """An import as it is written: of a file by another one, both below the same folder."""

    file: Path
    line: int
    text: str
    target: Path

    def __str__(self):
        return f"{self.file.relative_to(ROOT)}:{self.line}: {self.text}"


class House(NamedTuple):
    """Rooms in their order, and the imports of the files in them."""

    folder: Path
    order: tuple[str, ...]
    imports: list[Import]

    def room(self, file):
        """The room of a file; None for the package's own `__init__.py`, the names for users."""
        parts = file.relative_to(self.folder).with_suffix("").parts
        if parts == ("__init__",):
            return None
        if self.order is PAGE and len(parts) == 1:
            return "app"
        if parts == ("__main__",):
            return "command_line"
        return "/".join(parts[:2] if parts[0] in ("serving", "views") else parts[:1])

    @property
    def arrows(self):
        """`{(from, to): [imports]}` between rooms."""
        found: dict[tuple[str, str], list[Import]] = {}
        for one in self.imports:
            arrow = self.room(one.file), self.room(one.target)
            if None not in arrow and arrow[0] != arrow[1]:
                found.setdefault(arrow, []).append(one)
        return found

    @property
    def rooms(self):
        """Those in which there is code."""
        return {room for arrow in self.arrows for room in arrow}

    @property
    def upward(self):
        """Imports from a room that comes later, or that has no place in the order."""
        place = {room: index for index, room in enumerate(self.order)}
        return [
            one
            for (importer, imported), ones in self.arrows.items()
            if not place.get(imported, len(place)) < place.get(importer, -1)
            for one in ones
        ]

    @property
    def levels(self):
        """How many rooms the longest way along arrows has; of a circle there is none."""
        below = {room: {to for source, to in self.arrows if source == room} for room in self.rooms}

        @functools.cache
        def height(room):
            return 1 + max(map(height, below[room]), default=0)

        return max(map(height, self.rooms))

    def circle(self):
        """Files that import each other, each the next one; [] if there are none."""
        targets: dict[Path, list[Path]] = {}
        for one in self.imports:
            targets.setdefault(one.file, []).append(one.target)
        done: set[Path] = set()

        def search(file, way):
            if file in way:
                return [*way[way.index(file) :], file]
            if file in done:
                return []
            found = next(
                filter(None, (search(to, [*way, file]) for to in targets.get(file, []))), []
            )
            done.add(file)
            return found

        return next(filter(None, (search(file, []) for file in list(targets))), [])


def package():
    """The package: every import of its own modules, lazy ones too."""
    folder = ROOT / "tb_meanpixel"
    files = [file for file in sorted(folder.rglob("*.py")) if not file.name.endswith("_pb2.py")]
    return House(folder, PACKAGE, [one for file in files for one in _of_python(folder, file)])


def _of_python(folder: Path, file: Path) -> Iterator[Import]:
    text = file.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        for name in python_names(node, file):
            target = _module(folder, name)
            if target and target != file:
                yield Import(file, node.lineno, ast.get_source_segment(text, node) or name, target)


def python_names(node: ast.AST, file: Path) -> list[str]:
    """The dotted names that a node imports: of modules, or of what is in them."""
    match node:
        case ast.Import(names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module, names, level):
            parts = file.relative_to(ROOT).parent.parts
            start = ".".join([*parts[: len(parts) - level + 1], *([module] if module else [])])
            start = start if level else module or ""
            return [f"{start}.{alias.name}" for alias in names]
        case ast.Call(ast.Attribute(attr="import_module"), [ast.Constant(str(name)), *_]):
            return [name]
    return []


def _module(folder: Path, name: str) -> Path | None:
    """The file of a dotted name, or of the module that it is in; `tb_meanpixel` alone is none."""
    first, *parts = name.split(".")
    if first != folder.name or not parts:
        return None
    for end in range(len(parts), -1, -1):
        path = folder.joinpath(*parts[:end])
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file() and (end or file.name == "__init__.py"):
                return file
    return None


def page():
    """The page: every import of its own files, those of types and style sheets too."""
    folder = ROOT / "frontend" / "src"
    return House(
        folder, PAGE, [one for file in sorted(folder.rglob("*.ts")) for one in _of_page(file)]
    )


_STATEMENT = re.compile(
    r"""^(?:import|export)\b[^;"']*?["'](\.[^"']+)["']|\bimport\(\s*["'](\.[^"']+)["']\s*\)""",
    re.MULTILINE,
)


def _of_page(file: Path) -> Iterator[Import]:
    text = file.read_text(encoding="utf-8")
    for found in _STATEMENT.finditer(text):
        path = (file.parent / (found[1] or found[2])).resolve()
        target = path if path.suffix == ".css" else path.with_name(f"{path.name}.ts")
        line = text.count("\n", 0, found.start()) + 1
        yield Import(file, line, " ".join(found[0].split()), target)


def main():
    """Print both houses."""
    for house in (package(), page()):
        count = f"{len(house.rooms)} rooms, {len(house.arrows)} arrows"
        levels = "arrows up" if house.upward else f"{house.levels} levels"
        print(f"{house.folder.relative_to(ROOT)}: {count}, {levels}")
        for one in house.upward:
            print(f"    up: {one}")
        for room in house.order:
            below = [to for to in house.order if (room, to) in house.arrows]
            if room in house.rooms:
                print(f"    {room} -> {', '.join(below) or 'nothing'}")


if __name__ == "__main__":
    main()
