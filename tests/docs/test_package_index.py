"""What a package index and other services read of this project is valid, and told once."""

import email
import re
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import tb_meanpixel

ROOT = Path(__file__).parents[2]
CITATION = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def settings():
    """What setup.py passes to setuptools."""
    import setuptools

    passed = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(setuptools, "setup", passed.update)
        patched.chdir(ROOT)
        runpy.run_path(str(ROOT / "setup.py"))
    return passed


def test_every_address_of_the_long_description_is_absolute(settings):
    text = settings["long_description"]
    addresses = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", text)

    assert len(addresses) > 20
    for link, picture in addresses:
        assert (link or picture).startswith("https://"), link or picture
    assert "<picture>" not in text
    assert "<source" not in text


def test_the_address_of_the_repository_is_written_in_one_place(settings):
    address = settings["url"]

    assert all(one.startswith(address) for one in settings["project_urls"].values())
    assert f"repository-code: {address}\n" in CITATION
    assert f"  - name: {settings['author']}\n" in CITATION
    assert f"version: {settings['version']}\n" in CITATION


def test_the_changelog_has_a_section_for_each_version():
    sections = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)

    assert "Unreleased" == sections[0]
    for section in sections[1:]:
        assert re.fullmatch(r"\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", section)


def test_actions_are_pinned_to_commits_and_their_versions_are_named():
    if not WORKFLOWS:
        pytest.skip("an sdist has no workflows")
    for path in WORKFLOWS:
        used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
        assert used
        for action in used:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


@pytest.fixture(scope="module")
def archives(tmp_path_factory, copy_of_git):
    """The sdist and the wheel, as a release builds them."""
    made, copy = tmp_path_factory.mktemp("dist"), copy_of_git(tmp_path_factory.mktemp("source"))
    command = [sys.executable, "-m", "build", "--outdir", made, copy]
    subprocess.run(command, capture_output=True, check=True)
    [sdist], [wheel] = made.glob("*.tar.gz"), made.glob("*.whl")
    return {"sdist": sdist, "wheel": wheel}


CHECKS = {
    "twine": ["twine", "check", "--strict", "{sdist}", "{wheel}"],
    "check-wheel-contents": ["check_wheel_contents", "{wheel}"],
    "pyroma": ["pyroma", "--min=10", "--file", "{sdist}"],
}


@pytest.mark.slow
@pytest.mark.parametrize("tool", CHECKS)
def test_the_archives_are_what_an_index_wants(tool, archives):
    module, *arguments = (word.format(**archives) for word in CHECKS[tool])
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_metadata_of_the_wheel_is_that_of_the_package(archives):
    with zipfile.ZipFile(archives["wheel"]) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        told = email.message_from_bytes(archive.read(name))

    assert tb_meanpixel.__version__ == told["Version"]
    assert 4 == len(told.get_all("Project-URL"))
