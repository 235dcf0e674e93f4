"""Trainings that go wrong, each in the way it happens to people, and one that does not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

LEARNING_RATE = 4e-3
WARM_UP = 10  # epochs until something begins to walk


def falling(steps):
    """To zero along a cosine, so that the last epochs do not jitter."""
    return keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)


def constant(steps):
    return LEARNING_RATE


@dataclass(frozen=True)
class Scenario:
    story: str
    finding: str | None = None
    data: str = "digits"
    epochs: int = 40
    model: Mapping[str, Any] = field(default_factory=dict)
    scale: Callable[[Any], Any] = lambda images: images
    targets: Callable[[Any], Any] | None = None
    learning_rate: Callable[[int], Any] = falling
    weight_decay: float | None = None
    walk: Any = None


class Walk(keras.callbacks.Callback):
    def __init__(self, step, first_epoch=WARM_UP):
        super().__init__()
        self.step, self.first_epoch = step, first_epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch >= self.first_epoch:
            self.model.is_fine_tuning.assign(True)
            bias = self.model.decoder.layers[-1].bias
            bias.assign_add(keras.ops.convert_to_tensor(self.step, bias.dtype))

ROOM = lambda images: 0.2 + 0.6 * images
BLIND = {"activation": None, "reconstruction": "squared_error", "fine_tuning": "centred_error"}

SCENARIOS = {
    "healthy": Scenario("Nothing goes wrong."),
    "healthy-photos": Scenario("Nothing goes wrong.", data="small_photos"),
    "collapse": Scenario("beta", "collapse", model={"beta": 2.0}),
    "wrong-range": Scenario("tanh", "wrong_range", model={"activation": "tanh", "reconstruction": "squared_error"}),
    "saturation": Scenario("sharp", "saturation", data="small_photos", model={"reconstruction": "sharpened_error"}),
    "saturation-digits": Scenario("sharp", "saturation", model={"reconstruction": "sharpened_error"}),
    "contrast": Scenario("", "contrast_loss", data="small_photos", model={"reconstruction": "smoothed_error"}),
    "contrast-digits": Scenario("", "contrast_loss", model={"reconstruction": "smoothed_error"}),
    "brightness": Scenario("bias", "brightness_drift", scale=ROOM, model=BLIND, walk=[0.004]),
    "brightness-0": Scenario("bias", "brightness_drift", scale=ROOM, model=BLIND, walk=[0.0]),
    "brightness-p": Scenario("bias", "brightness_drift", data="small_photos", scale=ROOM, model=BLIND, walk=[0.004]*3),
    "colour-cast": Scenario("bias", "color_cast", data="small_photos", scale=ROOM, model=BLIND, walk=[0.004, 0, 0]),
    "nan": Scenario("lr", "non_finite", learning_rate=lambda steps: keras.optimizers.schedules.ExponentialDecay(1e-4, steps // 40, 1.5)),
    "nan10t": Scenario("lr", "non_finite", model={"reconstruction":"textbook_cross_entropy"}, learning_rate=lambda steps: keras.optimizers.schedules.ExponentialDecay(1e-3, steps // 10, 10)),
    "nan10": Scenario("lr", "non_finite", learning_rate=lambda steps: keras.optimizers.schedules.ExponentialDecay(1e-3, steps // 10, 10)),
    "sigmoid-on-bytes": Scenario("", "wrong_range", scale=lambda x: x * 255, model={"reconstruction": "squared_error"}),
    "sigmoid-on-symmetric": Scenario("", "wrong_range", scale=lambda x: x * 2 - 1, model={"reconstruction": "squared_error"}, learning_rate=lambda s:5e-4),
    "sigmoid-on-symmetric-p": Scenario("", "wrong_range", data="small_photos", scale=lambda x: x * 2 - 1, model={"reconstruction": "squared_error"}, learning_rate=lambda s:5e-4),
    "inverted": Scenario("", "inversion", targets=lambda x: 1 - x),
    "frozen": Scenario("", "frozen", learning_rate=lambda steps: falling(steps//3)),
}
