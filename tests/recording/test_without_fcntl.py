"""Where Python has no file locks and no forks, as on Windows: all is recorded without them."""

import json
import textwrap

from support.processes import output_of, python
from support.records import outputs

# Before the package is imported: what Windows lacks.
LACKING = """
    import os, sys
    sys.modules["fcntl"] = None
    for name in ("fork", "register_at_fork", "O_BINARY"):
        if hasattr(os, name):
            delattr(os, name)
    os.O_BINARY = 0
    import json, shutil, warnings
    from pathlib import Path
    import numpy as np
    from tb_meanpixel import MeanPixelWriter

    grey, black = np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2))
    run = Path(sys.argv[1])
"""
RECORD = """
    with warnings.catch_warnings(record=True) as warned, MeanPixelWriter(run) as first:
        warnings.simplefilter("always")
        second = MeanPixelWriter(run, stream="second")
        for step in range(4):
            for writer in (first, second):
                writer.write(step, output=grey, reference=black, scalars={"loss": 0.5})
        second.close()
    files = [path.name for path in (run / "mean_pixel").iterdir()]
    print(json.dumps([len(files), ".lock" in files, [str(one.message) for one in warned]]))
"""
DISK = """
    with warnings.catch_warnings(record=True) as warned, MeanPixelWriter(run) as writer:
        warnings.simplefilter("always")
        writer.write(0, output=grey, reference=black)
        shutil.rmtree(run)
        run.write_text("in the way")
        writer.write(1, output=grey, reference=black)
        run.unlink()
        writer.write(2, output=grey, reference=black)
    print(json.dumps([str(one.message)[:25] for one in warned]))
"""


def test_a_run_is_recorded_without_locks(tmp_path, serve, loader):
    script = textwrap.dedent(LACKING) + textwrap.dedent(RECORD)
    result = json.loads(output_of(python(script, tmp_path / "run")))
    board = serve(tmp_path, loader)

    assert result == [1, False, []]
    for stream in ("validation", "second"):
        assert outputs(board, "run", stream) == [(step, 0.5) for step in range(4)]


def test_what_the_disk_refuses_is_written_later_without_locks(tmp_path, serve, loader):
    script = textwrap.dedent(LACKING) + textwrap.dedent(DISK)
    result = json.loads(output_of(python(script, tmp_path / "run")))

    assert result == ["Records cannot be written"]
    assert outputs(serve(tmp_path, loader), "run") == [(1, 0.5), (2, 0.5)]


def test_a_fit_is_recorded_without_locks(tmp_path, serve):
    script = textwrap.dedent(LACKING) + textwrap.dedent(
        """
        import keras
        from tb_meanpixel import MeanPixelCallback
        images = np.random.default_rng(0).random((8, 4, 4, 1), np.float32)
        model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(images, images, epochs=2, verbose=0,
                  callbacks=[MeanPixelCallback(run, images)])
        """
    )
    output_of(python(script, tmp_path / "run"))

    assert [step for step, _ in outputs(serve(tmp_path, "python"), "run")] == [0, 1]
