"""A callback of Lightning that compares outputs with references in every validation.

Synopsis:

    from tb_meanpixel.integrations.lightning import MeanPixelCallback

    trainer = lightning.Trainer(callbacks=[MeanPixelCallback()])

where `validation_step` returns `{"output": images, "reference": images}`.
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.recording.event_directory import check_log_dir
from tb_meanpixel.recording.guard import Guard
from tb_meanpixel.recording.live_findings import OnFinding, check_findings_arguments
from tb_meanpixel.recording.samples import check_samples
from tb_meanpixel.recording.warning_place import caller_level
from tb_meanpixel.recording.writer import MeanPixelWriter
from tb_meanpixel.schema.metadata import check_stream_name
from tb_meanpixel.statistics.image_statistics import check_bins
from tb_meanpixel.statistics.images import Layout, check_data_formats
from tb_meanpixel.statistics.value_range import declared_range

OutputFn = Callable[[Any, Any], tuple[Any, Any]]

_FRAMEWORKS = ("lightning.pytorch", "pytorch_lightning")
_LOGGED = {"mean_pixel": "output_mean", "mean_pixel_bias": "bias", "mean_pixel_drift": "drift"}


def _base() -> Any:
    """The `Callback` of the package that is imported, else of one that is installed."""
    for name in sorted(_FRAMEWORKS, key=lambda name: name not in sys.modules):
        try:
            return importlib.import_module(name).Callback
        except ModuleNotFoundError as error:
            if error.name not in (name, name.partition(".")[0]):
                raise  # it is there, and lacks something itself
    raise ImportError(
        "tb_meanpixel.integrations.lightning needs Lightning. Type: pip install lightning"
    )


class MeanPixelCallback(_base()):  # type: ignore[misc]  # one of two packages
    """Compares outputs with references in every validation of a Lightning `fit`.

    Writes to `<trainer.log_dir>/mean_pixel`; a step is `trainer.global_step`. Only sums of the
    batches are kept. The sanity check is not recorded, nor is `trainer.validate`.

    Logs `mean_pixel`, `mean_pixel_bias` and `mean_pixel_drift`, which EarlyStopping and
    ModelCheckpoint can monitor with `mode="min"`. Before them stands the name of the stream and
    "_" where it is not "validation".

    On several processes rank 0 records the images that it validates itself. Those of the other
    ranks are not in, unless `validation_step` gathers them, as in
    `self.all_gather(output).flatten(0, 1)`.

    Args:
        output_fn: `(pl_module, batch) -> (output, reference)`, image batches. None:
            `validation_step` returns `{"output": ..., "reference": ...}`.
        log_dir: directory of the run. None: `trainer.log_dir`, that of the first logger.
        dataloader: index of the validation's loader whose images are recorded.
        stream, value_range, bins, paired, data_format, reference_data_format, samples,
            on_finding, thresholds: as of `tb_meanpixel.MeanPixelWriter`.
        stop_on: ids of findings that end the training: `("collapse", "non_finite")`.

    Raises:
        TypeError, ValueError: if an argument is none of these. In the sanity check, if
            `validation_step` returns no images and there is no `output_fn`.
        OSError: if the file of `thresholds` cannot be read. When `fit` begins, if the
            directory cannot be written.

    Once training runs, a failure to record warns once and training goes on.
    """

    def __init__(
        self,
        output_fn: OutputFn | None = None,
        *,
        log_dir: str | os.PathLike[str] | None = None,
        dataloader: int = 0,
        stream: str = "validation",
        value_range: tuple[float, float] | None = None,
        bins: int = 64,
        paired: bool = True,
        data_format: Layout | None = None,
        reference_data_format: Layout | None = None,
        samples: int = 8,
        on_finding: OnFinding | None = None,
        stop_on: Iterable[str] = (),
        thresholds: Thresholds | str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__()
        if output_fn is not None and not callable(output_fn):
            raise TypeError(
                "output_fn must be a function (pl_module, batch) -> (output, reference); got "
                f"{type(output_fn).__name__}"
            )
        check_data_formats(data_format, reference_data_format)
        # Here, and not in `fit`.
        ids, levels = check_findings_arguments(on_finding, stop_on, thresholds)
        self._output_fn = output_fn
        self._log_dir = None if log_dir is None else check_log_dir(log_dir)
        self._dataloader = dataloader
        self._prefix = "" if stream == "validation" else f"{stream}_"
        self._arguments: dict[str, Any] = {
            "stream": check_stream_name(stream),
            "value_range": None if value_range is None else declared_range(value_range)[:2],
            "bins": check_bins(bins),
            "paired": paired,
            "data_format": data_format,
            "reference_data_format": reference_data_format,
            "samples": check_samples(samples),
            "on_finding": on_finding,
            "stop_on": ids,
            "thresholds": levels,
        }
        self._is_fitting = False
        self._writer: MeanPixelWriter | None = None  # of rank 0
        self._scores: dict[str, float] = {}  # of this validation
        self._taken = 0  # batches of this validation
        self._guard = Guard(f"MeanPixelCallback {stream!r}")

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Open the event file on rank 0."""
        if stage != "fit":
            return
        log_dir = trainer.log_dir  # on every rank: it is sent from rank 0, and all wait for it
        if self._log_dir is not None:
            log_dir = self._log_dir
        self._close()
        self._is_fitting = True
        if trainer.is_global_zero:
            self._writer = MeanPixelWriter(
                log_dir or trainer.default_root_dir, unit="step", **self._arguments
            )
            if trainer.world_size > 1:
                warnings.warn(
                    f"MeanPixelCallback records the images of rank 0 alone: those of the other "
                    f"{trainer.world_size - 1} ranks are not in. To record all, let "
                    "validation_step return self.all_gather(images).flatten(0, 1)",
                    RuntimeWarning,
                    stacklevel=caller_level(),
                )

    def on_validation_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """A validation begins."""
        self._taken = 0

    def on_validation_batch_end(  # noqa: PLR0917  Lightning's hook
        self,
        trainer: Any,
        pl_module: Any,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Add the images of a batch to the sums."""
        if not self._is_fitting or dataloader_idx != self._dataloader:
            return
        if trainer.sanity_checking:
            if self._output_fn is None:
                _images_of(outputs)  # an error now, and not after an epoch
            return
        self._guard.run(f"batch {batch_idx}", self._take, pl_module, outputs, batch)

    def on_validation_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Write the record, and log its scores on every rank."""
        if not self._is_fitting or trainer.sanity_checking:
            return
        self._scores = {}
        if self._writer is not None and self._taken:
            step = trainer.global_step
            self._guard.run(f"step {step}", self._write, self._writer, step)
        scores, should_stop = self._scores, self._writer is not None and self._writer.should_stop
        is_spread = trainer.world_size > 1
        if is_spread:  # EarlyStopping wants the score, and the same one, on all ranks
            scores, should_stop = trainer.strategy.broadcast((scores, should_stop), src=0)
        # Where a record fails Lightning keeps the last scores for those who monitor them.
        for name, score in _LOGGED.items():
            if score in scores:
                # Synchronised: they are the same everywhere, which Lightning cannot know.
                pl_module.log(self._prefix + name, scores[score], sync_dist=is_spread)
        if should_stop:
            trainer.should_stop = True

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Close the event file of a `fit` that was interrupted."""
        self._close()

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Close the event file."""
        if stage == "fit":
            self._close()

    def _take(self, pl_module: Any, outputs: Any, batch: Any) -> None:
        if self._output_fn is None:
            output, reference = _images_of(outputs)
        else:  # on every rank: a model that is spread over them waits for all
            output, reference = self._output_fn(pl_module, batch)
        if self._writer is not None:
            self._writer.update(output=output, reference=reference)
            self._taken += 1

    def _write(self, writer: MeanPixelWriter, step: int) -> None:
        self._scores = writer.write(step)

    def _close(self) -> None:
        self._is_fitting = False
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _images_of(outputs: Any) -> tuple[Any, Any]:
    """The images that a `validation_step` returned."""
    if not isinstance(outputs, Mapping) or not {"output", "reference"} <= outputs.keys():
        got = f"keys {sorted(map(str, outputs))}" if isinstance(outputs, Mapping) else "no dict"
        raise TypeError(
            "validation_step must return its images, for instance return "
            f'{{"loss": loss, "output": output, "reference": images}}; got {got}. Or type: '
            "MeanPixelCallback(output_fn=lambda pl_module, batch: (pl_module(batch), batch))"
        )
    return outputs["output"], outputs["reference"]
