"""What an experiment holds: its trainings, by what TensorBoard lists of their series.

The listing is all that is asked for on every request. It says of each series how
far it goes; what is built from that is kept until it says something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from tb_meanpixel.schema.metadata import PLUGIN_NAME
from tb_meanpixel.serving.reading.cache import Cache
from tb_meanpixel.serving.reading.curves import SCALARS_PLUGIN, Curve, other_curve
from tb_meanpixel.serving.reading.provider import Bulk, Points
from tb_meanpixel.serving.reading.run_contents import RunContents
from tb_meanpixel.serving.reading.runs import (
    Listing,
    Training,
    owning_training,
    revision_of,
    training_names,
)


@dataclass(frozen=True)
class Contents:
    """The trainings of an experiment by name, and notes on runs of ours that hold none.

    Attributes:
        runs: all that TensorBoard has, in its order: from that it gives them their colours.
    """

    trainings: tuple[Training, ...]
    notes: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """Another one whenever anything of the listing is."""
        return " ".join(
            [*(training.revision for training in self.trainings), *self.notes, *self.runs]
        )


class _Changed(NamedTuple):
    """A training that is not in the cache in its present revision."""

    name: str
    contents: RunContents
    revisions: tuple[str, str]
    beside: Mapping[str, Listing]

    def curves(self) -> list[Curve]:
        """What other writers put beside our run."""
        return [
            curve
            for run, listing in sorted(self.beside.items())
            for tag, series in sorted(listing.items())
            if series.max_step is not None
            and (curve := other_curve(self.name, run, tag, series.max_step))
        ]


def list_contents(bulk: Bulk, cache: Cache, experiment_id: str) -> Contents:
    """List an experiment; only trainings that have changed are built again."""
    # Side by side: an answer of the data server takes 40 ms, however little it holds.
    with ThreadPoolExecutor(3) as pool:
        runs = pool.submit(bulk.list_runs)
        own_scalars = pool.submit(bulk.list_scalars, PLUGIN_NAME)
        every_scalar = pool.submit(bulk.list_scalars, SCALARS_PLUGIN)
        tensors = bulk.list_tensors(PLUGIN_NAME)
        scalars = own_scalars.result()
    names = training_names({*tensors, *scalars})
    others = _beside(every_scalar.result(), set(names.values()))
    found: list[Training] = []
    changed: list[_Changed] = []
    for run, name in names.items():
        of_run, beside = (tensors.get(run, {}), scalars.get(run, {})), others.get(name, {})
        own_revision = revision_of(("", listing) for listing in of_run)
        revision = own_revision + revision_of(sorted(beside.items()))
        training = cache.get((experiment_id, "training", run, name), revision)
        if training is not None:
            found.append(training)
        else:
            contents = RunContents(run, *of_run)
            changed.append(_Changed(name, contents, (revision, own_revision), beside))
    for training in _build(bulk, changed):
        tags = len(training.curves) + sum(len(stream.scores) for stream in training.streams)
        key = (experiment_id, "training", training.run, training.name)
        cache.put(key, training.revision, training, 500 * (1 + tags))
        found.append(training)
    readable = [training for training in found if training.streams or training.curves]
    notes = [
        f"{training.run} was left out: {training.notes[0]}"
        for training in found
        if training.notes and not (training.streams or training.curves)
    ]
    return Contents(
        tuple(sorted(readable, key=lambda one: one.name)),
        tuple(sorted(notes)),
        tuple(runs.result()),
    )


def _beside(scalars: Mapping[str, Listing], trainings: set[str]) -> dict[str, dict[str, Listing]]:
    """What other writers put under each training: `{training: {run: {tag: ...}}}`."""
    others: dict[str, dict[str, Listing]] = {}
    for run, tags in scalars.items():
        owner = owning_training(run, trainings)
        if owner is not None:
            others.setdefault(owner, {})[run] = tags
    return others


def _build(bulk: Bulk, changed: Sequence[_Changed]) -> Iterator[Training]:
    """Trainings with their epochs, with one read for all of them."""
    tags = {one.contents.run: list(one.contents.counted_tags().values()) for one in changed}
    counts = {tag for of_run in tags.values() for tag, is_scalar in of_run if is_scalar}
    counted = bulk.scalars(PLUGIN_NAME, list(tags), counts)
    for run, of_run in tags.items():
        bare = [tag for tag, is_scalar in of_run if not is_scalar]
        if bare:  # histograms without scores: not as we write them
            counted |= bulk.tensors(PLUGIN_NAME, [run], bare, "<f8")
    for one in changed:
        run = one.contents.run
        points: dict[str, Points] = {
            tag: counted[run, tag] for tag, _ in tags[run] if (run, tag) in counted
        }
        yield one.contents.training(one.name, one.revisions, points, one.curves())
