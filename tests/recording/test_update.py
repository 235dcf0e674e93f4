"""Batch by batch, and from several processes: what one `write` would have written."""

import gc
import itertools
import logging
import pickle
import re
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

import tb_meanpixel
from tb_meanpixel import MeanPixelWriter, measure
from tb_meanpixel.statistics.record import Record

RNG = np.random.default_rng(0)
OUTPUT, REFERENCE = RNG.random((2, 40, 28, 28, 3))
OUTPUT[3, 0, 0, 0], REFERENCE[30, 1, 1, 1] = np.nan, np.inf
LABELS = np.repeat(np.arange(10), 4)
ENDS = [0, 1, 8, 40]
BATCHES = [slice(*ends) for ends in itertools.pairwise(ENDS)]
GREY, BLACK = np.full((8, 4, 4), 0.5), np.zeros((8, 4, 4))


def recorded(logs):
    """`{name: values}` of every score and histogram of the one run, but of those of an order."""
    [run] = tb_meanpixel.read(logs)
    found = {
        (one.name, one.channel): one.values for one in run.scores() if one.name != "output_checksum"
    }
    for one in run.histograms():
        found[one.side, one.quantity, "cells"] = one.histogram.cells
    return found


def assert_recorded_alike(first, second, but=()):
    first, second = recorded(first), recorded(second)
    assert first.keys() == second.keys()
    for name, values in first.items():
        if name[0] not in but:
            np.testing.assert_allclose(
                values, second[name], rtol=1e-6, atol=1e-6, err_msg=str(name)
            )


@pytest.mark.parametrize("groups", [None, LABELS])
@pytest.mark.parametrize("paired", [True, False])
def test_update_and_write_record_what_one_write_records(tmp_path, paired, groups):
    settings = {"paired": paired, "value_range": (0, 1)}
    with MeanPixelWriter(tmp_path / "whole", **settings) as writer:
        whole = writer.write(3, output=OUTPUT, reference=REFERENCE, groups=groups)
    with MeanPixelWriter(tmp_path / "parts", **settings) as writer:
        for batch in reversed(BATCHES):
            labels = None if groups is None else groups[batch]
            writer.update(output=OUTPUT[batch], reference=REFERENCE[batch], groups=labels)
        parts = writer.write(3)

    assert type(parts) is dict
    assert parts == pytest.approx(whole, rel=1e-9, abs=1e-9, nan_ok=True)
    assert all(type(number) is float for number in parts.values())
    assert_recorded_alike(tmp_path / "whole", tmp_path / "parts")


def test_batches_in_the_same_order_have_the_checksum_of_one_write(tmp_path):
    with MeanPixelWriter(tmp_path) as writer:
        writer.write(0, output=OUTPUT, reference=REFERENCE)
        for batches in (BATCHES, BATCHES[::-1]):
            for batch in batches:
                writer.update(output=OUTPUT[batch], reference=REFERENCE[batch])
            writer.write(1 if batches is BATCHES else 2)

    [run] = tb_meanpixel.read(tmp_path)
    [score] = [one for one in run.scores() if one.name == "output_checksum"]
    whole, same, other = score.values
    assert whole == same != other


def test_write_begins_anew(tmp_path):
    with MeanPixelWriter(tmp_path) as writer:
        writer.update(output=GREY, reference=BLACK)
        first = writer.write(0, scalars={"loss": 1.0})
        writer.update(output=BLACK, reference=BLACK)
        second = writer.write(1)
        third = writer.write(2, output=GREY, reference=BLACK)

    assert [0.5, 0.0, 0.5] == [scores["bias"] for scores in (first, second, third)]
    assert [8, 8, 8] == [scores["image_count"] for scores in (first, second, third)]
    assert [0, 1, 2] == recorded_steps(tmp_path)


def recorded_steps(logs):
    [run] = tb_meanpixel.read(logs)
    return next(one for one in run.scores() if one.name == "bias").steps.tolist()


