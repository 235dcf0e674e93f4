"""A Keras callback that compares a model's outputs with reference images every epoch."""

from __future__ import annotations

import copy
import os
import weakref
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, Literal

import keras

from tb_meanpixel.findings.thresholds import Thresholds
from tb_meanpixel.recording.batch_count import BatchCount, check_record_freq
from tb_meanpixel.recording.epoch_logs import add_scores, numbers
from tb_meanpixel.recording.event_directory import check_log_dir
from tb_meanpixel.recording.event_file import EventFile
from tb_meanpixel.recording.guard import Guard
from tb_meanpixel.recording.live_findings import LiveFindings, OnFinding
from tb_meanpixel.recording.log_collisions import (
    Streams,
    all_log_names,
    check_names,
    metric_streams,
)
from tb_meanpixel.recording.metric import MeanPixel, keras_data_format
from tb_meanpixel.recording.model_metrics import are_known, model_metrics
from tb_meanpixel.recording.probe import PredictFn, Probe
from tb_meanpixel.recording.reference import take_reference
from tb_meanpixel.recording.samples import check_samples
from tb_meanpixel.recording.stream_writer import StreamWriter, infer_and_say
from tb_meanpixel.schema import summary
from tb_meanpixel.schema.metadata import check_stream_name
from tb_meanpixel.statistics.image_statistics import check_bins
from tb_meanpixel.statistics.images import Layout, check_positive
from tb_meanpixel.statistics.record import Record, check_fit
from tb_meanpixel.statistics.value_range import ValueRange, declared_range, infer_range

# To find the others of a `fit`: Keras gives all its callbacks the same `params`.
_callbacks: weakref.WeakSet[MeanPixelCallback] = weakref.WeakSet()


