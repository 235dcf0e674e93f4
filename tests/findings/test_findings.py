import dataclasses
import json

import numpy as np
import pytest
from sklearn import datasets

from tb_meanpixel.findings import IDS, find
from tb_meanpixel.findings.history import History
from tb_meanpixel.findings.thresholds import DEFAULT, Thresholds
from tb_meanpixel.statistics.image_statistics import PairSums, Record, measure
from tb_meanpixel.statistics.images import ValueRange
from tb_meanpixel.statistics.mean_pixel import image_means

UNIT = ValueRange(0.0, 1.0, "declared")
BYTES = ValueRange(0.0, 255.0, "declared")
SYMMETRIC = ValueRange(-1.0, 1.0, "declared")
EPOCHS, CHANGE = 30, 14

DIGITS = (datasets.load_digits().images[:256] / 16)[..., np.newaxis]  # (256, 8, 8, 1) in 0..1
MEAN = DIGITS.mean(axis=0, keepdims=True)
SOFT = 0.35 + 0.3 * DIGITS
PHOTO = datasets.load_sample_images().images[1][:256, :256] / 255
PATCHES = (  # (256, 16, 16, 3) in 0..1
    PHOTO.reshape(16, 16, 16, 16, 3).swapaxes(1, 2).reshape(256, 16, 16, 3)
)


def history(output, reference=DIGITS, value_range=UNIT, *, epochs=EPOCHS, paired=True, loss=None):
    """Of `output(epoch, random)` for each epoch; the loss falls unless it is given."""
    random = np.random.default_rng(0)
    of_reference, means = measure(reference, value_range), image_means(reference)
    records = {}
    for epoch in range(epochs):
        images = output(epoch, random)
        pairs = PairSums.of(image_means(images), means) if paired else None
        records[epoch] = Record(measure(images, value_range), of_reference, pairs)
    losses = {"val_loss": 0.1 + 1 / (1 + np.arange(epochs)) if loss is None else loss}
    return History.of_records(records, value_range, losses=losses)


def noisy(images, random, spread=0.02):
    return np.clip(images + random.normal(0, spread, images.shape), 0, 1)


def blurred(random, epoch=EPOCHS, images=DIGITS):
    """What a healthy VAE makes: grey at first, then ever nearer to its input, never all of it."""
    share = 0.85 * (1 - np.exp(-epoch / 3))
    mean = images.mean(axis=0, keepdims=True)
    return noisy(mean + share * (images - mean), random, 0.01)


def healthy(epoch, random):
    return blurred(random, epoch)


def after_change(wrong):
    """Healthy up to the change, then what `wrong(images, random)` makes of it."""

    def output(epoch, random):
        images = blurred(random, epoch)
        return images if epoch <= CHANGE else wrong(images, random)

    return output


def constant(output):
    """Outputs of a bug that was there from the first epoch on."""
    return lambda epoch, random: output(random)


# What is wrong: (history's arguments, the findings' ids, their first epoch).
CASES = {
    "collapse": ({"output": after_change(lambda x, r: noisy(MEAN + 0 * x, r, 0.002))}, "collapse"),
    "dark": (
        {"output": after_change(lambda x, r: np.clip(x - 0.1, 0, 1))},
        "brightness_drift",
    ),
    "bright": ({"output": after_change(lambda x, r: x * 0.9 + 0.1)}, "brightness_drift"),
    "flat": (
        {"output": after_change(lambda x, r: x.mean() + 0.4 * (x - x.mean()))},
        "contrast_loss",
    ),
    "clipped": (
        {"output": after_change(lambda x, r: np.clip(2 * x - 0.48, 0, 1))},
        "saturation",
    ),
    "inverted": ({"output": after_change(lambda x, r: 1 - x)}, "inversion"),
    "all NaN": ({"output": after_change(lambda x, r: x * np.nan)}, "non_finite"),
    "tinted": (
        {
            "output": lambda epoch, random: noisy(
                PATCHES * (1, 1, 0.8 if epoch > CHANGE else 1), random, 0.01
            ),
            "reference": PATCHES,
        },
        "color_cast",
    ),
    "frozen": (
        {"output": lambda epoch, random: blurred(np.random.default_rng(0), min(epoch, CHANGE + 1))},
        "frozen",
    ),
    "too much contrast": (
        {
            "output": lambda epoch, random: noisy(
                SOFT.mean() + (SOFT - SOFT.mean()) * (1.4 if epoch > CHANGE else 1), random, 0.01
            ),
            "reference": SOFT,
        },
        "loss_hides_drift",
    ),
}

