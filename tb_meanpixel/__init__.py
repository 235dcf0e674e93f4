"""Mean-pixel drift of image models, in TensorBoard and next to the loss.

Synopsis:

    from tb_meanpixel import MeanPixelCallback

    model.fit(x_train, callbacks=[MeanPixelCallback("logs/vae", reference=x_val)])

then `tensorboard --logdir logs`, tab "Mean Pixel".

TensorBoard imports this package when it starts, so the public names are
resolved on first use (PEP 562): only `MeanPixelCallback` and `MeanPixel` import Keras.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tb_meanpixel.recording.callback import MeanPixelCallback as MeanPixelCallback
    from tb_meanpixel.recording.metric import MeanPixel as MeanPixel
    from tb_meanpixel.recording.writer import MeanPixelWriter as MeanPixelWriter
    from tb_meanpixel.runs import read as read
    from tb_meanpixel.statistics.record import measure as measure

__version__ = "0.1.0"
__all__ = ["MeanPixel", "MeanPixelCallback", "MeanPixelWriter", "measure", "read"]

_OWNERS = {
    "MeanPixel": "recording.metric",
    "MeanPixelCallback": "recording.callback",
    "MeanPixelWriter": "recording.writer",
    "measure": "statistics.record",
    "read": "runs",
}


def __getattr__(name: str) -> Any:
    if name in _OWNERS:
        return getattr(importlib.import_module(f"{__name__}.{_OWNERS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
