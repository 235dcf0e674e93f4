"""Records of parts, added in any order, are the record of the whole."""

import dataclasses
import functools
import operator
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_meanpixel.statistics import details, image_values
from tb_meanpixel.statistics.record import Record, measure
from tb_meanpixel.statistics.scores import scores

SIDE = 26  # long enough for a pattern to be told


@st.composite
def wholes(draw):
    """Outputs, references and groups; some with NaN, some all of one image."""
    count, channels = draw(st.integers(2, 24)), draw(st.sampled_from([1, 2, 3, 4]))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    dtype = draw(st.sampled_from([np.float32, np.float64, np.uint8]))
    side = draw(st.sampled_from([3, SIDE]))
    images = random.random((2, count, side, side, channels)) * 255
    if draw(st.booleans()):
        images[0] = images[0, 0]
    images = images.astype(dtype)
    if dtype != np.uint8 and draw(st.booleans()):
        images[0, 0, 0, 0, 0], images[1, -1, 1, 1, 0] = np.nan, np.inf
        images[0, -1] -= 20
    groups = random.integers(0, max(2, count // 2), count) if draw(st.booleans()) else None
    return images[0], images[1], groups


@st.composite
def splits(draw, count):
    """The places of each part's images: every image is in one part."""
    order = draw(st.permutations(range(count)))
    ends = draw(st.lists(st.integers(1, count - 1), max_size=4, unique=True))
    return [part for part in np.split(np.array(order), sorted(ends)) if len(part)]


def measured(output, reference, groups, paired, places=slice(None)):
    labels = None if groups is None else groups[places]
    return measure(
        output=output[places],
        reference=reference[places],
        value_range=(0, 255),
        paired=paired,
        groups=labels,
    )


def leaves(value, path=""):
    """Every array and number of a record by its path."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name), f"{path}/{field.name}")
    elif value is not None:
        yield path, value


def assert_equal(first, second):
    """Bit for bit."""
    by_path, others = dict(leaves(first)), dict(leaves(second))
    assert by_path.keys() == others.keys()
    for path, value in by_path.items():
        np.testing.assert_array_equal(value, others[path], err_msg=path)
        assert np.asarray(value).dtype == np.asarray(others[path]).dtype, path


def assert_alike(merged, whole, names=None):
    """Counts are equal, and scores to 1e-9."""
    for side in ("output", "reference"):
        for quantity in ("pixels", "mean_pixels", "contrasts"):
            both = [getattr(getattr(record, side), quantity) for record in (merged, whole)]
            np.testing.assert_array_equal(*(one.cells for one in both), err_msg=quantity)
            np.testing.assert_allclose(*(one.sums for one in both), rtol=1e-12, atol=1e-9)
            np.testing.assert_allclose(*(one.squares for one in both), rtol=1e-12, atol=1e-9)
    found, expected = scores(merged), scores(whole)
    assert list(found) == list(expected)
    for name in expected if names is None else names:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("paired", [True, False])
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_split_in_any_order_gives_the_record_of_all(paired, data):
    output, reference, groups = data.draw(wholes())
    parts = [
        measured(output, reference, groups, paired, places)
        for places in data.draw(splits(len(output)))
    ]

    assert_alike(sum(parts), measured(output, reference, groups, paired))


def random_parts(count=5, images=12, paired=False, groups=None):
    random = np.random.default_rng(0)
    return [
        measure(
            output=random.random((images, 5, 4, 3)),
            reference=random.random((images, 5, 4, 3)),
            value_range=(0, 1),
            paired=paired,
            groups=groups,
        )
        for _ in range(count)
    ]


def test_of_samples_either_side_may_be_split_alone():
    random = np.random.default_rng(0)
    output, reference = random.random((24, 5, 4, 3)), random.random((40, 5, 4, 3))
    parts = [
        measure(output=output[:16], reference=reference[:9], value_range=(0, 1), paired=False),
        measure(output=output[16:], reference=reference[9:], value_range=(0, 1), paired=False),
    ]
    whole = measure(output=output, reference=reference, value_range=(0, 1), paired=False)

    assert_alike(sum(parts), whole)


@pytest.mark.parametrize("paired", [True, False])
def test_the_order_of_adding_does_not_matter_where_not_all_is_kept(monkeypatch, paired):
    monkeypatch.setattr(details, "MAX_IMAGES", 20)
    monkeypatch.setattr(image_values, "MAX_IMAGES", 30)
    a, b, c, d, e = random_parts(paired=paired)
    one, other = (a + b) + (c + (d + e)), ((e + c) + a) + d + b

    assert_alike(one, other)
    assert 30 == len(one.output.values.means)
    assert 60 == one.output.values.seen
    if paired:  # output i still stands beside reference i
        np.testing.assert_array_equal(one.output.values.keys, one.reference.values.keys)
    else:
        assert 20 == len(one.output.details.keys)


def test_a_choice_is_fair_to_parts_of_any_size(monkeypatch):
    """A tenth of the images is white: so is about a tenth of the choice."""
    monkeypatch.setattr(image_values, "MAX_IMAGES", 1000)
    random = np.random.default_rng(0)
    parts = []
    for _ in range(300):
        images = random.random((random.integers(1, 40), 1, 1, 1)) * 0.4
        images[random.random(len(images)) < 0.1] = 0.9
        parts.append(measure(output=images, reference=images, value_range=(0, 1)))
    kept = functools.reduce(operator.add, parts).output.values.means

    assert 1000 == len(kept)
    assert 0.07 < np.mean(kept > 0.5) < 0.13


@pytest.mark.parametrize("copies", [2, 5])
def test_groups_in_several_parts_are_one_group(copies):
    labels = np.repeat(["a", "b", "c"], 4)
    merged = sum(random_parts(copies, groups=labels, paired=True))

    assert 3 == scores(merged)["independent_count"][0]


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("groups", [None, np.repeat(["a", "b"], 6), np.repeat([3, 4], 6)])
def test_a_record_survives_pickling_and_bytes(paired, groups):
    record = sum(random_parts(2, paired=paired, groups=groups))

    assert_equal(record, pickle.loads(pickle.dumps(record)))
    assert_equal(record, Record.from_bytes(record.to_bytes()))
    assert scores(record).keys() == scores(Record.from_bytes(record.to_bytes())).keys()


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 100])
def test_other_bytes_are_refused(data):
    with pytest.raises(ValueError, match="^data must be what to_bytes of a record returned"):
        Record.from_bytes(data)


def test_half_of_the_bytes_and_no_bytes_are_refused():
    data = random_parts(1)[0].to_bytes()

    with pytest.raises(ValueError, match="^data must be what to_bytes"):
        Record.from_bytes(data[: len(data) // 2])
    with pytest.raises(TypeError, match="^data must be the bytes of a record; got str"):
        Record.from_bytes("record")


IMAGES = np.random.default_rng(0).random((12, 4, 4, 3))
USUAL = {"output": IMAGES, "reference": IMAGES, "value_range": (0, 1)}


@pytest.mark.parametrize(
    "other, sentence",
    [
        ({"value_range": (0, 2)}, "records must have one value range to be added; got 0..1 and 0"),
        ({"paired": False}, "records must all be of pairs or all of samples to be added; got pa"),
        (
            {"output": IMAGES[..., :1], "reference": IMAGES[..., :1]},
            "records must have one kind of channels to be added; got all, red, green, blue and all",
        ),
        (
            {"output": IMAGES[:, :2], "reference": IMAGES[:, :2]},
            "records must have one image size to be added; got 4 x 4 pixels and 2 x 4 pixels",
        ),
        (
            {"groups": np.zeros(12, int)},
            "records must have one kind of groups to be added; got none and whole numbers",
        ),
    ],
)
def test_what_cannot_be_added_is_refused_with_what_differs(other, sentence):
    first, second = measure(**USUAL), measure(**{**USUAL, **other})

    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        first + second


def test_a_record_and_a_number_are_no_record():
    with pytest.raises(TypeError, match="unsupported operand"):
        measure(**USUAL) + 1
