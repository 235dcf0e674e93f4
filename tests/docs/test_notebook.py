"""The notebook in demo/, run from its first cell to its last in a kernel of its own."""

import json
import os
import re
import sys
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

NOTEBOOK = Path(__file__).parents[2] / "demo" / "mean_pixel.ipynb"
PLUGIN = "data/plugin/mean_pixel/"


def read():
    return nbformat.read(NOTEBOOK, as_version=4)


def is_install(cell):
    return "install" in cell.metadata.get("tags", [])


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The notebook after all its cells, but the one that installs; its TensorBoard still runs."""
    directory = tmp_path_factory.mktemp("notebook")
    notebook = read()
    notebook.cells = [cell for cell in notebook.cells if not is_install(cell)]
    scripts = Path(sys.executable).parent  # where its TensorBoard and its Python are
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(directory),  # TensorBoard notes there which ones run
    }
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": directory}})
    with client.setup_kernel(env=environment):
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        yield notebook, directory


def boards(directory):
    """What is known of each TensorBoard that `%tensorboard` started; it ends with the kernel."""
    return [json.loads(path.read_text()) for path in directory.glob(".tensorboard-info/*.info")]


def printed(notebook, start):
    """What the cell that begins so has put out, as text."""
    [cell] = [cell for cell in notebook.cells if cell.source.startswith(start)]
    return "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


def test_the_first_cell_installs_what_the_others_need():
    cells = [cell for cell in read().cells if cell.cell_type == "code"]

    assert [True] + [False] * (len(cells) - 1) == [is_install(cell) for cell in cells]


def test_before_it_is_run_it_shows_the_page_and_what_it_will_say(executed):
    notebook, _ = executed
    saved, said = (printed(one, "runs = ").splitlines() for one in (read(), notebook))
    [page] = [cell for cell in read().cells if cell.source.startswith("%load_ext")]

    assert "image/png" in page.outputs[0].data
    assert [words(line) for line in said] == [words(line) for line in saved]


def words(line):
    """Without the numbers and the curves of them, which depend on the machine."""
    return [word for word in line.split() if not re.search(r"[\d▁-█]", word)]


def test_the_loss_falls_in_both_runs(executed):
    notebook, _ = executed

    lines = printed(notebook, "for name").splitlines()
    # Between them stands what is said while the model trains.
    losses = [line.split() for line in lines if line.startswith(("healthy:", "collapsed:"))]

    assert ["healthy:", "collapsed:"] == [words[0] for words in losses]
    for *_, first, _, last in losses:
        assert float(last) < float(first)


def test_the_tensorboard_that_it_opens_shows_both_runs(executed):
    _, directory = executed
    [board] = boards(directory)

    with urllib.request.urlopen(f"http://localhost:{board['port']}/{PLUGIN}runs") as answer:
        runs = json.load(answer)["runs"]

    assert {"healthy", "collapsed"} == {run["name"] for run in runs}


def test_it_finds_a_collapse_in_one_and_nothing_in_the_other(executed):
    notebook, _ = executed

    header, collapsed, healthy, *_ = printed(notebook, "runs = ").splitlines()

    assert header.split()[0] == "run"
    assert ("collapsed", "collapse") == (collapsed.split()[0], collapsed.split()[-1])
    assert ("healthy", "none") == (healthy.split()[0], healthy.split()[-1])
    assert "'id': 'collapse'" in printed(notebook, "[finding.as_dict()")


def test_the_doctor_has_nothing_to_fix(executed):
    notebook, _ = executed

    said = printed(notebook, "!python -m tb_meanpixel doctor")

    assert "the plugin is registered" in said
    assert "FAIL" not in said