def test_samples_may_come_without_references_of_their_own(tmp_path):
    with MeanPixelWriter(tmp_path, paired=False) as writer:
        writer.update(output=GREY, reference=BLACK)
        writer.update(output=GREY)
        first = writer.write(0)
        writer.update(output=GREY)
        second = writer.write(1)
        third = writer.write(2, output=GREY)
        writer.write(3, output=GREY, reference=BLACK + 0.25)
        writer.update(output=GREY)
        last = writer.write(4)

    assert [16, 8, 8] == [scores["image_count"] for scores in (first, second, third)]
    assert [0.5, 0.5, 0.5, 0.25] == [each["bias"] for each in (first, second, third, last)]


def test_the_first_update_tells_the_range(tmp_path, caplog):
    levels = np.arange(17).reshape(1, 17, 1)  # 0..16
    with caplog.at_level(logging.INFO, "tb_meanpixel"), MeanPixelWriter(tmp_path) as writer:
        writer.update(output=levels, reference=levels)
        writer.update(output=levels, reference=levels / 2)
        scores = writer.write(0)

    [said] = caplog.messages
    assert "value range 0..18, from the reference" in said
    assert 2 == scores["image_count"]


@pytest.mark.parametrize(
    "refused",
    [
        {"output": GREY[:3], "reference": BLACK},
        {"output": GREY[:, :2], "reference": BLACK[:, :2]},
        {"output": GREY},
        {"output": GREY, "reference": BLACK, "groups": [1]},
        {"output": GREY, "reference": BLACK, "groups": np.zeros(8, int)},
        {"output": GREY, "groups": np.zeros(8, int)},
        {"output": {"x": GREY}, "reference": BLACK},
    ],
)
def test_an_update_that_fails_leaves_the_sums_as_before(tmp_path, refused):
    with MeanPixelWriter(tmp_path) as writer:
        with pytest.raises((TypeError, ValueError)):
            writer.update(**{**refused, "output": None})
        writer.update(output=GREY, reference=BLACK)
        with pytest.raises((TypeError, ValueError)):
            writer.update(**refused)
        with pytest.raises(ValueError, match="output must come with"):
            writer.write(0, reference=BLACK)
        with pytest.raises(TypeError, match="step"):
            writer.write("one")
        scores = writer.write(0)

    assert (8, 0.5) == (scores["image_count"], scores["bias"])


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda writer: writer.write(0), "output must be given: update took no images since"),
        (
            lambda writer: writer.update(output=GREY),
            "reference must be given with every update of pairs: output i is compared with",
        ),
    ],
)
def test_what_is_missing_is_said(tmp_path, call, sentence):
    with (
        MeanPixelWriter(tmp_path) as writer,
        pytest.raises(ValueError, match="^" + re.escape(sentence)),
    ):
        call(writer)


def test_samples_need_a_reference_at_last(tmp_path):
    with MeanPixelWriter(tmp_path / "a", paired=False, value_range=(0, 1)) as writer:
        writer.update(output=GREY)
        with pytest.raises(ValueError, match="^reference must be given with one update at least"):
            writer.write(0)
        writer.update(output=GREY, reference=BLACK)
        assert 16 == writer.write(0)["image_count"]
    with (
        MeanPixelWriter(tmp_path / "b", paired=False) as writer,
        pytest.raises(ValueError, match="^reference must be given with the first update"),
    ):
        writer.update(output=GREY)


def test_images_of_update_and_of_write_are_not_mixed(tmp_path):
    record = measure(output=GREY, reference=BLACK, value_range=(0, 1))
    with MeanPixelWriter(tmp_path) as writer:
        writer.update(output=GREY, reference=BLACK)
        with pytest.raises(ValueError, match="^write got images, but update took 8 outputs"):
            writer.write(0, output=GREY, reference=BLACK)
        with pytest.raises(ValueError, match="^write_record got a record, but update took 8"):
            writer.write_record(0, record)
        assert 8 == writer.write(0)["image_count"]


@pytest.mark.parametrize("paired", [True, False])
def test_memory_does_not_grow_with_the_images(tmp_path, paired):
    """But for the numbers that are kept of each image: some 70 bytes, or 2 kB of samples."""
    images = RNG.random((4, 64, 64, 1)).astype("float32")
    kept = 100 if paired else 2500
    with MeanPixelWriter(tmp_path, paired=paired, value_range=(0, 1)) as writer:
        tracemalloc.start()
        for _ in range(20):
            writer.update(output=images, reference=images)
        gc.collect()  # empties the lists of free objects, too
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(200):
            writer.update(output=images, reference=images)
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert 880 == writer.write(0)["image_count"]

    assert after - before < 2 * 800 * kept + 50_000 < 200 * images.nbytes / 3


