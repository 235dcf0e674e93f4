"""What an experiment holds: its runs, by what TensorBoard lists of their series.

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
    Run,
    owning_run,
    revision_of,
    run_names,
)


@dataclass(frozen=True)
class Catalog:
    """The runs of an experiment by name, and notes on event_directories of ours that hold none.

    Attributes:
        event_directories: all that TensorBoard has, in its order: from that it gives them their colours.
    """

    runs: tuple[Run, ...]
    notes: tuple[str, ...] = ()
    event_directories: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """Another one whenever anything of the listing is."""
        return " ".join(
            [*(run.revision for run in self.runs), *self.notes, *self.event_directories]
        )


class _Changed(NamedTuple):
    """A run that is not in the cache in its present revision."""

    name: str
    contents: RunContents
    revisions: tuple[str, str]
    beside: Mapping[str, Listing]

    def curves(self) -> list[Curve]:
        """What other writers put beside our event_directory."""
        return [
            curve
            for event_directory, listing in sorted(self.beside.items())
            for tag, series in sorted(listing.items())
            if series.max_step is not None
            and (curve := other_curve(self.name, event_directory, tag, series.max_step))
        ]


def read_catalog(bulk: Bulk, cache: Cache, experiment_id: str) -> Catalog:
    """List an experiment; only runs that have changed are built again."""
    # Side by side: an answer of the data server takes 40 ms, however little it holds.
    with ThreadPoolExecutor(3) as pool:
        event_directories = pool.submit(bulk.list_runs)
        own_scalars = pool.submit(bulk.list_scalars, PLUGIN_NAME)
        every_scalar = pool.submit(bulk.list_scalars, SCALARS_PLUGIN)
        tensors = bulk.list_tensors(PLUGIN_NAME)
        scalars = own_scalars.result()
    names = run_names({*tensors, *scalars})
    others = _beside(every_scalar.result(), set(names.values()))
    found: list[Run] = []
    changed: list[_Changed] = []
    for event_directory, name in names.items():
        of_run, beside = (
            (tensors.get(event_directory, {}), scalars.get(event_directory, {})),
            others.get(name, {}),
        )
        own_revision = revision_of(("", listing) for listing in of_run)
        revision = own_revision + revision_of(sorted(beside.items()))
        run = cache.get((experiment_id, "run", event_directory, name), revision)
        if run is not None:
            found.append(run)
        else:
            contents = RunContents(event_directory, *of_run)
            changed.append(_Changed(name, contents, (revision, own_revision), beside))
    for run in _build(bulk, changed):
        tags = len(run.curves) + sum(len(stream.scores) for stream in run.streams)
        key = (experiment_id, "run", run.event_directory, run.name)
        cache.put(key, run.revision, run, 500 * (1 + tags))
        found.append(run)
    readable = [run for run in found if run.streams or run.curves]
    notes = [
        f"{run.event_directory} was left out: {run.notes[0]}"
        for run in found
        if run.notes and not (run.streams or run.curves)
    ]
    return Catalog(
        tuple(sorted(readable, key=lambda one: one.name)),
        tuple(sorted(notes)),
        tuple(event_directories.result()),
    )


def _beside(scalars: Mapping[str, Listing], runs: set[str]) -> dict[str, dict[str, Listing]]:
    """What other writers put under each run: `{run: {event_directory: {tag: ...}}}`."""
    others: dict[str, dict[str, Listing]] = {}
    for event_directory, tags in scalars.items():
        owner = owning_run(event_directory, runs)
        if owner is not None:
            others.setdefault(owner, {})[event_directory] = tags
    return others


def _build(bulk: Bulk, changed: Sequence[_Changed]) -> Iterator[Run]:
    """Runs with their epochs, with one read for all of them."""
    tags = {
        one.contents.event_directory: list(one.contents.counted_tags().values()) for one in changed
    }
    counts = {tag for of_run in tags.values() for tag, is_scalar in of_run if is_scalar}
    counted = bulk.scalars(PLUGIN_NAME, list(tags), counts)
    for event_directory, of_run in tags.items():
        bare = [tag for tag, is_scalar in of_run if not is_scalar]
        if bare:  # histograms without scores: not as we write them
            counted |= bulk.tensors(PLUGIN_NAME, [event_directory], bare, "<f8")
    for one in changed:
        event_directory = one.contents.event_directory
        points: dict[str, Points] = {
            tag: counted[event_directory, tag]
            for tag, _ in tags[event_directory]
            if (event_directory, tag) in counted
        }
        yield one.contents.run(one.name, one.revisions, points, one.curves())