# Bugs that were there from the first epoch on.
FROM_THE_START = {
    "collapsed": ({"output": constant(lambda r: noisy(MEAN + 0 * DIGITS, r, 0.002))}, "collapse"),
    "tanh on 0..1": (
        {"output": constant(lambda r: DIGITS + r.normal(0, 0.03, DIGITS.shape))},
        "wrong_range",
    ),
    "bytes for 0..1": ({"output": constant(lambda r: noisy(DIGITS, r) * 255)}, "wrong_range"),
    "sigmoid on bytes": (
        {
            "output": constant(lambda r: noisy(np.clip(DIGITS * 255, 0, 1), r)),
            "reference": DIGITS * 255,
            "value_range": BYTES,
        },
        "wrong_range",
    ),
    "0..1 for bytes": (
        {
            "output": constant(lambda r: noisy(DIGITS, r)),
            "reference": DIGITS * 255,
            "value_range": BYTES,
        },
        "wrong_range",
    ),
    "sigmoid on -1..1": (
        {
            "output": constant(lambda r: noisy(np.clip(DIGITS * 2 - 1, 0, 1), r)),
            "reference": DIGITS * 2 - 1,
            "value_range": SYMMETRIC,
        },
        "wrong_range",
    ),
    "inverted": ({"output": constant(lambda r: noisy(1 - DIGITS, r))}, "inversion"),
}


def ids(findings):
    return " ".join(sorted(finding.id for finding in findings))


@pytest.mark.parametrize("case", CASES)
def test_what_goes_wrong_is_named_with_its_epoch(case):
    arguments, expected = CASES[case]
    found = find(history(**arguments))

    assert expected == ids(found)
    for finding in found:
        assert CHANGE + 1 == finding.first_step, finding.sentence
        assert EPOCHS - 1 == finding.last_step
        assert f"since epoch {CHANGE + 1}: " in finding.sentence


@pytest.mark.parametrize("case", FROM_THE_START)
def test_what_was_wrong_from_the_start_is_named_once_it_can_be_told(case):
    arguments, expected = FROM_THE_START[case]
    told_after = DEFAULT.lasting if expected == "wrong_range" else DEFAULT.early

    assert expected == ids(find(history(**arguments)))
    assert expected == ids(find(history(**arguments, epochs=told_after)))
    assert "" == ids(find(history(**arguments, epochs=told_after - 1)))


@pytest.mark.parametrize("epochs", [1, 2, 5, 10, 30])
@pytest.mark.parametrize("paired", [True, False])
def test_a_healthy_training_is_not_accused(epochs, paired):
    assert [] == find(history(healthy, epochs=epochs, paired=paired))


def test_a_training_that_is_still_coming_right_is_not_accused():
    slowly = lambda epoch, random: blurred(random, epoch / 15)  # noqa: E731

    assert [] == find(history(slowly, epochs=12))


@pytest.mark.parametrize(
    "case, sentence",
    [
        (
            "collapse",
            "Posterior collapse since epoch 15: from image to image the outputs vary 1 % as much",
        ),
        ("bright", "Outputs are too bright since epoch 15: 0.0"),
        ("flat", "Contrast loss since epoch 15: inside an image the outputs have 3"),
        ("inverted", "Inverted outputs since epoch 15: bright references become dark outputs"),
        ("all NaN", "Outputs are not finite since epoch 15: all of their pixels are NaN"),
        ("tinted", "Colour cast since epoch 15: blue is too weak (channels are off by red +0.00"),
        ("frozen", "Frozen since epoch 15: the outputs have not changed at all"),
        ("too much contrast", "The loss hides a drift since epoch 15: outputs are 0.0"),
    ],
)
def test_a_sentence_says_what_since_when_and_how_much(case, sentence):
    [finding, *_] = find(history(**CASES[case][0]))

    assert finding.sentence.startswith(sentence), finding.sentence
    assert ", while the loss fell " in finding.sentence


@pytest.mark.parametrize(
    "case, ending",
    [
        ("tanh on 0..1", "below and 5 % above"),
        ("bytes for 0..1", "they look like 0 to 255"),
        ("sigmoid on bytes", "as those of a sigmoid do, not to the reference's 0 to 255"),
        ("sigmoid on -1..1", "as those of a sigmoid do, not to the reference's -1 to 1"),
    ],
)
def test_a_wrong_range_is_named_with_the_one_it_looks_like(case, ending):
    [finding] = find(history(**FROM_THE_START[case][0]))

    assert ending in finding.sentence