MEASURING = """
import sys
import numpy as np
from tb_meanpixel import measure

images = np.load(sys.argv[1])
places = slice(int(sys.argv[2]), int(sys.argv[3]))
record = measure(
    output=images[0, places], reference=images[1, places], value_range=(0, 1),
    paired=sys.argv[4] == "True",
)
if sys.argv[5] == "bytes":
    sys.stdout.buffer.write(record.to_bytes())
else:
    import pickle
    pickle.dump(record, sys.stdout.buffer)
"""


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("form", ["bytes", "pickle"])
def test_two_processes_measure_and_one_writes(tmp_path, paired, form):
    np.save(tmp_path / "images.npy", [OUTPUT, REFERENCE])
    processes = [
        subprocess.Popen(
            [
                *(sys.executable, "-c", MEASURING, tmp_path / "images.npy"),
                *map(str, (first, last, paired, form)),
            ],
            stdout=subprocess.PIPE,
        )
        for first, last in ((0, 13), (13, 40))
    ]
    sent = [process.communicate(timeout=100)[0] for process in processes]
    load = Record.from_bytes if form == "bytes" else pickle.loads
    with MeanPixelWriter(tmp_path / "parts", paired=paired) as writer:
        scores = writer.write_record(3, load(sent[1]) + load(sent[0]), scalars={"loss": 0.5})
    with MeanPixelWriter(tmp_path / "whole", paired=paired, value_range=(0, 1)) as writer:
        whole = writer.write(3, output=OUTPUT, reference=REFERENCE)

    assert scores == pytest.approx(whole, rel=1e-9, abs=1e-9, nan_ok=True)
    assert_recorded_alike(tmp_path / "whole", tmp_path / "parts")


@pytest.mark.parametrize(
    "record, sentence",
    [
        (None, "record must be a record of tb_meanpixel.measure, or a sum of them; got NoneType"),
        (
            measure(output=GREY, reference=BLACK, value_range=(0, 2)),
            "record must have the writer's value range 0..1; got 0..2",
        ),
        (
            measure(output=GREY, reference=BLACK, value_range=(0, 1), paired=False),
            "record must be of pairs, as the writer's paired=True says; got one of samples",
        ),
    ],
)
def test_a_record_that_is_not_of_the_stream_is_refused(tmp_path, record, sentence):
    with (
        MeanPixelWriter(tmp_path, value_range=(0, 1)) as writer,
        pytest.raises((TypeError, ValueError), match="^" + re.escape(sentence)),
    ):
        writer.write_record(0, record)


@pytest.mark.parametrize(
    "call, sentence",
    [
        (
            lambda writer: writer.write(output=GREY, reference=BLACK, global_step=3),
            "write has no argument global_step: the step comes first. Type: writer.write(step)",
        ),
        (
            lambda writer: writer.update(output=GREY, reference=BLACK, global_step=3),
            "update has no argument global_step: the step is given when the sums are written",
        ),
        (
            lambda writer: writer.write_record(
                record=measure(output=GREY, reference=BLACK, value_range=(0, 1)), global_step=3
            ),
            "write_record has no argument global_step: the step comes first. Type: writer.write_re",
        ),
        (
            lambda writer: writer.write_scalars({"loss": 1}, global_step=3),
            "write_scalars has no argument global_step: the step comes first",
        ),
    ],
)
def test_global_step_is_answered_with_step(tmp_path, call, sentence):
    with (
        MeanPixelWriter(tmp_path) as writer,
        pytest.raises(TypeError, match="^" + re.escape(sentence)),
    ):
        call(writer)


def test_a_closed_writer_takes_nothing(tmp_path):
    with MeanPixelWriter(tmp_path) as writer:
        pass

    with pytest.raises(ValueError, match="^the writer is closed"):
        writer.update(output=GREY, reference=BLACK)
