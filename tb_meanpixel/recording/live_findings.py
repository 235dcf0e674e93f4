"""Says while a model trains what goes wrong, and ends the training where it was asked to.

After each record the engine of page and report runs on the history in memory. At 1000 records it
takes about 3 ms, and 4 ms where the images have colours. Beyond that it runs only after every
second record, beyond 2000 after every third, and so on: the cost of a record stays the same.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tb_meanpixel.findings import IDS, find
from tb_meanpixel.findings.finding import Finding
from tb_meanpixel.findings.thresholds import DEFAULT, Thresholds
from tb_meanpixel.findings.thresholds_file import load_thresholds
from tb_meanpixel.recording.live_history import directory_of, run_memory
from tb_meanpixel.recording.warning_place import caller_level
from tb_meanpixel.schema.metadata import StreamInfo
from tb_meanpixel.statistics.histogram import FloatArray

OnFinding = Callable[[Finding], object]

_log = logging.getLogger("tb_meanpixel")

# The stream of a run that has one: its name is no news.
_USUAL_STREAM = "validation"
# Records between two runs of the engine, per 1000 in memory.
_OFTEN = 1000
# What this process has said: directory, stream and id. A `fit` that goes on repeats nothing.
_said: set[tuple[str, str, str]] = set()


class LiveFindings:
    """The findings of the streams that one callback or writer records.

    Args:
        log_dir: directory of the run, as the user gave it.
        on_finding: gets each new finding; None for nobody.
        stop_on: ids of findings that end the training.
        thresholds: levels, or the path of a TOML file with some of them; None: the defaults.
        stop_words: what a finding of `stop_on` does, for the log.

    Raises:
        TypeError: if an argument is of another type.
        ValueError: if `stop_on` has an unknown id, or the file is no file of thresholds.
        OSError: if that file cannot be read.
    """

    def __init__(
        self,
        log_dir: str,
        *,
        on_finding: OnFinding | None = None,
        stop_on: Iterable[str] = (),
        thresholds: Thresholds | str | os.PathLike[str] | None = None,
        stop_words: str = "training stopped",
    ) -> None:
        self._on_finding = on_finding
        self._stop_on, self._thresholds = check_findings_arguments(on_finding, stop_on, thresholds)
        self._stop_words = stop_words
        self._is_off = os.environ.get("TB_MEANPIXEL_FINDINGS") == "0"
        self._log_dir, self._directory = log_dir, directory_of(log_dir)
        self._memory = run_memory(self._directory)
        self._is_silent = False
        self._unjudged: dict[str, int] = {}  # records of each stream since the engine ran
        self._found: dict[str, list[Finding]] = {}
        # Waits until a line begins: while Keras's progress bar is drawn none can be written.
        self._pending: list[Callable[[], None]] = []
        self._has_failed = self._has_user_failed = False
        #: Whether a finding of `stop_on` was found since `begin`.
        self.should_stop = False

    @property
    def findings(self) -> list[Finding]:
        """What is wrong by now, as `read(log_dir)` gives it: also what is too early to tell."""
        self.judge(at_once=True)
        return [finding for found in self._found.values() for finding in found]

    def begin(self, *, is_silent: bool) -> None:
        """A training begins. Where another process speaks this one is silent, but stops too."""
        self.say()
        self._is_silent, self.should_stop = is_silent, False

    def take_scalars(self, step: int, scalars: Mapping[str, float]) -> None:
        """Keep the losses of a step, which findings name beside the images."""
        if not self._is_off:
            self._guarded(self._memory.take_scalars, step, scalars)

    def take_scores(self, step: int, stream: StreamInfo, by_name: Mapping[str, FloatArray]) -> None:
        """Keep the scores of a record; `judge` looks at them."""
        if not self._is_off:
            self._guarded(self._memory.take_scores, step, stream, by_name)
            self._unjudged[stream.name] = self._unjudged.get(stream.name, 0) + 1

    def judge(self, *, at_once: bool = False) -> None:
        """Look for findings; `at_once` also where the engine would wait for more records."""
        for stream, records in self._unjudged.items():
            if records:
                self._guarded(self._judge, stream, records, at_once)

    def say(self, *, mid_line: bool = False) -> None:
        """Write what has been found into the log, and what has failed. A line must begin here.

        Args:
            mid_line: none begins here, so one is begun: Keras's progress bar is being drawn.
        """
        pending, self._pending = self._pending, []
        if pending:
            if mid_line:
                sys.stdout.write("\n")
                sys.stdout.flush()
            with _beside_progress_bars():
                for line in pending:
                    line()

    def _judge(self, stream: str, records: int, at_once: bool) -> None:
        if not at_once and records * _OFTEN < self._memory.count(stream):
            return
        self._unjudged[stream] = 0
        history = self._memory.history(stream)
        self._found[stream] = found = find(history, self._thresholds)
        reasons = []
        for finding in found:
            if finding.state != "found":
                continue
            key = (self._directory, stream, finding.id)
            is_new = key not in _said
            if is_new:
                _said.add(key)
                self._tell(finding)
            # A training that goes on after a cure must not be ended by what is over.
            if finding.id in self._stop_on and (is_new or finding.last_step == history.steps[-1]):
                reasons.append(finding.id)
        if reasons and not self.should_stop:
            self.should_stop = True
            self._warn("%s: %s: stop_on has %s", self._stop_words, ", ".join(reasons))

    def _tell(self, finding: Finding) -> None:
        where = "" if finding.stream == _USUAL_STREAM else f", stream {finding.stream}"
        self._warn(
            f"%s{where}: %s Look first at: %s. More: tb-meanpixel explain %s",
            finding.sentence,
            finding.look_at,
            finding.id,
        )
        if self._on_finding is None or self._is_silent:
            return
        try:
            self._on_finding(finding)
        except Exception as error:  # noqa: BLE001  training is worth more than any message
            if not self._has_user_failed:
                self._has_user_failed = True
                self._fail(f"on_finding raised {type(error).__name__}: {error}. Training goes on")

    def _warn(self, form: str, *words: str) -> None:
        if not self._is_silent:
            self._pending.append(lambda: _log.warning(form, self._log_dir, *words))

    def _fail(self, sentence: str) -> None:
        self._pending.append(
            lambda: warnings.warn(sentence, RuntimeWarning, stacklevel=caller_level())
        )

    def _guarded(self, action: Callable[..., None], *arguments: Any) -> None:
        """Findings must not end the training by an error: warn of the first one and go on."""
        try:
            action(*arguments)
        except Exception as error:  # noqa: BLE001  training is worth more than any finding
            if not self._has_failed:
                self._has_failed = True
                self._fail(
                    f"{self._log_dir}: findings failed with {type(error).__name__}: {error}. "
                    "Training and recording go on"
                )


def check_findings_arguments(
    on_finding: Any, stop_on: Any, thresholds: Any
) -> tuple[frozenset[str], Thresholds]:
    """The ids and the levels of the arguments of `LiveFindings`, which says what it raises."""
    if on_finding is not None and not callable(on_finding):
        raise TypeError(
            "on_finding must be a function of one finding, for instance on_finding=print; "
            f"got {type(on_finding).__name__}"
        )
    return _check_ids(stop_on), _check_thresholds(thresholds)


def _check_ids(stop_on: Any) -> frozenset[str]:
    if isinstance(stop_on, str):
        raise TypeError(f"stop_on must be several ids. Type: stop_on=({stop_on!r},)")
    try:
        ids = list(stop_on)
    except TypeError:
        raise TypeError(
            "stop_on must be ids of findings, for instance stop_on=('collapse', 'non_finite'); "
            f"got {type(stop_on).__name__}"
        ) from None
    for id in ids:  # noqa: A001  the field's own name
        if id not in IDS:
            raise ValueError(f"stop_on has no finding {id!r}. There are {', '.join(IDS)}")
    return frozenset(ids)


def _check_thresholds(thresholds: Any) -> Thresholds:
    if thresholds is None:
        return DEFAULT
    if isinstance(thresholds, str | os.PathLike):
        return load_thresholds(thresholds)
    if not isinstance(thresholds, Thresholds):
        raise TypeError(
            "thresholds must be a Thresholds or the path of a TOML file, for instance "
            f"thresholds=Thresholds(bias=0.05); got {type(thresholds).__name__}"
        )
    return thresholds


@contextlib.contextmanager
def _beside_progress_bars() -> Iterator[None]:
    """Clear the progress bars of tqdm while lines are written, and draw them again below."""
    with contextlib.ExitStack() as stack:
        tqdm = getattr(sys.modules.get("tqdm"), "tqdm", None)
        if tqdm is not None:  # where nobody has imported it there is no bar
            with contextlib.suppress(Exception):
                stack.enter_context(tqdm.external_write_mode(file=sys.stderr))
        yield
