"""The image summaries of a log directory as image sources, by TensorBoard's own loader."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter

from tb_meanpixel.command_line.exit_codes import CommandError
from tb_meanpixel.command_line.image_files import ImageSource, listed
from tb_meanpixel.tensorboard_private import read_logdir

_PLUGIN = "images"
_ALL = 2**31 - 1
_SIZES = 2  # each summary begins with the width and the height


def summaries_by_step(logdir: str, tag: str) -> dict[int, list[ImageSource]]:
    """The images of a tag by step.

    Raises:
        CommandError: if there are none, or of several runs.
    """
    if not Path(logdir).is_dir():
        raise CommandError(f"There is no log directory {logdir!r}; --tag looks for images in one")
    provider = read_logdir(logdir, {_PLUGIN: 0})
    place: dict[str, Any] = {"experiment_id": "", "plugin_name": _PLUGIN}
    context = RequestContext()
    found = provider.list_blob_sequences(context, **place)
    runs = [run for run, tags in found.items() if tag in tags]
    if not runs:
        there = sorted({one for tags in found.values() for one in tags})
        names = f"there are {listed(there)}" if there else "there are no image summaries at all"
        raise CommandError(f"There are no images of the tag {tag!r} in {logdir!r}; {names}")
    if len(runs) > 1:
        raise CommandError(
            f"Several runs have images of the tag {tag!r}: {listed(sorted(runs))}. Give the "
            f"directory of one, for instance {str(Path(logdir, min(runs)))!r}"
        )
    read = provider.read_blob_sequences(
        context, **place, downsample=_ALL, run_tag_filter=RunTagFilter(runs, [tag])
    )

    def opener(key: str) -> Callable[[], io.BytesIO]:
        return lambda: io.BytesIO(provider.read_blob(context, blob_key=key))

    steps = {
        datum.step: [
            ImageSource(f"image {index} of {tag!r} at step {datum.step}", "", opener(blob.blob_key))
            for index, blob in enumerate(datum.values[_SIZES:])
        ]
        for datum in read[runs[0]][tag]
        if len(datum.values) > _SIZES
    }
    if not steps:
        raise CommandError(f"The summaries of the tag {tag!r} in {logdir!r} hold no image")
    return steps
