"""The command line in a process of its own: `tb-meanpixel`, or `python -m tb_meanpixel`."""

import contextlib
import io
import signal
import sys
from pathlib import Path

from tb_meanpixel.command_line import cli
from tb_meanpixel.tensorboard_private import without_tensorflow


def script() -> int:
    """The console script; help calls it by the name that it was called by."""
    return _run(Path(sys.argv[0]).stem)


def _run(prog: str) -> int:
    for stream in (sys.stdout, sys.stderr):  # a name that the terminal's encoding lacks
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    with contextlib.suppress(AttributeError):  # Windows has none
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends us without a traceback
    arguments = cli.parse(None, prog)
    # Addresses such as gs:// need TensorFlow; local files are read faster without it.
    if "://" not in (arguments.logdir or ""):
        without_tensorflow()
    return cli.run(arguments)


if __name__ == "__main__":
    sys.exit(_run("python -m tb_meanpixel"))
