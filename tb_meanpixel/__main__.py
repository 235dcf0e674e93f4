"""`python -m tb_meanpixel`: the command line in a process of its own."""

import contextlib
import signal
import sys

from tb_meanpixel.tensorboard_private import without_tensorflow

# Addresses such as gs:// need TensorFlow; local files are read faster without it.
if not any("://" in argument for argument in sys.argv):
    without_tensorflow()

from tb_meanpixel.command_line.cli import main

with contextlib.suppress(AttributeError):  # Windows has none
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends us without a traceback
sys.exit(main())
