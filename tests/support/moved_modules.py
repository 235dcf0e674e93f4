"""What still works where TensorBoard has moved one of its modules that are not public.

    python tests/support/moved_modules.py LOGDIR MODULE:LOADER [MODULE:LOADER ...]

Prints a JSON object. For each module, taken away from a running TensorBoard with that loader, it
has the answers of the routes, the output of the command line and the outcome of a recording.
Without a name nothing is taken away. Each case has a forked process of its own, because
importing TensorBoard takes seconds.
"""

import contextlib
import hashlib
import io
import json
import logging
import os
import sys
import tempfile
import types
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

REQUESTS = {
    "opening": {},
    "overview": {},
    "runs": {},
    "scalars": {},
    "histograms": {"stream": "validation"},
    "baseline_scores": {"stream": "validation"},
    "findings": {},
    "mean_images": {"run": "vae", "stream": "validation"},
    "mean_image.png": {"run": "vae", "stream": "validation"},
    "samples": {"run": "vae", "stream": "validation"},
    "export": {},
}


def take_away(module):
    """From now on an import of the module fails."""
    parent, _, name = module.rpartition(".")
    sys.modules[module] = None
    with contextlib.suppress(AttributeError):
        delattr(sys.modules[parent], name)


def answers(board):
    found = {}
    for route, query in REQUESTS.items():
        response = board.get(route, **query)
        digest = hashlib.blake2b(response.data, digest_size=8).hexdigest()
        found[route] = [response.status_code, digest]
    return found


def command(*arguments):
    from tb_meanpixel.command_line.cli import main

    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        code = main(arguments)
    return [code, text.getvalue()]


def recording(folder):
    """The bias that a fresh run records, or the error that it ends with."""
    try:
        from tb_meanpixel import MeanPixelWriter

        with MeanPixelWriter(f"{folder}/fresh") as writer:
            writer.write(0, output=np.full((2, 2, 2), 0.5), reference=np.zeros((2, 2, 2)))
    except Exception as error:  # noqa: BLE001  whatever a user would see
        return f"{type(error).__name__}: {error}"
    # Loaded by now: a module that is taken away must not be in the way of the check itself.
    loaded = sys.modules["tensorboard.backend.event_processing.plugin_event_accumulator"]
    accumulator = loaded.EventAccumulator(f"{folder}/fresh/mean_pixel")
    accumulator.Reload()
    [event] = accumulator.Tensors("validation/bias")
    content = event.tensor_proto.tensor_content
    return float(np.frombuffer(content, "<f4")[0] if content else event.tensor_proto.float_val[0])


def outcome(logdir, module, loader):
    from support.boards import Board

    warnings = []
    handler = logging.Handler()
    handler.emit = lambda record: warnings.append(record.getMessage())
    logging.getLogger("tb_meanpixel").addHandler(handler)
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(Board(logdir, loader)) as board,
    ):
        if module:
            take_away(module)
        return {
            "answers": answers(board),
            "report": command("report", logdir),
            "doctor": command("doctor", logdir),
            "warnings": warnings,
            "recording": recording(folder),
        }


def in_a_fork(function, *arguments):
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        try:
            with os.fdopen(writing, "w") as pipe:
                json.dump(function(*arguments), pipe)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        return json.load(pipe)


def main():
    # As `python -m tb_meanpixel` does: TensorFlow need not be imported.
    sys.modules["tensorboard.compat.notf"] = types.ModuleType("tensorboard.compat.notf")
    import support.boards  # noqa: F401  once for all forks

    logdir, *cases = sys.argv[1:]
    print(json.dumps({case: in_a_fork(outcome, logdir, *case.split(":")) for case in cases}))


if __name__ == "__main__":
    main()
