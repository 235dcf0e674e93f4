import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tb_meanpixel
from tb_meanpixel import MeanPixelWriter, tensorboard_private
from tb_meanpixel.serving.answers.routes import ROUTES

PACKAGE = Path(tb_meanpixel.__file__).parent
MOVED_MODULES = Path(__file__).parent / "support" / "moved_modules.py"

DATA_SERVER = "tensorboard.data.proto.data_provider_pb2"
TOO_NEW = "This version of TensorBoard is too new for tb-meanpixel"
TYPE = "Type: pip install --upgrade tb-meanpixel"
NOT_RECORDED = "nothing can be recorded"
NOT_READ = "a log directory can only be read by `tensorboard --logdir`"

# By module: which of recording, report and doctor says which sentence. All else goes on working.
SENTENCES = {
    DATA_SERVER: {},
    "tensorboard.util.tensor_util": {},
    "tensorboard.util.grpc_util": {},
    "tensorboard.data.server_ingester": {},
    "tensorboard.backend.event_processing.io_wrapper": {},
    "tensorboard.compat.proto.event_pb2": {"recording": NOT_RECORDED},
    "tensorboard.compat.proto.summary_pb2": {"recording": NOT_RECORDED},
    "tensorboard.backend.event_processing.data_provider": {"report": NOT_READ, "doctor": NOT_READ},
    "tensorboard.backend.event_processing.plugin_event_multiplexer": {
        "report": NOT_READ,
        "doctor": NOT_READ,
    },
}


def loader_of(module):
    return "fast" if module == DATA_SERVER else "python"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    with MeanPixelWriter(logs / "vae") as writer:
        for step in range(3):
            output = np.full((2, 2, 2), 0.5 + step / 8)
            writer.write(step, output=output, reference=np.zeros((2, 2, 2)), scalars={"loss": 1.0})
    cases = [":fast", ":python", *(f"{module}:{loader_of(module)}" for module in SENTENCES)]
    run = subprocess.run(
        [sys.executable, MOVED_MODULES, str(logs), *cases],
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == run.returncode, run.stderr
    return json.loads(run.stdout)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")


@needs_fork
@pytest.mark.parametrize("loader", ["fast", "python"])
def test_with_every_module_in_its_place_all_is_well(outcomes, loader):
    outcome = outcomes[f":{loader}"]

    assert {200} == {code for code, _ in outcome["answers"].values()}
    assert set(ROUTES) == set(outcome["answers"])
    assert 0 == outcome["report"][0]
    assert "vae" in outcome["report"][1]
    assert TOO_NEW not in outcome["doctor"][1]
    assert (0.5, []) == (outcome["recording"], outcome["warnings"])


@needs_fork
@pytest.mark.parametrize("module", SENTENCES)
def test_every_route_answers_the_same_without_a_module(outcomes, module):
    outcome = outcomes[f"{module}:{loader_of(module)}"]

    assert outcomes[f":{loader_of(module)}"]["answers"] == outcome["answers"]


@needs_fork
@pytest.mark.parametrize("module", SENTENCES)
def test_a_recording_goes_on_or_says_what_to_type(outcomes, module):
    recording = outcomes[f"{module}:{loader_of(module)}"]["recording"]

    if sentence := SENTENCES[module].get("recording"):
        assert recording.startswith(f"MissingError: {TOO_NEW}")
        assert recording.endswith(f"{sentence}. {TYPE}")
    else:
        assert 0.5 == recording


@needs_fork
@pytest.mark.parametrize("command", ["report", "doctor"])
@pytest.mark.parametrize("module", SENTENCES)
def test_a_command_goes_on_or_says_what_to_type(outcomes, module, command):
    code, text = outcomes[f"{module}:{loader_of(module)}"][command]
    usual = outcomes[f":{loader_of(module)}"][command]

    if sentence := SENTENCES[module].get(command):
        assert TOO_NEW in text
        assert f"{sentence}. {TYPE}" in text
    else:
        assert usual == [code, text]
    if SENTENCES[module].get(command) == NOT_READ:
        assert code != 0
    else:
        assert usual[0] == code


@needs_fork
def test_reading_the_public_way_is_said_once(outcomes):
    [warning] = outcomes[f"{DATA_SERVER}:fast"]["warnings"]

    assert "reads through TensorBoard's public data provider instead" in warning


def test_tensors_as_bytes_are_read_by_both_loaders(tmp_path, serve, loader, monkeypatch):
    util = "tensorboard.util"
    monkeypatch.delattr(sys.modules[util], "tensor_util", raising=False)
    monkeypatch.setitem(sys.modules, f"{util}.tensor_util", None)
    with MeanPixelWriter(tmp_path / "vae") as writer:
        writer.write(3, output=np.full((2, 2, 2), 0.5), reference=np.zeros((2, 2, 2)))
    monkeypatch.undo()
    board = serve(tmp_path, loader)
    [run] = board.json("scalars", score="bias", curves="none")["runs"]

    assert [([3], [0.5])] == [(score["steps"], score["values"]) for score in run["scores"]]
    assert 2 == board.side("output", stream="validation")["cells"].sum()


def imports(path):
    """The modules that a file imports, `a.b` for `from a import b` too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_each_private_module_is_taken_away_in_these_tests():
    private = imports(PACKAGE / "tensorboard_private.py")
    names = {name for name in private if name.startswith("tensorboard.")}
    untested = {
        name for name in names if not any(f"{name}.".startswith(f"{m}.") for m in SENTENCES)
    }

    # For addresses such as gs://, see below.
    assert {"tensorboard.compat.tf"} == untested


def test_without_its_files_remote_directories_are_refused_with_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.compat", None)

    with pytest.raises(tensorboard_private.MissingError, match="only local directories can be"):
        tensorboard_private.gfile()


def test_importing_the_module_imports_nothing_of_tensorboard():
    code = (
        "import sys, tb_meanpixel.tensorboard_private\n"
        "print([name for name in sys.modules if name.startswith('tensorboard')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]\n" == run.stdout
