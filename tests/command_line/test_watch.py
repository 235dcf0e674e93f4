"""`watch`: findings as they begin, in a process of its own."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time

import pytest
from support.command_runs import COLLAPSED, PROGRAM, REFERENCE, collapses_at_12, good, write

from tb_meanpixel import MeanPixelWriter

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs signals")

# What `--exec` is given, one JSON object a line. It has the name of the run nowhere on its line.
HOOK = """
import json, os, sys
names = {name: value for name, value in os.environ.items() if name.startswith("TB_MEANPIXEL_")}
with open(sys.argv[1], "a") as file:
    print(json.dumps([names, json.load(sys.stdin)]), file=file)
print("printed by the hook")
sys.exit(3)
"""


class Watch:
    """A `watch` that runs; its lines are read as they come."""

    def __init__(self, *arguments):
        words = [PROGRAM, "watch", *map(str, arguments), "--every", "0.2"]
        self._process = subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Tests that run in the background have it ignored, and what they start as well.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )

    def line(self, start):
        """The next line that begins so: of a run that is half written others may be found first."""
        return next(line for line in self._process.stdout if line.startswith(start))

    def complaint(self):
        return self._process.stderr.readline()

    def interrupt(self):
        self._process.send_signal(signal.SIGINT)
        return self.end()

    def end(self):
        """Exit code, and what had not been read."""
        out, err = self._process.communicate(timeout=60)
        return self._process.returncode, out, err


def test_findings_are_told_as_they_begin_until_ctrl_c(tmp_path):
    logs = tmp_path / "logs"
    watch = Watch(logs)
    assert f"There are no records in '{logs}' yet; waiting for them.\n" == watch.complaint()

    write(logs / "good", good)
    with MeanPixelWriter(logs / "bad", value_range=(0, 1)) as writer:
        for step in range(40):
            output = (REFERENCE if step < 20 else COLLAPSED) + step % 3 / 1000
            writer.write(step, output=output, reference=REFERENCE)
            writer.flush()
        told = watch.line("bad/validation: Collapse since step 20. All outputs look alike")
        assert " Look first at: " in told
    write(logs / "later", collapses_at_12)
    assert watch.line("later/validation: Collapse since step 12. ")

    code, _, err = watch.interrupt()
    assert (0, "") == (code, err)


def test_it_ends_at_the_first_finding_that_fails(tmp_path):
    watch = Watch(tmp_path, "--json", "--fail-on", "error", "--url", "http://localhost:6006")
    time.sleep(1)
    write(tmp_path / "vae", collapses_at_12)
    code, out, _ = watch.end()

    assert 1 == code
    *_, finding = map(json.loads, out.splitlines())
    assert ("vae", "collapse", 12) == (finding["run"], finding["id"], finding["first_step"])
    assert finding["url"].endswith("&p.mean_pixel.step=12")


def test_a_command_gets_each_finding_and_no_shell_reads_its_names(tmp_path):
    logs, hook, got = tmp_path / "logs", tmp_path / "hook.py", tmp_path / "got"
    name = f"$(touch {tmp_path.name}); 'x"
    hook.write_text(HOOK)
    write(logs / name, collapses_at_12)
    command = shlex.join([sys.executable, str(hook), str(got)])
    code, out, err = Watch(logs, "--json", "--exec", command, "--fail-on", "any").end()

    assert 1 == code
    [line] = out.splitlines()
    names, finding = json.loads(got.read_text())
    assert json.loads(line) == finding
    assert {
        "TB_MEANPIXEL_RUN": name,
        "TB_MEANPIXEL_STREAM": "validation",
        "TB_MEANPIXEL_ID": "collapse",
        "TB_MEANPIXEL_SEVERITY": "error",
        "TB_MEANPIXEL_STATE": "found",
        "TB_MEANPIXEL_UNIT": "step",
        "TB_MEANPIXEL_FIRST_STEP": "12",
        "TB_MEANPIXEL_LAST_STEP": "19",
        "TB_MEANPIXEL_SENTENCE": finding["sentence"],
        "TB_MEANPIXEL_LOOK_AT": finding["look_at"],
        "TB_MEANPIXEL_LINK": "findings/collapse",
    } == names
    assert "printed by the hook" in err
    assert f"--exec: {sys.executable} ended with 3" in err


def test_it_uses_the_thresholds_of_the_log_directory_and_says_so(tmp_path):
    file = tmp_path / "mean_pixel.toml"
    file.write_text("collapse = 0.0\ncollapse_of_best = 0.0\ncontrast = 0.0\n")
    write(tmp_path / "vae", collapses_at_12)
    watch = Watch(tmp_path, "--fail-on", "collapse")
    assert f"Thresholds: those of {file}.\n" == watch.complaint()
    time.sleep(3)

    file.write_text("collapse = ")
    assert watch.complaint().startswith("The thresholds cannot be used: ")
    file.unlink()
    code, out, _ = watch.end()
    assert 1 == code
    assert "vae/validation: Collapse since step 12. " in out


def test_what_can_never_be_read_is_a_2(tmp_path):
    (tmp_path / "file").touch()
    code, out, err = Watch(tmp_path / "file").end()

    assert (2, "") == (code, out)
    assert f"'{tmp_path / 'file'}' is a file; give the directory that it is in\n" == err
