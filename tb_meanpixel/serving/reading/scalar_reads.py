"""Scalar series of any event directories and writers, with few reads."""

from __future__ import annotations

from collections.abc import Iterable

from tb_meanpixel.findings.curves import ScalarKey
from tb_meanpixel.serving.reading.provider import Experiment
from tb_meanpixel.serving.reading.raw_series import RawSeries

_MAX_SCALARS = 500  # series in one answer of the provider


def read_scalars(experiment: Experiment, keys: Iterable[ScalarKey]) -> dict[ScalarKey, RawSeries]:
    """The series of some keys, with one read for each plugin; without those that are not there."""
    found: dict[ScalarKey, RawSeries] = {}
    all_keys = sorted(set(keys))
    for start in range(0, len(all_keys), _MAX_SCALARS):
        batch = all_keys[start : start + _MAX_SCALARS]
        for plugin in {key.plugin for key in batch}:
            of_plugin = [key for key in batch if key.plugin == plugin]
            directories = {key.event_directory for key in of_plugin}
            tags = {key.tag for key in of_plugin}
            raw = experiment.scalars(plugin, directories, tags)
            for key in of_plugin:
                if (series := raw.get((key.event_directory, key.tag))) is not None:
                    found[key] = series
    return found
