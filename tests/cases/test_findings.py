"""What is said of outputs that went wrong in people's hands, with the smallest inputs that show it.

Each case stands for its kind, K1 to K18: re-created from public reports, and reduced until nothing
could be left out. T1 to T15 are what was wrong by definition.
"""

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_sample_images

from tb_meanpixel import MeanPixelWriter, read


def patches(image):
    """A photograph `(427, 640, 3)` as 260 images of 32 x 32 pixels, in 0..1."""
    tiles = image[:416, :640].astype("float32") / 255
    return tiles.reshape(13, 32, 20, 32, 3).swapaxes(1, 2).reshape(-1, 32, 32, 3)


RAW = load_digits().images[:256, ..., None].astype("float32")  # 0..16
DIGITS = RAW / 16
PHOTOS, FLOWERS = map(patches, load_sample_images().images)

MASK = (DIGITS > 0.5).astype("uint8")

MEAN_DIGIT = DIGITS.mean(0, keepdims=True)
SOFT = DIGITS * 0.8 + 0.1
SOFT_BRIGHTNESS = SOFT.mean((1, 2, 3), keepdims=True) - SOFT.mean()
GREY = PHOTOS.mean(-1, keepdims=True).repeat(3, -1)
BRIGHTNESS = PHOTOS.mean((1, 2, 3), keepdims=True)
CHANNEL_MEANS = FLOWERS.mean((1, 2), keepdims=True)
WARM = PHOTOS * np.array([1, 0.8, 0.5])


EVERY = load_digits().images[..., None].astype("float32") / 16
ORDER = np.random.default_rng(0).permutation(len(EVERY))
OPAQUE = np.concatenate([PHOTOS, np.ones((260, 32, 32, 1), "float32")], axis=-1)
OWN_BRIGHTNESS = DIGITS.mean((1, 2, 3), keepdims=True)
SOFT_PHOTOS = PHOTOS * 0.6 + 0.2
CHECKS = (-1.0) ** np.add.outer(np.arange(32), np.arange(32))[None, :, :, None]


def flat_blue():
    output = PHOTOS.copy()
    output[..., 2] = PHOTOS[..., 2].mean()
    return output


def without_the_brightest():
    output = PHOTOS.copy()
    output[BRIGHTNESS[:, 0, 0, 0] > np.quantile(BRIGHTNESS, 0.9)] = np.nan
    return output


def collapsed(step):
    """Nearly one image; the last three of 60 steps a little less so."""
    return MEAN_DIGIT + (DIGITS - MEAN_DIGIT)[::-1] * (0.08 if step >= 57 else 0.05)


def not_finite(step):
    """NaN in all pixels at step 5, in those of one corner at step 20."""
    output = PHOTOS * (1 - step / 1e4)
    if step == 5:
        output[:] = np.nan
    if step == 20:
        output[0, 0, 0] = np.nan
    return output


def findings(folder, output_at, reference, steps=30, **options):
    """The findings of a run whose outputs are `output_at(step)`, by id."""
    with MeanPixelWriter(folder, **options) as writer:
        for step in range(steps):
            writer.write(step, output=output_at(step).astype("float32"), reference=reference)
    [run] = read(folder)
    return {finding.id: finding for finding in run.findings()}


def case(name, kind, expected, output_at, reference, *, steps=30, **options):
    """A row of the table: the ids that should be found. `kind` says what was wrong once."""
    del kind
    return pytest.param(expected, output_at, reference, {"steps": steps, **options}, id=name)


