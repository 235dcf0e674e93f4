"""What the page needs to open: the listing, and all of the run that it shows first.

One answer instead of one after another: each would begin with the listing, for
which alone the data server takes 40 ms, and the later ones could not be asked
for before the first is there. A listing of the last minute will do: the page asks
for what is new as soon as it shows what there was.
"""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.datastructures import MultiDict

from tb_meanpixel.serving.answers.histories import findings_of
from tb_meanpixel.serving.answers.query import Query
from tb_meanpixel.serving.answers.selection import (
    HistogramSelection,
    ScalarSelection,
    overview_selection,
)
from tb_meanpixel.serving.encoding import wire
from tb_meanpixel.serving.encoding.answer import BINARY, Answer
from tb_meanpixel.serving.encoding.binary import Container
from tb_meanpixel.serving.reading.reader import Reader
from tb_meanpixel.serving.reading.runs import Run, Stream


def opening(reader: Reader, query: Query) -> Answer:
    """The listing; and scores, curves, histograms and findings of one run."""
    catalog = reader.recent_catalog()
    shown = _shown(query, catalog.runs)
    quantity = query.quantity()
    overview = overview_selection(catalog.runs).known(reader)

    def content() -> bytes:
        arrays = Container()
        header = {
            "version": wire.VERSION,
            "catalog": wire.catalog_header(catalog),
            "overview": wire.scalars_header(overview, arrays),
        }
        if shown is None:
            return arrays.encode(header | {"shown": None})
        run, stream = shown
        asked = Query(MultiDict({"stream": stream.info.name, "quantity": quantity}))
        histograms = HistogramSelection(asked, [run])
        scalars = ScalarSelection(Query(MultiDict()), [run])
        return arrays.encode(
            header
            | {
                "shown": {
                    "run": run.name,
                    "stream": stream.info.name,
                    "quantity": quantity,
                    "scalars": wire.scalars_header(scalars.select(reader), arrays),
                    "histograms": wire.histograms_header(
                        histograms.select(reader), histograms.notes, arrays
                    ),
                    "findings": wire.findings_header(findings_of(reader, [run])),
                }
            }
        )

    revision = f"{catalog.revision} {len(overview)}"
    return Answer(revision, content, BINARY)


def _shown(query: Query, runs: Sequence[Run]) -> tuple[Run, Stream] | None:
    """The run and stream asked for; the first there are where those are not there."""
    with_streams = {run.name: run for run in runs if run.streams}
    run = next(
        (with_streams[name] for name in query.many("run") if name in with_streams),
        next(iter(with_streams.values()), None),
    )
    if run is None:
        return None
    streams = [run.stream(name) for name in query.many("stream")]
    return run, next((one for one in streams if one is not None), run.streams[0])