def test_without_a_loss_nothing_is_said_of_it():
    [finding] = find(history(**CASES["collapse"][0], loss=np.full(EPOCHS, np.nan)))

    assert "loss" not in finding.sentence


def test_a_loss_that_rises_hides_no_drift():
    [finding] = find(history(**CASES["too much contrast"][0], loss=1.0 + np.arange(EPOCHS)))

    assert "drift" == finding.id
    assert "while the loss rose" in finding.sentence


@pytest.mark.parametrize("p, expected", [(0.001, "loss_hides_drift"), (0.2, ""), (np.nan, "")])
def test_samples_drift_only_if_it_is_no_accident_of_sampling(p, expected):
    seen = history(**CASES["too much contrast"][0], paired=False)
    tested = {("drift_p", ""): np.full(EPOCHS, p), ("bias_p", ""): np.full(EPOCHS, p)}

    assert expected == ids(find(dataclasses.replace(seen, scores={**seen.scores, **tested})))


def test_samples_collapse_in_modes_and_have_no_correlation():
    [finding] = find(history(**CASES["collapse"][0], paired=False))

    assert finding.sentence.startswith("Mode collapse since epoch 15")
    assert ["pixel_spread_ratio"] == list(finding.evidence)


def test_images_that_only_passed_by_are_judged_by_their_means():
    seen = history(**CASES["collapse"][0])
    scores = {key: values for key, values in seen.scores.items() if key[0] != "pixel_spread_ratio"}
    [finding] = find(dataclasses.replace(seen, scores=scores))

    assert "collapse" == finding.id
    assert "brightness_spread_ratio" in finding.evidence


@pytest.mark.parametrize(
    "first, last, told",
    [(0, 14, ""), (4, 14, ""), (10, 14, ""), (10, 17, "b"), (18, 20, "b"), (4, 29, "b")],
)
def test_a_training_that_has_not_settled_may_wander(first, last, told):
    wandering = lambda epoch, random: (  # noqa: E731
        blurred(random, epoch) * 0.9 + (0.1 if first <= epoch <= last else 0.03)
    )

    assert (["brightness_drift"] if told else []) == [f.id for f in find(history(wandering))]


def test_a_trouble_that_passed_is_told_with_its_end():
    passing = lambda epoch, random: (  # noqa: E731
        blurred(random, epoch) * (0.5 if 17 <= epoch <= 21 else 1)
    )
    found = {finding.id: finding for finding in find(history(passing))}

    assert (17, 21) == (
        found["brightness_drift"].first_step,
        found["brightness_drift"].last_step,
    )
    assert "in epochs 17 to 21" in found["brightness_drift"].sentence


def test_a_single_epoch_with_nan_is_told():
    once = lambda epoch, random: blurred(random, epoch) * (np.nan if epoch == 3 else 1)  # noqa: E731
    [finding] = find(history(once))

    assert ("non_finite", 3, 3) == (finding.id, finding.first_step, finding.last_step)
    assert "in epoch 3: all of their pixels" in finding.sentence


def test_the_evidence_is_what_was_measured():
    seen = history(**CASES["bright"][0])
    [finding] = find(seen)

    assert seen.score("bias")[-1] == finding.evidence["bias"]
    assert 0.03 < finding.evidence["bias"] < 0.1


def test_errors_come_first():
    def output(epoch, random):
        images = blurred(random, epoch)
        images = images * 0.9 + 0.1 if 17 <= epoch <= 20 else images
        return images * np.nan if epoch > 24 else images

    found = find(history(output))

    assert ["non_finite", "brightness_drift"] == [finding.id for finding in found]


def test_every_threshold_is_the_callers():
    seen = history(**CASES["bright"][0])

    assert ["brightness_drift"] == [finding.id for finding in find(seen)]
    assert "brightness_drift" not in ids(find(seen, Thresholds(bias=0.5)))


def test_findings_are_plain_json_and_their_ids_are_known():
    for arguments, _ in [*CASES.values(), *FROM_THE_START.values()]:
        for finding in find(history(**arguments)):
            assert finding.as_dict() == json.loads(json.dumps(finding.as_dict(), allow_nan=False))
            assert finding.id in IDS


def test_without_any_epoch_there_is_nothing_to_find():
    seen = history(healthy, epochs=1)
    nothing = {key: values[:0] for key, values in seen.scores.items()}

    assert [] == find(dataclasses.replace(seen, steps=seen.steps[:0], scores=nothing, losses={}))
