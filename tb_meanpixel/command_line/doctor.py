"""Why the tab is missing or empty, and what to type."""

from __future__ import annotations

import argparse

from tb_meanpixel.command_line.exit_codes import FAILED, OK
from tb_meanpixel.command_line.installation_checks import installation
from tb_meanpixel.command_line.log_checks import logs
from tb_meanpixel.command_line.terminal import say


def run(arguments: argparse.Namespace) -> int:
    """Print the checks; 1 if one of them has something to fix."""
    code = OK
    checks = (installation(), logs(arguments.logdir) if arguments.logdir else ())
    for check in (check for group in checks for check in group):
        say(f"{'ok  ' if check.ok else 'FAIL'}  {check.text}")
        if check.fix:
            say(f"      {check.fix}")
        if not check.ok:
            code = FAILED
    return code
