import dataclasses
import json

import numpy as np
import pytest
from sklearn import datasets
from support.histories import history_of

from tb_meanpixel.findings import IDS, find
from tb_meanpixel.findings.thresholds import DEFAULT, Thresholds
from tb_meanpixel.statistics.record import MeasuredReference
from tb_meanpixel.statistics.value_range import ValueRange

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
    references = MeasuredReference(reference, value_range)
    records = {
        epoch: references.compare(output(epoch, random), paired=paired) for epoch in range(epochs)
    }
    losses = {"val_loss": 0.1 + 1 / (1 + np.arange(epochs)) if loss is None else loss}
    return history_of(records, value_range, losses=losses)


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
        "low_contrast",
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
        {"output": constant(lambda r: DIGITS * 2 - 1 + r.normal(0, 0.01, DIGITS.shape))},
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
        assert f"since epoch {CHANGE + 1}. " in finding.sentence


@pytest.mark.parametrize("case", FROM_THE_START)
def test_what_was_wrong_from_the_start_is_named_as_soon_as_it_is_known(case):
    arguments, expected = FROM_THE_START[case]
    known_after = DEFAULT.lasting if expected == "wrong_range" else DEFAULT.early

    assert expected == ids(find(history(**arguments)))
    assert expected == ids(find(history(**arguments, epochs=known_after)))
    before = find(history(**arguments, epochs=known_after - 1))
    assert "found" not in [finding.state for finding in before]
    if known_after - 1 >= DEFAULT.lasting:
        assert [(expected, "early")] == [(finding.id, finding.state) for finding in before]
        assert f"so far, in {known_after - 1} of the {known_after} records" in before[0].sentence


@pytest.mark.parametrize("epochs", [1, 2, 5, 10, 30])
@pytest.mark.parametrize("paired", [True, False])
def test_a_healthy_run_is_not_accused(epochs, paired):
    assert [] == find(history(healthy, epochs=epochs, paired=paired))


def test_a_run_that_is_still_coming_right_is_not_accused():
    slowly = lambda epoch, random: blurred(random, epoch / 15)  # noqa: E731

    assert [] == find(history(slowly, epochs=12))


FELL = " The loss does not show it: it fell "


@pytest.mark.parametrize(
    "case, sentence",
    [
        (
            "collapse",
            (
                "Collapse since epoch 15. All outputs look alike: they vary 0.7% as much as the "
                "references."
            ),
        ),
        (
            "dark",
            "Outputs are too dark since epoch 15. They are 0.058 darker than the reference.",
        ),
        (
            "bright",
            "Outputs are too bright since epoch 15. They are 0.070 brighter than the reference.",
        ),
        (
            "flat",
            (
                "Low contrast since epoch 15. Inside an image, outputs have 37% of the reference's "
                "contrast."
            ),
        ),
        (
            "clipped",
            (
                "Saturation since epoch 15. 21% of output pixels are at 1, against 10% in the "
                "reference."
            ),
        ),
        (
            "inverted",
            (
                "Inverted outputs since epoch 15. Bright places of the references become dark in "
                "the outputs (correlation -1.00)."
            ),
        ),
        (
            "all NaN",
            "Outputs are not finite since epoch 15. All of their pixels are NaN or infinite.",
        ),
        (
            "tinted",
            (
                "Colour cast since epoch 15. Beside the other channels blue is too weak. Against "
                "the reference: red +0.002, green 0.000, blue -0.052."
            ),
        ),
        ("frozen", "Frozen since epoch 15. The outputs have not changed at all."),
        (
            "too much contrast",
            (
                "Hidden drift since epoch 15. Outputs are 0.041 away from the reference; "
                "the best was 0.006."
            ),
        ),
    ],
)
def test_a_sentence_says_what_since_when_and_how_much(case, sentence):
    [finding] = find(history(**CASES[case][0]))

    assert f"{sentence}{FELL}22%." == finding.sentence


@pytest.mark.parametrize(
    "case, body",
    [
        (
            "tanh on 0..1",
            (
                "69% of output pixels are below 0 and 5% above 1 (range 0 to 1). They look like "
                "-1 to 1."
            ),
        ),
        (
            "bytes for 0..1",
            "71% of output pixels are above 1 (range 0 to 1). They look like 0 to 255.",
        ),
        (
            "sigmoid on bytes",
            "Outputs stay in 0 to 1 like a sigmoid's; the reference spans 0 to 255.",
        ),
        (
            "sigmoid on -1..1",
            "Outputs stay in 0 to 1 like a sigmoid's; the reference spans -1 to 1.",
        ),
    ],
)
def test_a_wrong_range_is_named_with_the_one_it_looks_like(case, body):
    [finding] = find(history(**FROM_THE_START[case][0]))

    assert f"Wrong value range since epoch 0. {body}{FELL}88%." == finding.sentence


@pytest.mark.parametrize(
    "value_range, severity",
    [
        (ValueRange(0.0, 1.0, "data"), "error"),  # filled by the reference
        (ValueRange(0.0, 1.0, "declared"), "error"),
        (ValueRange(0.0, 1.2, "declared"), "error"),
        (ValueRange(0.0, 1.2, "data"), "warning"),  # other images may go further
    ],
)
def test_a_range_of_the_references_own_ends_is_not_sure(value_range, severity):
    output = constant(lambda r: DIGITS + 0.5 + r.normal(0, 0.001))
    found = {
        finding.id: finding.severity for finding in find(history(output, value_range=value_range))
    }

    assert severity == found["wrong_range"]


