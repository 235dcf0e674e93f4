"""From TensorBoard's listing of series to the catalog of runs.

The listing is read for every request. It says of each series how far it goes; a run is built
again only when its listing changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tb_meanpixel.findings.curves import Curve, ScalarKey, with_primary
from tb_meanpixel.schema.metadata import EPOCHS_RECORDED, PLUGIN_NAME, ScoreTag
from tb_meanpixel.serving.reading.cache import Cache
from tb_meanpixel.serving.reading.leftovers import is_suspicious, leftovers
from tb_meanpixel.serving.reading.listing import RunListing, list_runs
from tb_meanpixel.serving.reading.provider import Experiment
from tb_meanpixel.serving.reading.raw_series import RawSeries, SeriesKey
from tb_meanpixel.serving.reading.run_builder import RunBuilder
from tb_meanpixel.serving.reading.runs import Catalog, Run
from tb_meanpixel.serving.reading.scalar_reads import read_scalars


def read_catalog(experiment: Experiment, cache: Cache, experiment_id: str) -> Catalog:
    """List an experiment; only runs that have changed are built again."""
    listings, event_directories = list_runs(experiment)
    runs: list[Run] = []
    changed: list[tuple[RunListing, str]] = []
    for listing in listings:
        revision = listing.revision
        run = cache.get((experiment_id, "run", listing.event_directory, listing.name), revision)
        if run is None:
            changed.append((listing, revision))
        else:
            runs.append(run)
    counts = _read_counts(experiment, [listing for listing, _ in changed])
    built = [
        RunBuilder(experiment, counts, listing).build(revision) for listing, revision in changed
    ]
    for run in _without_leftovers(experiment, counts, changed, built):
        tags = len(run.curves) + sum(len(stream.scores) for stream in run.streams)
        key = (experiment_id, "run", run.event_directory, run.name)
        cache.put(key, run.revision, run, 500 * (1 + tags))
        runs.append(run)
    readable = [run for run in runs if run.streams or run.curves]
    notes = [
        f"{run.event_directory} was left out: {run.notes[0]}"
        for run in runs
        if run.notes and not (run.streams or run.curves)
    ]
    return Catalog(
        tuple(sorted(readable, key=lambda run: run.name)),
        tuple(sorted(notes)),
        tuple(event_directories),
    )


def _read_counts(
    experiment: Experiment, listings: Sequence[RunListing]
) -> dict[SeriesKey, RawSeries]:
    """The counts of records of all streams, in one read.

    The count is the last value of each record: at its steps the record is complete.
    """
    suffix = f"/{EPOCHS_RECORDED}"
    tags = {tag for listing in listings for tag in listing.scalars if tag.endswith(suffix)}
    directories = [listing.event_directory for listing in listings]
    return experiment.scalars(PLUGIN_NAME, directories, tags)


def _without_leftovers(
    experiment: Experiment,
    counts: Mapping[SeriesKey, RawSeries],
    listings: Sequence[tuple[RunListing, str]],
    runs: Sequence[Run],
) -> list[Run]:
    """The runs without the points of runs before them in the same directory.

    Curves are read only where the last point of one is too old, of all runs at once.
    """
    of_run = {
        run: [
            counts[key]
            for stream in run.streams
            if (key := (run.event_directory, ScoreTag(stream.info.name, EPOCHS_RECORDED).tag))
            in counts
        ]
        for run in runs
    }
    suspicious = {
        run
        for run, (listing, _) in zip(runs, listings, strict=True)
        if any(
            is_suspicious(curve.last_step, listing.last_wall_time(curve.key), of_run[run])
            for curve in run.curves
        )
    }
    series = read_scalars(experiment, [curve.key for run in suspicious for curve in run.curves])
    return [_without_points(run, series, of_run[run]) if run in suspicious else run for run in runs]


def _without_points(
    run: Run, series: Mapping[ScalarKey, RawSeries], counts: Sequence[RawSeries]
) -> Run:
    of_run = {curve.key: series[curve.key] for curve in run.curves if curve.key in series}
    found = leftovers(of_run, counts)
    curves: list[Curve] = []
    for curve in run.curves:
        if curve.key not in of_run:
            curves.append(curve)
            continue
        steps = of_run[curve.key].steps
        if curve.key in found:
            steps = steps[~found[curve.key]]
        if len(steps):  # the Python loader lists steps that were replaced, too
            curves.append(replace(curve, last_step=int(steps[-1])))
    return replace(
        run,
        curves=with_primary(curves),
        leftovers={key: series[key].wall_times[mask] for key, mask in found.items()},
    )
