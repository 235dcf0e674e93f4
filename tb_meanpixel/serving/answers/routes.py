"""What each route answers: from the parameters of a request to bytes; knows no HTTP.

Each answer begins with the listing of the runs and ends with a function
that reads and encodes: a client that has the answer already costs no more than
the listing.
"""

from __future__ import annotations

from collections.abc import Sequence

from tb_meanpixel.serving.answers import export
from tb_meanpixel.serving.answers.baselines import baseline_from_query, compare_all
from tb_meanpixel.serving.answers.histories import findings_of
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.answers.selection import (
    HistogramSelection,
    ScalarSelection,
    overview_selection,
)
from tb_meanpixel.serving.encoding import wire
from tb_meanpixel.serving.encoding.answer import BINARY, JSON, Answer, revision_of_all
from tb_meanpixel.serving.encoding.binary import encode_json
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run


def runs(reader: Reader, _: Query) -> Answer:
    """The listing."""
    catalog = reader.catalog()
    return Answer(catalog.revision, lambda: wire.encode_catalog(catalog))


def scalars(reader: Reader, query: Query) -> Answer:
    """Scores and curves of many runs."""
    chosen = query.chosen(reader.runs())
    selection = ScalarSelection(query, chosen)
    if query.choice("format", ("json", "binary")) == "json":
        return Answer(
            revision_of_all(chosen), lambda: wire.encode_scalars(selection.select(reader))
        )
    return _binary(reader, chosen, selection)


def overview(reader: Reader, query: Query) -> Answer:
    """The headline numbers of many runs, in few points."""
    chosen = query.chosen(reader.runs())
    return _binary(reader, chosen, overview_selection(chosen))


def _binary(reader: Reader, chosen: Sequence[Run], selection: ScalarSelection) -> Answer:
    return Answer(
        revision_of_all(chosen),
        lambda: wire.encode_scalars_binary(selection.select(reader)),
        BINARY,
    )


def histograms(reader: Reader, query: Query) -> Answer:
    """Histograms of one stream of many runs."""
    chosen = query.chosen(reader.runs())
    selection = HistogramSelection(query, chosen)
    return Answer(
        revision_of_all(chosen),
        lambda: wire.encode_histograms(selection.select(reader), selection.notes),
        BINARY,
    )


def findings(reader: Reader, query: Query) -> Answer:
    """Diagnoses of many runs."""
    chosen = query.chosen(reader.runs())
    return Answer(
        revision_of_all(chosen),
        lambda: encode_json(wire.findings_header(findings_of(reader, chosen))),
    )


def baseline_scores(reader: Reader, query: Query) -> Answer:
    """Scores of many runs against a baseline."""
    every = reader.runs()
    chosen = query.chosen(every)
    streams, notes = query.streams(chosen)
    baseline = baseline_from_query(query, every)
    scores, channels = query.many("score"), query.many("channel")
    concerned = [*chosen, *([baseline.run] if baseline.run else [])]

    def content() -> bytes:
        return encode_json(
            {
                "version": wire.VERSION,
                "baseline": {
                    "kind": baseline.kind,
                    "run": baseline.run and baseline.run.name,
                    "stream": query.required("stream"),
                    "step": baseline.step,
                },
                "notes": notes,
                "runs": [
                    {
                        "name": run.name,
                        "comparable": compared.comparable,
                        "notes": compared.notes,
                        "scores": [
                            {
                                "score": tag.name,
                                "channel": tag.channel,
                                **wire.json_series(series),
                            }
                            for tag, series in compared.scores
                        ],
                    }
                    for run, compared in compare_all(reader, streams, baseline, scores, channels)
                ],
            }
        )

    return Answer(revision_of_all(concerned), content)


def exported(reader: Reader, query: Query) -> Answer:
    """Any of it as a table to save."""
    every = reader.runs()
    chosen = query.chosen(every)
    what = query.choice("what", tuple(export.TABLES))
    form = query.choice("format", ("csv", "json"))
    table = export.TABLES[what](reader, query, every, chosen)
    streams = query.many("stream")
    return Answer(
        revision_of_all(every),
        lambda: export.encode(table, what, form),
        "text/csv" if form == "csv" else JSON,
        export.filename(query.many("run"), streams, what, form),
    )
