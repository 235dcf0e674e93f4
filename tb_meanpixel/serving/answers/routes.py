"""The routes: from the parameters of a request to an answer; they know no HTTP.

Each begins with the catalog and ends with a function that reads and encodes. That function is
not called if the client has the answer already: then only the catalog is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tb_meanpixel.schema.metadata import QUANTITIES
from tb_meanpixel.serving.answers import lookup
from tb_meanpixel.serving.answers.baselines import BaselineSelection
from tb_meanpixel.serving.answers.export import TABLES
from tb_meanpixel.serving.answers.histogram_selection import HistogramSelection
from tb_meanpixel.serving.answers.mean_images import mean_image_png, mean_images
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.answers.run_findings import levels, run_findings
from tb_meanpixel.serving.answers.samples import samples
from tb_meanpixel.serving.answers.scalar_selection import OVERVIEW, ScalarSelection
from tb_meanpixel.serving.encoding import tables, wire
from tb_meanpixel.serving.encoding.binary import Container, encode_json
from tb_meanpixel.serving.encoding.responses import BINARY, JSON, Answer, revision_of
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run, Stream


def opening(reader: Reader, query: Query) -> Answer:
    """The catalog, and all data of the run that the page shows first.

    In one answer: the page could not request the second before it has the first, and each
    request reads the catalog, for which the data server takes 40 ms. A catalog of the last
    minute is enough, because the page requests a new one as soon as it shows something.
    """
    catalog = reader.recent_catalog()
    shown = _shown_stream(query, catalog.runs)
    quantity = query.choice("quantity", QUANTITIES)
    overviews = OVERVIEW.kept(reader, catalog.runs)
    by = levels(reader)

    def content() -> bytes:
        arrays = Container()
        header = {
            "version": wire.VERSION,
            "catalog": wire.catalog_header(catalog),
            "overview": wire.scalars_header(overviews, arrays),
            "shown": None,
        }
        if shown is not None:
            run, stream = shown
            scalars = ScalarSelection().select(reader, [run])
            histograms = HistogramSelection([(run, stream, None)], quantity).select(reader)
            header["shown"] = {
                "run": run.name,
                "stream": stream.info.name,
                "quantity": quantity,
                "scalars": wire.scalars_header(scalars, arrays),
                "histograms": wire.histograms_header(histograms, [], arrays),
                "findings": by.header(run_findings(reader, [run], by)),
            }
        return arrays.encode(header)

    return Answer(f"{catalog.revision} {len(overviews)} {by.revision}", content, BINARY)


def _shown_stream(query: Query, runs: Sequence[Run]) -> tuple[Run, Stream] | None:
    """The requested run and stream; the first of those that do not exist."""
    with_streams = {run.name: run for run in runs if run.streams}
    if not with_streams:
        return None
    names = [*query.distinct("run"), *with_streams]
    run = next(with_streams[name] for name in names if name in with_streams)
    streams = [run.stream(name) for name in query.distinct("stream")]
    return run, next((stream for stream in streams if stream is not None), run.streams[0])


def catalog_of_runs(reader: Reader, _: Query) -> Answer:
    """The catalog."""
    catalog = reader.catalog()
    return Answer(catalog.revision, lambda: wire.encode_catalog(catalog))


def overview(reader: Reader, query: Query) -> Answer:
    """The numbers for a list of runs, in few points."""
    return _binary_scalars(reader, lookup.find_runs(query, reader.runs()), OVERVIEW)


def scalars(reader: Reader, query: Query) -> Answer:
    """Scores and curves of many runs."""
    runs = lookup.find_runs(query, reader.runs())
    selection = ScalarSelection.from_query(query, runs)
    if query.choice("format", ("json", "binary")) == "binary":
        return _binary_scalars(reader, runs, selection)
    return Answer(revision_of(runs), lambda: wire.encode_scalars(selection.select(reader, runs)))


def _binary_scalars(reader: Reader, runs: Sequence[Run], selection: ScalarSelection) -> Answer:
    return Answer(
        revision_of(runs),
        lambda: wire.encode_scalars_binary(selection.select(reader, runs)),
        BINARY,
    )


def histograms(reader: Reader, query: Query) -> Answer:
    """Histograms of one stream of many runs."""
    runs = lookup.find_runs(query, reader.runs())
    selection = HistogramSelection.from_query(query, runs)
    return Answer(
        revision_of(runs),
        lambda: wire.encode_histograms(selection.select(reader), selection.notes),
        BINARY,
    )


def baseline_scores(reader: Reader, query: Query) -> Answer:
    """Scores of many runs against a baseline."""
    all_runs = reader.runs()
    runs = lookup.find_runs(query, all_runs)
    selection = BaselineSelection.from_query(query, runs, all_runs)
    baseline = selection.baseline
    concerned = [*runs, *([baseline.run] if baseline.run else [])]

    def content() -> bytes:
        header = {
            "version": wire.VERSION,
            "baseline": {
                "kind": baseline.kind,
                "run": baseline.run and baseline.run.name,
                "stream": query.required("stream"),
                "step": baseline.step,
            },
            "notes": selection.notes,
            "runs": [
                {
                    "name": run.name,
                    "comparable": comparison.comparable,
                    "notes": comparison.notes,
                    "scores": [
                        {"name": tag.name, "channel": tag.channel, **wire.json_series(series)}
                        for tag, series in comparison.scores
                    ],
                }
                for run, comparison in selection.select(reader)
            ],
        }
        return encode_json(header)

    return Answer(revision_of(concerned), content)


def findings(reader: Reader, query: Query) -> Answer:
    """Findings of many runs."""
    runs = lookup.find_runs(query, reader.runs())
    by = levels(reader)
    return Answer(
        f"{revision_of(runs)} {by.revision}",
        lambda: encode_json(by.header(run_findings(reader, runs, by))),
    )


def exported(reader: Reader, query: Query) -> Answer:
    """The data as a table to save."""
    all_runs = reader.runs()
    runs = lookup.find_runs(query, all_runs)
    what = query.choice("what", tuple(TABLES))
    form = query.choice("format", ("csv", "json"))
    table = TABLES[what](reader, query, runs, all_runs)
    return Answer(
        revision_of(all_runs),
        lambda: tables.encode(table, what, form),
        "text/csv" if form == "csv" else JSON,
        tables.filename(query.distinct("run"), query.distinct("stream"), what, form),
    )


#: Every route that answers from what TensorBoard has read, by its address.
ROUTES: dict[str, Callable[[Reader, Query], Answer]] = {
    "opening": opening,
    "overview": overview,
    "runs": catalog_of_runs,
    "scalars": scalars,
    "histograms": histograms,
    "baseline_scores": baseline_scores,
    "findings": findings,
    "mean_images": mean_images,
    "mean_image.png": mean_image_png,
    "samples": samples,
    "export": exported,
}
