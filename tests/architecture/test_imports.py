"""Each folder imports only from those before it, and what is heavy or private has its place."""

import ast
import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("imports", Path(__file__).with_name("imports.py"))
imports = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(imports)

HOUSES = {"package": imports.package(), "page": imports.page()}
HEAVY = {"tensorflow", "keras", "torch", "jax"}
# Where a framework may be imported with the module.
TRAINING = {"recording", "integrations"}
# TensorBoard documents them for authors of plugins.
PUBLIC = {
    "tensorboard",
    "tensorboard.backend.http_util",
    "tensorboard.context",
    "tensorboard.data.provider",
    "tensorboard.errors",
    "tensorboard.plugin_util",
    "tensorboard.plugins.base_plugin",
    "tensorboard.version",
}

every_house = pytest.mark.parametrize("house", HOUSES.values(), ids=HOUSES)


@every_house
def test_a_folder_imports_only_from_those_before_it(house):
    assert "" == "\n".join(map(str, house.upward))


@every_house
def test_every_folder_with_code_has_its_place_in_the_order(house):
    assert house.rooms <= set(house.order)
    assert len(house.rooms) < len(house.arrows)


@every_house
def test_no_files_import_each_other_in_a_circle(house):
    assert "" == " -> ".join(str(file.relative_to(house.folder)) for file in house.circle())


def modules():
    """Every module of the package: its path, its room, its syntax tree."""
    house = HOUSES["package"]
    for file in sorted(house.folder.rglob("*.py")):
        yield file, house.room(file), ast.parse(file.read_text(encoding="utf-8"))


def is_for_types(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def at_import(node):
    """The nodes that run when a module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if is_for_types(child):
            yield from (part for other in child.orelse for part in (other, *at_import(other)))
        else:
            yield child
            yield from at_import(child)


def test_what_looks_imports_no_training_framework_with_its_modules():
    heavy = [
        f"{file.relative_to(imports.ROOT)}:{node.lineno}: {name}"
        for file, room, tree in modules()
        if room not in TRAINING
        for node in at_import(tree)
        for name in imports.python_names(node, file)
        if name.split(".")[0] in HEAVY
    ]

    assert "" == "\n".join(heavy)


def test_private_modules_of_tensorboard_are_imported_in_one_place():
    private = [
        f"{file.relative_to(imports.ROOT)}:{node.lineno}: {name}"
        for file, room, tree in modules()
        if room != "tensorboard_private"
        for node in ast.walk(tree)
        for name in imports.python_names(node, file)
        if name.split(".")[0] == "tensorboard" and not {name, name.rpartition(".")[0]} & PUBLIC
    ]

    assert "" == "\n".join(private)


@pytest.mark.parametrize(
    "folder, code, expected",
    [
        (
            "statistics",
            "def f():\n    from tb_meanpixel.serving.reading import cache",
            "serving/reading",
        ),
        ("schema", "from ..recording.writer import MeanPixelWriter", "recording"),
        ("findings", "import importlib\nimportlib.import_module('tb_meanpixel.plugin')", "plugin"),
        ("statistics", "from tb_meanpixel import MeanPixel", None),
    ],
)
def test_imports_are_seen_however_they_are_written(folder, code, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "ROOT", tmp_path)
    house = tmp_path / "tb_meanpixel"
    for file in [
        "serving/reading/cache",
        "recording/writer",
        "plugin",
        "__init__",
        f"{folder}/one",
    ]:
        path = house / f"{file}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code if file == f"{folder}/one" else "", encoding="utf-8")

    made = imports.package()

    [one] = made.imports
    assert expected == made.room(one.target)
    assert [one] * (expected is not None) == made.upward
    assert code.splitlines()[-1].strip() in str(one)