def test_pixels_below_zero_alone_look_like_those_of_a_linear_last_layer():
    [finding, darker] = find(
        history(constant(lambda r: SOFT - 0.6 + r.normal(0, 0.001, SOFT.shape)), SOFT)
    )

    assert (
        "Wrong value range since epoch 0. 83% of output pixels are below 0 (range 0 to 1), as a "
        f"tanh or linear last layer makes them.{FELL}88%."
    ) == finding.sentence
    assert "brightness_drift" == darker.id


def test_a_loss_that_hardly_moves_is_not_mentioned():
    loss = np.where(np.arange(EPOCHS) > CHANGE, 0.98, 1.0)
    [finding] = find(history(**CASES["flat"][0], loss=loss))

    assert finding.sentence.endswith("of the reference's contrast.")


@pytest.mark.parametrize(
    "before, after, expected",
    [
        (1.0, 1.2, "The loss rose 20%."),
        (0.5, -0.5, "The loss does not show it: it fell from 0.5 to -0.5."),
        (1.0, 30.0, "The loss rose from 1 to 30."),
    ],
)
def test_a_loss_that_moves_is_given_in_percent_or_by_its_ends(before, after, expected):
    loss = np.where(np.arange(EPOCHS) > CHANGE, after, before)
    [finding] = find(history(**CASES["flat"][0], loss=loss))

    assert finding.sentence.endswith(f" {expected}")


def test_an_unknown_loss_is_not_mentioned():
    [finding] = find(history(**CASES["collapse"][0], loss=np.full(EPOCHS, np.nan)))

    assert "loss" not in finding.sentence


def test_a_loss_that_rises_hides_no_drift():
    [finding] = find(history(**CASES["too much contrast"][0], loss=1.0 + np.arange(EPOCHS)))

    assert "drift" == finding.id
    assert "The loss rose from " in finding.sentence


@pytest.mark.parametrize("p, expected", [(0.001, "loss_hides_drift"), (0.2, ""), (np.nan, "")])
def test_samples_drift_only_if_it_is_no_accident_of_sampling(p, expected):
    seen = history(**CASES["too much contrast"][0], paired=False)
    tested = {("drift_p", ""): np.full(EPOCHS, p), ("bias_p", ""): np.full(EPOCHS, p)}

    assert expected == ids(find(dataclasses.replace(seen, scores={**seen.scores, **tested})))


def test_samples_collapse_in_modes_and_have_no_correlation():
    [finding] = find(history(**CASES["collapse"][0], paired=False))

    assert finding.sentence.startswith("Mode collapse since epoch 15")
    assert ["pixel_spread_ratio"] == list(finding.evidence)


def test_brightness_alone_is_never_called_a_collapse():
    seen = history(**CASES["collapse"][0])
    scores = {key: values for key, values in seen.scores.items() if key[0] != "pixel_spread_ratio"}

    assert "collapse" not in ids(find(dataclasses.replace(seen, scores=scores)))


@pytest.mark.parametrize(
    "has_posterior, title", [(True, "Posterior collapse"), (False, "Collapse")]
)
def test_a_posterior_collapses_only_where_there_is_one(has_posterior, title):
    seen = dataclasses.replace(history(**CASES["collapse"][0]), has_posterior=has_posterior)
    [finding] = find(seen)

    assert finding.sentence.startswith(f"{title} since epoch 15. ")


@pytest.mark.parametrize(
    "first, last, expected",
    [
        (0, 14, []),
        (4, 14, []),
        (10, 14, []),
        (10, 17, ["brightness_drift"]),
        (18, 20, ["brightness_drift"]),
        (4, 29, ["brightness_drift"]),
    ],
)
def test_a_run_that_has_not_settled_may_wander(first, last, expected):
    wandering = lambda epoch, random: (  # noqa: E731
        blurred(random, epoch) * 0.9 + (0.1 if first <= epoch <= last else 0.03)
    )

    assert expected == [f.id for f in find(history(wandering))]


def test_a_trouble_that_passed_has_its_last_epoch():
    passing = lambda epoch, random: (  # noqa: E731
        blurred(random, epoch) * (0.5 if 17 <= epoch <= 21 else 1)
    )
    found = {finding.id: finding for finding in find(history(passing))}

    assert (17, 21) == (
        found["brightness_drift"].first_step,
        found["brightness_drift"].last_step,
    )
    assert "in epochs 17 to 21" in found["brightness_drift"].sentence


def test_a_single_epoch_with_nan_is_a_finding():
    once = lambda epoch, random: blurred(random, epoch) * (np.nan if epoch == 3 else 1)  # noqa: E731
    [finding] = find(history(once))

    assert ("non_finite", 3, 3) == (finding.id, finding.first_step, finding.last_step)
    assert "in epoch 3. All of their pixels" in finding.sentence


def test_a_sentence_that_begins_with_a_number_in_words_has_a_capital():
    def output(epoch, random):
        images = np.repeat(blurred(random, epoch), 8, axis=1)
        if epoch == 3:
            images.flat[0] = np.nan
        return images

    [finding] = find(history(output, reference=np.repeat(DIGITS, 8, axis=1)))

    assert "in epoch 3. Less than 0.01% of their pixels" in finding.sentence


def test_the_evidence_is_what_was_measured():
    seen = history(**CASES["bright"][0])
    [finding] = find(seen)

    assert seen.score("bias")[-8:].mean() == pytest.approx(finding.evidence["bias"], abs=0.002)
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
