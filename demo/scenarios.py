"""Runs that go wrong as they do for people, each with the finding that it should end in.

    scenario = SCENARIOS["collapse"]
    print(scenario.story, scenario.finding)

A scenario holds the differences from a healthy run; `train.py` does the rest.
Nothing is painted on the outputs: the model itself learns to make them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import keras

LEARNING_RATE = 4e-3
WELL_UNTIL = 10  # epochs before something begins to walk


def falling(steps):
    """To zero along a cosine, so that the last epochs do not jitter."""
    return keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)


@dataclass(frozen=True)
class Scenario:
    """A run of the demo.

    Attributes:
        story: how it happens to people.
        finding: its id at the end of the run; None for a run without findings.
        data, epochs: a name of `data.py`, and how long.
        settings: of the `VAE`, where they are not its defaults.
        prepare: function of all images, references too.
        targets: function from images to targets; None: the images themselves.
        learning_rate: number of training steps -> schedule.
        walk: what is added to the decoder's last bias in each epoch of fine-tuning,
            in each channel or in all; None: there is no fine-tuning.
    """

    story: str
    finding: str | None = None
    data: str = "digits"
    epochs: int = 24
    settings: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[Any], Any] = lambda images: images
    targets: Callable[[Any], Any] | None = None
    learning_rate: Callable[[int], Any] = falling
    walk: tuple[float, ...] | None = None

    def callbacks(self):
        return [] if self.walk is None else [Walk(self.walk)]


class Walk(keras.callbacks.Callback):
    """Begins the fine-tuning, and moves the bias of the decoder's last layer in each epoch of it.

    The step stands for the many small forces on a bias, such as weight decay. A loss
    that sees the brightness undoes it within a few batches.
    """

    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_epoch_begin(self, epoch, logs=None):
        if epoch >= WELL_UNTIL:
            self.model.is_fine_tuning.assign(1.0)
            bias = self.model.decoder.layers[-1].bias  # (c,)
            bias.assign_add(keras.ops.broadcast_to(self.step, bias.shape))


def with_margin(images):
    """Paper is not quite white, and ink not quite black."""
    return 0.2 + 0.6 * images


def squared(**settings):
    return {"reconstruction": "squared_error", **settings}


BRIGHTNESS = Scenario(
    "Fine-tuned with a loss that sees batches through BatchNormalization: it is blind to "
    "their brightness, and the decoder's bias walks.",
    "brightness_drift",
    settings=squared(activation=None, fine_tuning="centred_error"),
    prepare=with_margin,
    walk=(0.006,),
)

SCENARIOS = {
    "healthy": Scenario("All is well."),
    "collapse": Scenario(
        "beta is too high: an empty code costs least, and every reconstruction is the mean image.",
        "collapse",
        settings={"beta": 4.0},
    ),
    "wrong-range": Scenario(
        "The targets are scaled to [-1, 1] for a decoder that ends in tanh; the images are not.",
        "wrong_range",
        settings=squared(activation="tanh"),
        targets=lambda images: 2 * images - 1,
    ),
    "saturation": Scenario(
        "A term against blurry images is too strong: only black and white are sharp enough.",
        "saturation",
        settings={"reconstruction": "sharpened_error"},
    ),
    "brightness": BRIGHTNESS,
    "brightness-cured": replace(
        BRIGHTNESS,
        story="The same with a mean-pixel penalty in the loss: it holds the brightness.",
        finding=None,
        settings={**BRIGHTNESS.settings, "mean_pixel_weight": 1.0},
    ),
    "colour-cast": replace(
        BRIGHTNESS,
        story="The same on photographs, and only red walks: their mean shows a third.",
        finding="color_cast",
        data="small_photos",
        walk=(0.012, 0.0, 0.0),
    ),
    "nan": Scenario(
        "The learning rate's schedule grows where it should fall, until the loss takes log 0.",
        "non_finite",
        settings={"reconstruction": "textbook_cross_entropy"},
        learning_rate=lambda steps: keras.optimizers.schedules.ExponentialDecay(
            LEARNING_RATE / 4, steps // 6, 10
        ),
    ),
    "healthy-photos": Scenario("All is well, in colour.", data="small_photos"),
    "contrast": Scenario(
        "A term against noisy images is too strong: flat ones are the least noisy.",
        "low_contrast",
        settings={"reconstruction": "smoothed_error"},
    ),
    "sigmoid-on-bytes": Scenario(
        "Images were never divided by 255; a sigmoid reaches no further than 1.",
        "wrong_range",
        settings=squared(),
        prepare=lambda images: 255 * images,
    ),
    "sigmoid-on-symmetric": Scenario(
        "Images were brought to [-1, 1] for another model; this one ends in a sigmoid.",
        "wrong_range",
        settings=squared(),
        data="small_photos",
        epochs=12,
        prepare=lambda images: 2 * images - 1,
        learning_rate=lambda _: 1e-3,
    ),
    "inverted": Scenario(
        "Targets come from a second loader, which has ink as 1 and paper as 0.",
        "inversion",
        targets=lambda images: 1 - images,
    ),
    "frozen": Scenario(
        "The schedule counts batches three times as large: it has ended after a third of the way.",
        "frozen",
        learning_rate=lambda steps: falling(steps // 3),
    ),
}

# The scenarios of `make demo`.
TOUR = (
    "healthy",
    "collapse",
    "wrong-range",
    "saturation",
    "brightness",
    "brightness-cured",
    "colour-cast",
    "nan",
)
