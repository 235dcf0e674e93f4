"""`python -m tb_meanpixel`: the command line in a process of its own."""

import contextlib
import signal
import sys
import types

# Where this module exists TensorBoard reads files without TensorFlow, whose import takes seconds.
# Only for addresses such as gs:// it cannot do without.
if not any("://" in argument for argument in sys.argv):
    sys.modules["tensorboard.compat.notf"] = types.ModuleType("tensorboard.compat.notf")

from tb_meanpixel.command_line.cli import main

with contextlib.suppress(AttributeError):  # Windows has none
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends us without a traceback
sys.exit(main())