class MeanPixelCallback(keras.callbacks.Callback):
    """Compares the pixel intensities of outputs with those of references every epoch.

    Writes to `<log_dir>/mean_pixel`: histograms of the mean pixels, contrasts and
    pixels of the outputs and of the references, scores that compare them, and the
    epoch's `logs`. TensorBoard shows them in its tab "Mean Pixel".

    With a `reference` a fixed set of images is passed through the model after
    each epoch. Without one the `MeanPixel` metrics of the model are recorded, as
    the streams "train" and "validation": no extra forward pass. Those of several
    outputs are "train_<output>" and "validation_<output>"; several of one output end
    in their names as well.

    The epoch's `logs` gain `val_mean_pixel`, `val_mean_pixel_bias` and
    `val_mean_pixel_drift`, so EarlyStopping, ModelCheckpoint, CSVLogger and
    History can use them. The prefix is that of Keras: none for the stream "train",
    `val_mask_` for "validation_mask"; `<stream>_` for others.
    Callbacks that use them must come after this one and need `mode="min"`:
    `EarlyStopping(monitor="val_mean_pixel_drift", mode="min")`.

    Args:
        log_dir: the directory given to `keras.callbacks.TensorBoard`, if any;
            local or remote.
        reference: images that the model should reproduce, `(batch, height, width,
            channels)` or `(batch, height, width)`, of any integer or float type;
            `(inputs, targets)` where its inputs are not the images; a
            `tf.data.Dataset`, `PyDataset`, `DataLoader` or another iterable of
            batches of these; or a function that returns one of them. None: use the
            model's `MeanPixel` metrics.
        predict_fn: `(model, x) -> images`. x holds tensors of Keras's backend: a batch of
            the reference's inputs, nested as these, floats as `keras.config.floatx()`.
            It has at most 64 images, batch x height x width <= 2^18, and at least 1; as
            many images must come back, but for samples. None: the model itself, in
            inference mode. For models without `call`, generators, diffusion, and
            outputs that are dicts or tuples: `lambda model, x: model.reverse_diffusion(x, 8)`.
        stream: name of the reference's stream. Callbacks of one `fit` may share a
            `log_dir`; each needs a stream of its own.
        paired: whether output i should reproduce target i. False for samples.
        value_range: `(low, high)` that intensities should lie in. None: inferred
            from the reference and shown on the page. Metrics have their own.
        bins: stored bins of a histogram, a power of two up to 256.
        max_images: at most so many images of the reference are used; the same in every
            epoch, and in every process that gets the same reference. None: 256, but
            no more than 2^22 pixels in all where this leaves 64 images; the log says so.
        record_freq: "epoch", or a whole number: record after every so many batches of training,
            and always after the last one. The steps are then batches, counted over all epochs
            and every `fit` of the model; the `logs` of the batch are recorded beside. The
            epoch's `logs` gain the scores of its last record. Needs a reference. Keras then
            waits for each batch. As `update_freq` of `keras.callbacks.TensorBoard`.
        epoch_freq: record every `epoch_freq` epochs, and always the last one.
        data_format: layout of images and outputs: "channels_last" or "channels_first",
            "NHWC" or "NCHW". None: `keras.config.image_data_format()`, and at most 4
            channels.
        groups: a label of each image of the reference, `(batch,)`: its clip, patient or
            scene. Images of one group are not independent, and chance is judged by
            groups. Needs a reference of arrays.
        samples: so many outputs of each epoch are kept as small pictures, with their
            references and inputs, and shown by the page; 0 for none, at most 64. An epoch's
            take at most 25 kB. Images can be private: the environment variable
            TB_MEANPIXEL_SAMPLES=0 turns them off everywhere. Metrics keep no images.
        on_finding: gets each new `Finding` after its record, once; None for nobody.
            What it raises is a warning.
        stop_on: ids of findings that end `fit` after their epoch, or after their batch where
            batches are recorded: `("collapse", "non_finite")`. The log says why.
        thresholds: a `Thresholds`, or the path of a TOML file with some of its levels; None:
            the defaults.

    Each finding is one WARNING of the logger `tb_meanpixel`, once, when the progress bar of its
    epoch has ended, or at once where batches are recorded; TB_MEANPIXEL_FINDINGS=0 in the
    environment turns all of this off.

    Raises:
        TypeError, ValueError: if an argument is none of these. When `fit` begins, before
            the first epoch: if the model's outputs do not fit, if it has no `MeanPixel`
            where it needs one, or if the logs have one of the names already.
        OSError: if the file of `thresholds` cannot be read. When `fit` begins, if `log_dir`
            cannot be written. Until then nothing is made on disk.

    Once training runs, a failure to record warns once and training goes on.

    Example:
        model.fit(x_train, epochs=30,
                  callbacks=[MeanPixelCallback("logs/vae", reference=x_val)])
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        reference: Any = None,
        *,
        predict_fn: PredictFn | None = None,
        stream: str = "validation",
        paired: bool = True,
        value_range: tuple[float, float] | None = None,
        bins: int = 64,
        max_images: int | None = None,
        record_freq: int | Literal["epoch"] = "epoch",
        epoch_freq: int = 1,
        data_format: Layout | None = None,
        groups: Any = None,
        samples: int = 8,
        on_finding: OnFinding | None = None,
        stop_on: Iterable[str] = (),
        thresholds: Thresholds | str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__()
        self._log_dir = check_log_dir(log_dir)
        self._live = LiveFindings(
            self._log_dir, on_finding=on_finding, stop_on=stop_on, thresholds=thresholds
        )
        layout = keras_data_format(data_format)
        self._stream = check_stream_name(stream)
        self._paired = paired
        self._bins = check_bins(bins)
        self._epoch_freq = check_positive("epoch_freq", epoch_freq)
        every = check_record_freq(record_freq, epoch_freq, has_reference=reference is not None)
        self._batches = None if every is None else BatchCount(every)
        self._hook_batches()
        self._value_range = None if value_range is None else declared_range(value_range)
        self._samples = check_samples(samples)
        self._probe: Probe | None = None
        if reference is not None:
            taken = take_reference(
                reference,
                max_images,
                data_format=None if data_format is None else layout,
                groups=groups,
            )
            self._probe = Probe(taken, predict_fn, layout, paired)
            if self._value_range is None:
                self._value_range = infer_and_say(taken.images, self._stream)
            else:
                infer_range(taken.images)  # refuses images without a finite value
        elif not paired or any(x is not None for x in (predict_fn, value_range, groups)):
            raise ValueError(
                "predict_fn, value_range, paired and groups need a reference, the images "
                "to compare with: for instance reference=x_val. MeanPixel metrics have "
                "a value_range of their own"
            )
        self._events: EventFile | None = None
        self._writers: dict[str, StreamWriter] = {}
        # Records of the metrics, taken before Keras resets them, by stream.
        self._taken: dict[str, tuple[MeanPixel, Record]] = {}
        self._are_names_checked = False
        self._unrecorded: int | None = None
        self._guard = Guard(f"MeanPixelCallback {self._stream!r}")
        _callbacks.add(self)

    def __getstate__(self) -> dict[str, Any]:
        """The arguments: a copy belongs to no `fit`, and has nothing open."""
        state = {
            **self.__dict__,
            "_model": None,
            "params": None,
            "_events": None,
            "_unrecorded": None,
            "_batches": copy.copy(self._batches),
            "_guard": copy.copy(self._guard),
            "_writers": {},
            "_taken": {},
        }
        state.pop("on_train_batch_end", None)  # it is bound to this object
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._hook_batches()
        _callbacks.add(self)

    def _hook_batches(self) -> None:
        """Be called at each batch, if batches are recorded.

        Where a callback has such a method, Keras makes training wait for the logs of each batch:
        so the class has none.
        """
        if self._batches is not None:
            self.on_train_batch_end = self._end_batch

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Open the event file, and try a batch: errors should come before the first epoch."""
        if self._probe is not None:
            check_fit(*self._probe.trial(self.model), self._paired)
        self._check_axis()
        self._check_names()
        self._are_names_checked = are_known(self.model)
        self._close()  # of a `fit` that was interrupted
        # Other workers compute the scores too: EarlyStopping must stop all of them.
        chief = _is_chief(self.model)
        self._events = EventFile.open(self._log_dir) if chief else EventFile(None)
        if self._batches is not None:
            self._batches.begin(self.model, self.params.get("steps"))
        self._live.begin(is_silent=not self._events.is_recording)
        self._unrecorded = None
        self._taken = {}

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Forget the records of the epoch before, and say what was found in it."""
        self._taken = {}
        self._live.say()  # not before: Keras's progress bar ends its line after `on_epoch_end`
        if self._batches is not None:
            self._batches.begin_epoch()

    def _end_batch(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Record the batch if it is one of those to be recorded."""
        batches = self._batches
        if batches is None or not batches.end_batch(batch):
            return
        what = f"step {batches.count}"
        self._guard.run(what, self._write_scalars, batches.count, self._numbers(logs))
        self._guard.run(what, self._record_batch, batches)
        self._live.judge()
        self._live.say(mid_line=self.params.get("verbose") in (1, "auto"))  # an epoch may last days
        if self._live.should_stop:
            self.model.stop_training = True

    def on_test_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Take the records of training: Keras now resets the metrics for validation."""
        self._check_names_once()
        self._guard.run("the training images", self._take, "train")

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Take the records of validation."""
        self._guard.run("the validation images", self._take, "validation")

    def on_epoch_end(self, epoch: int, logs: MutableMapping[str, Any] | None = None) -> None:
        """Record the epoch and add the overall scores to its `logs`."""
        self._check_names_once()
        last = epoch + 1 == self.params.get("epochs") or self.model.stop_training
        step = epoch if self._batches is None else self._batches.count
        scalars = self._numbers(logs)
        self._guard.run(f"epoch {epoch}", self._write_scalars, step, scalars)
        if not self._taken:  # no validation in this epoch
            self._guard.run("the training images", self._take, "train")
        if self._batches is not None:
            self._guard.run(f"epoch {epoch}", self._end_epoch_of_batches, self._batches, logs, last)
        elif (epoch + 1) % self._epoch_freq and not last:
            self._unrecorded = epoch
        else:
            self._unrecorded = None
            self._guard.run(f"epoch {epoch}", self._record, epoch, logs)
        self._live.judge(at_once=last)
        if self._live.should_stop:
            self.model.stop_training = True

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Record the last epoch or batch if it was passed over, and close the event file."""
        epoch, batches = self._unrecorded, self._batches
        if epoch is not None:  # a callback after us stopped the training
            self._guard.run(f"epoch {epoch}", self._record, epoch, None)
        if batches is not None and batches.recorded != batches.count:
            self._guard.run(f"step {batches.count}", self._record_batch, batches)
        self._live.judge(at_once=True)
        self._live.say()
        self._close()

    def _streams(self) -> Streams:
        """The streams that this callback records, with their metrics."""
        if self._probe is not None:
            return {self._stream: ()}
        return metric_streams(model_metrics(self.model))

    def _others(self) -> list[Streams]:
        """The streams of the other callbacks of this `fit`: Keras gives all the same `params`."""
        return [
            other._streams()
            for other in _callbacks
            if other is not self and other.params is self.params and self.params is not None
        ]

    def _check_names(self) -> None:
        streams = self._streams()
        if not streams and are_known(self.model):
            raise ValueError(
                "reference must be images where the model has no MeanPixel metric. Pass "
                "reference=x_val, or type: model.compile(..., metrics=[MeanPixel()]). A model "
                "that has a train_step and a property `metrics` of its own holds a MeanPixel, "
                "and that property returns it too: return [self.loss_tracker, self.mean_pixel]"
            )
        check_names(streams, self._others(), model_metrics(self.model))

    def _check_axis(self) -> None:
        """One directory has one axis: the losses of epochs and of batches would be mixed in it."""
        for other in _callbacks:
            is_beside = other.params is self.params and self.params is not None
            if (
                is_beside
                and other._log_dir == self._log_dir
                and (other._batches is None) != (self._batches is None)
            ):
                raise ValueError(
                    "Two MeanPixelCallbacks of this fit write to "
                    f"{self._log_dir!r}, one of them epochs, the other one batches. Give both the "
                    "same record_freq, or each a log_dir of its own"
                )

    def _check_names_once(self) -> None:
        """Where the metrics were not known when `fit` began: too late to end it."""
        if not self._are_names_checked and self._events is not None:
            self._are_names_checked = True
            self._guard.run("all of its streams", self._check_names)

    def _take(self, side: str) -> None:
        if self._probe is not None or self._events is None:
            return  # `evaluate` outside of `fit` belongs to no epoch
        for stream, metrics in self._streams().items():
            record = metrics[0].record() if stream.partition("_")[0] == side else None
            if record is not None:
                self._taken[stream] = (metrics[0], record)

    def _record(self, epoch: int, logs: MutableMapping[str, Any] | None) -> None:
        found = self._write(epoch)
        if logs is not None:
            self._add_scores(logs, found)

    def _record_batch(self, batches: BatchCount) -> None:
        batches.recorded = batches.count  # a failure is not tried again
        batches.scores = self._write(batches.count)

    def _end_epoch_of_batches(
        self, batches: BatchCount, logs: MutableMapping[str, Any] | None, last: bool
    ) -> None:
        if last and batches.recorded != batches.count:
            self._record_batch(batches)
        if logs is not None:
            self._add_scores(logs, batches.scores)

    def _write(self, step: int) -> dict[str, dict[str, float]]:
        """Write the record of each stream; their overall scores."""
        found: dict[str, dict[str, float]] = {}
        if self._probe is not None:
            writer = self._writer(self._stream, self._value_range, self._bins)
            found[self._stream] = writer.write_images(step, self._probe.images(self.model))
        for stream, (metric, record) in self._taken.items():
            writer = self._writer(stream, metric.value_range, metric.bins)
            found[stream] = writer.write_record(step, record)
        return found

    def _add_scores(
        self, logs: MutableMapping[str, Any], found: Mapping[str, Mapping[str, float]]
    ) -> None:
        taken = add_scores(logs, found)
        if taken and self._probe is not None:  # a metric itself is in the logs under its name
            raise ValueError(
                f"the logs hold {taken[0]!r} already, of somebody else, so it was not added. "
                'Type: MeanPixelCallback(..., stream="reference")'
            )

    def _numbers(self, logs: Mapping[str, Any] | None) -> dict[str, float]:
        """The epoch's scalars, without those that are recorded as scores."""
        recorded = all_log_names(stream for streams in self._others() for stream in streams)
        if self._probe is None:
            recorded |= all_log_names(self._streams())
        return {name: number for name, number in numbers(logs).items() if name not in recorded}

    def _writer(self, stream: str, value_range: ValueRange | None, bins: int) -> StreamWriter:
        if stream not in self._writers:
            if self._events is None:
                raise RuntimeError("its fit has ended: give each fit a callback of its own")
            writer = StreamWriter(
                self._events,
                stream,
                value_range,
                bins,
                self._paired,
                unit="epoch" if self._batches is None else "step",
                samples=self._samples,
                live=self._live,
            )
            if self._probe is not None:
                reference = self._probe.reference
                writer.take_reference(reference.images, reference.groups, self._probe.input_images)
            self._writers[stream] = writer
        return self._writers[stream]

    def _write_scalars(self, step: int, scalars: Mapping[str, float]) -> None:
        if self._events is not None:
            self._events.add(step, summary.log_values(scalars))
            self._live.take_scalars(step, scalars)

    def _close(self) -> None:
        if self._events is not None:
            self._events.close()
        self._writers, self._events = {}, None


def _is_chief(model: Any) -> bool:
    """Whether this process writes: of several workers only one does."""
    strategy = getattr(model, "distribute_strategy", None)
    return strategy is None or bool(strategy.extended.should_save_summary)
