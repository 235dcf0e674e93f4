from importlib.metadata import version
from pathlib import Path

import tb_meanpixel

SOURCE = Path(__file__).parents[2] / "tb_meanpixel"
INSTALLED = Path(tb_meanpixel.__file__).parent


def files(folder):
    return {str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file()}


def test_the_installed_package_is_tested_and_not_its_source():
    assert SOURCE != INSTALLED


def test_every_file_of_the_source_is_installed():
    missing = files(SOURCE) - files(INSTALLED)

    assert set() == {f for f in missing if not f.endswith(".pyc")}


def test_the_version_is_told_alike_by_package_and_metadata():
    assert tb_meanpixel.__version__ == version("tb-meanpixel")
