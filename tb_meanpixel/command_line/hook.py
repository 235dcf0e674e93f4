"""The command of `watch --exec`: it is run for each new finding."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from tb_meanpixel.command_line.terminal import complain

_PREFIX = "TB_MEANPIXEL_"
_STDERR = 2


def hook(text: str) -> list[str]:
    """The words of a command line; no shell reads it, so no name of a run is ever run."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no command: {error}") from error
    if not words or shutil.which(words[0]) is None:
        raise argparse.ArgumentTypeError(f"there is no command {(words or [text])[0]!r}")
    return words


def run_hook(words: Sequence[str], finding: Mapping[str, Any]) -> None:
    """Run a command with a finding: as JSON on stdin, and its fields as environment variables.

    What it prints goes to stderr. A failure is told, and no more.
    """
    fields = {
        f"{_PREFIX}{name.upper()}": str(value)
        for name, value in finding.items()
        if isinstance(value, str | int)
    }
    try:
        with tempfile.TemporaryFile() as stdin:  # of a pipe nobody knows whether it is read
            stdin.write(json.dumps(finding).encode())
            stdin.seek(0)
            environment = {**os.environ, **fields}
            done = subprocess.run(words, stdin=stdin, stdout=_STDERR, env=environment, check=False)
    except (OSError, ValueError) as error:
        complain(f"--exec: {words[0]} cannot be run: {error}")
        return
    if done.returncode:
        complain(f"--exec: {words[0]} ended with {done.returncode}")