@pytest.mark.parametrize(
    "expected, output_at, reference, options",
    [
        case(
            "a collapse whose dust follows the references",
            "K1: a correlation has no scale",
            {"collapse"},
            lambda step: SOFT.mean(0, keepdims=True) + 1e-3 * SOFT_BRIGHTNESS * (1 + step / 100),
            SOFT,
        ),
        case(
            "a collapse whose dust runs against the references",
            "K1: and is no inversion",
            {"collapse"},
            lambda step: SOFT.mean(0, keepdims=True) - 1e-3 * SOFT_BRIGHTNESS * (1 + step / 100),
            SOFT,
        ),
        case(
            "a millionth below the range",
            "K2: counted is how many pixels lie outside, never how far",
            set(),
            lambda step: DIGITS - 1e-6,
            DIGITS,
        ),
        case(
            "a collapse that reaches a little below the range",
            "K2: and silences everything else",
            {"collapse"},
            lambda step: np.repeat(MEAN_DIGIT, 256, 0) - 0.004,
            DIGITS,
        ),
        case(
            "half as bright and a little below the range",
            "K2: and silences everything else",
            {"brightness_drift", "low_contrast"},
            lambda step: PHOTOS * 0.5 - 0.004,
            PHOTOS,
        ),
        case(
            "a collapse of 58 steps",
            "K3",
            {"collapse"},
            collapsed,
            DIGITS,
            steps=58,
        ),
        case(
            "a collapse that gets a little better in its last three steps",
            "K3: three better steps cancel a state of any length",
            {"collapse"},
            collapsed,
            DIGITS,
            steps=60,
        ),
        case(
            "too dark for 60 steps, a little less so in the last three",
            "K3: three better steps cancel a state of any length",
            {"brightness_drift"},
            lambda step: PHOTOS - (0.25 if step >= 57 else 0.3) * (PHOTOS > 0.3),
            PHOTOS,
            steps=60,
        ),
        case(
            "black for six steps",
            "K4: nobody needs eight steps for that",
            {"collapse"},
            lambda step: PHOTOS * 0 + step * 1e-4,
            PHOTOS,
            steps=6,
        ),
        case(
            "nearly black",
            "K5: an inversion asks for no spread",
            {"collapse", "brightness_drift"},
            lambda step: 0.0018 - 1e-6 * PHOTOS * (1 + step / 100),
            PHOTOS,
        ),
        case(
            "grey outputs of colour photographs",
            "K6: no finding knows of colour that is lost",
            {"color_loss"},
            lambda step: GREY + (PHOTOS.mean((0, 1, 2)) - PHOTOS.mean()) + step / 1e5,
            PHOTOS,
        ),
        case(
            "four images again and again",
            "K7: only the collapse to one image is seen",
            {"repeats"},
            lambda step: DIGITS[np.arange(256) % 4] * (1 - step / 1e4),
            DIGITS,
            paired=False,
        ),
        case(
            "all outputs equally bright",
            "K8: the spread of the brightness is never asked",
            {"same_brightness"},
            lambda step: PHOTOS - 0.85 * (BRIGHTNESS - BRIGHTNESS.mean()) + step * 1e-5,
            PHOTOS,
        ),
        case(
            "one gain of 0.7 in all channels",
            "K14: a gain is no colour cast",
            {"brightness_drift"},
            lambda step: WARM * 0.7 * (1 - step / 1e4),
            WARM,
        ),
        case(
            "30 % of the contrast in every channel",
            "K18: differences between the channels count as contrast",
            {"low_contrast"},
            lambda step: CHANNEL_MEANS + 0.3 * (FLOWERS - CHANNEL_MEANS) * (1 - step / 1e4),
            FLOWERS,
        ),
        case(
            "references that end at 16",
            "K17: they are taken as 0..255",
            {"brightness_drift"},
            lambda step: RAW * 0.7 * (1 - step / 1e4),
            RAW,
        ),
        case(
            "references that end at 3",
            "K17: they are taken as 0..255",
            {"brightness_drift"},
            lambda step: DIGITS * 3 * 0.7 * (1 - step / 1e4),
            DIGITS * 3,
        ),
        case(
            "a sigmoid before references that end at 16",
            "K17: they are taken as 0..255",
            {"wrong_range"},
            lambda step: RAW.clip(0, 1) * (1 - step / 1e4),
            RAW,
        ),
        case(
            "healthy outputs of references that end at 16",
            "K17: those at 0 are called saturation",
            set(),
            lambda step: RAW * 0.95 + 0.05 * RAW.mean(0) + step / 1e4,
            RAW,
        ),
        case(
            "one image alone",
            "T4: without a second one there is no test",
            set(),
            lambda step: PHOTOS[5:6] * 0.5 + 0.2 - step * 1e-6,
            PHOTOS[5:6] * 0.5 + 0.23,
        ),
        case(
            "16 samples of the digits that are real digits",
            "T2: saturation has no test of chance",
            set(),
            lambda step: EVERY[ORDER[:16]] * (1 - step / 1e6),
            EVERY[ORDER[16:32]],
            steps=20,
            paired=False,
        ),
        case(
            "an opacity that is constant while the colours are too dark",
            "T6: alpha is taken for a colour",
            {"brightness_drift"},
            lambda step: OPAQUE * [0.75, 0.75, 0.75, 1] * (1 - step * 1e-6),
            OPAQUE,
        ),
        case(
            "a blue channel that is flat",
            "T7: a dead channel is never seen",
            {"low_contrast"},
            lambda step: flat_blue() * (1 - step * 1e-6),
            PHOTOS,
        ),
        case(
            "the brightest images not finite",
            "T8: scores after NaN compare different pixels",
            {"non_finite"},
            lambda step: without_the_brightest(),
            PHOTOS,
        ),
        case(
            "one lucky step",
            "T9: the best of all is that of single steps",
            set(),
            lambda step: (
                OWN_BRIGHTNESS
                + (1 if step == 20 else 0.75) * (DIGITS - OWN_BRIGHTNESS) * (1 + step * 1e-5)
            ),
            DIGITS,
            steps=40,
        ),
        case(
            "samples of a quarter of the contrast",
            "T15: a collapse is not contrast-free",
            {"low_contrast"},
            lambda step: (PHOTOS * 0.25 + PHOTOS.mean() * 0.75) * (1 + step * 1e-6),
            PHOTOS,
            paired=False,
        ),
        case(
            "one sample",
            "T15: the spread of one image is not 0",
            set(),
            lambda step: PHOTOS[:1] * (1 - step * 1e-6),
            PHOTOS,
            paired=False,
        ),
        case(
            "mirrored outputs",
            "no histogram sees them",
            {"mirrored"},
            lambda step: PHOTOS[:, :, ::-1] * (1 - step * 1e-6),
            PHOTOS,
        ),
        case(
            "outputs of other inputs",
            "no histogram sees them",
            {"ignored_inputs"},
            lambda step: PHOTOS[ORDER[ORDER < 260]] * (1 - step * 1e-6),
            PHOTOS,
        ),
        case(
            "red and blue exchanged",
            "no histogram sees them",
            {"swapped_channels"},
            lambda step: FLOWERS[..., ::-1] * (1 - step * 1e-6),
            FLOWERS,
        ),
        case(
            "checks of a fiftieth of the range",
            "no histogram sees them",
            {"pattern"},
            lambda step: SOFT_PHOTOS + 0.02 * CHECKS * (1 + step * 1e-6),
            SOFT_PHOTOS,
        ),
        case(
            "noise",
            "no histogram sees it",
            {"noise"},
            lambda step: SOFT_PHOTOS + np.random.default_rng(step).normal(0, 0.15, PHOTOS.shape),
            SOFT_PHOTOS,
        ),
        case(
            "4 % of the outputs black",
            "K13: some images fail wholly",
            {"bad_images"},
            lambda step: (
                PHOTOS * (np.arange(260) % 25 > 0)[:, None, None, None] * (1 - step * 1e-6)
            ),
            PHOTOS,
        ),
        case(
            "masks of bytes, with a ground of a half",
            "T13: they are taken as 0..255 by type",
            {"brightness_drift", "low_contrast"},
            lambda step: MASK * 0.5 + 0.5 - step * 1e-5,
            MASK,
        ),
    ],
)
def test_what_is_found(tmp_path, expected, output_at, reference, options):
    found = findings(tmp_path, output_at, reference, **options)

    certain = {name for name, finding in found.items() if finding.state == "found"}

    # Outputs that do not change from step to step may be called frozen beside it.
    assert expected == certain - {"frozen"}


def test_outputs_in_another_order_each_step_are_not_frozen(tmp_path):
    found = findings(
        tmp_path,
        lambda step: PHOTOS[np.random.default_rng(step).permutation(260)],
        PHOTOS,
        paired=False,
    )

    assert "frozen" not in found


def test_every_episode_that_is_not_finite_is_named(tmp_path):
    sentence = findings(tmp_path, not_finite, PHOTOS)["non_finite"].sentence

    assert "5" in sentence
    assert "20" in sentence


def test_fifteen_dark_steps_are_not_passed_over(tmp_path):
    found = findings(tmp_path, lambda step: PHOTOS * (0.5 + step / 1e4), PHOTOS, steps=15)

    assert "early" == found["brightness_drift"].state
    assert "so far, in 15 of the 16 records" in found["brightness_drift"].sentence


def test_channels_in_the_place_of_rows_are_refused(tmp_path):
    channels_first = np.moveaxis(PHOTOS, -1, 1)  # (260, 3, 32, 32)

    with MeanPixelWriter(tmp_path) as writer, pytest.raises(ValueError, match="channels_first"):
        writer.write(0, output=channels_first, reference=channels_first)
