"""How a command ends: scripts and CI go by its exit code."""

#: All is well.
OK = 0
#: A finding that was named, or something that the doctor has to fix; never an exception.
FAILED = 1
#: A usage error, no data, or data that cannot be read.
TROUBLE = 2


class CommandError(Exception):
    """A command cannot do what it should; the text says why. It ends with `TROUBLE`."""
