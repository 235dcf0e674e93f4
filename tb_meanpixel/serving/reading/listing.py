"""What TensorBoard lists of each run, and which run an event directory belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tb_meanpixel.findings.curves import SCALARS_PLUGIN, ScalarKey
from tb_meanpixel.schema.metadata import EVENT_DIRECTORY_NAME, PLUGIN_NAME
from tb_meanpixel.serving.reading.provider import Experiment, Listing


class RunListing(NamedTuple):
    """What TensorBoard lists of one run.

    Attributes:
        tensors, scalars: of our event directory.
        others: what other writers have in the run, by event directory.
    """

    name: str
    event_directory: str
    tensors: Listing
    scalars: Listing
    others: Mapping[str, Listing]

    def last_wall_time(self, key: ScalarKey) -> float:
        """When the last point of a scalar was written."""
        listing = self.scalars if key.plugin == PLUGIN_NAME else self.others[key.event_directory]
        return float(listing[key.tag].max_wall_time)

    @property
    def own_revision(self) -> str:
        return _revision(("", listing) for listing in (self.tensors, self.scalars))

    @property
    def revision(self) -> str:
        return self.own_revision + _revision(sorted(self.others.items()))


def list_runs(experiment: Experiment) -> tuple[list[RunListing], list[str]]:
    """What TensorBoard lists of each run of ours; and all event directories."""
    # At the same time: an answer of the data server takes 40 ms, however little it holds.
    with ThreadPoolExecutor(3) as pool:
        event_directories = pool.submit(experiment.list_event_directories)
        own_scalars = pool.submit(experiment.list_scalars, PLUGIN_NAME)
        other_scalars = pool.submit(experiment.list_scalars, SCALARS_PLUGIN)
        tensors = experiment.list_tensors(PLUGIN_NAME)
        scalars = own_scalars.result()
    names = run_names({*tensors, *scalars})
    runs = set(names.values())
    others: dict[str | None, dict[str, Listing]] = {}
    for directory, listing in other_scalars.result().items():
        others.setdefault(owning_run(directory, runs), {})[directory] = listing
    listings = [
        RunListing(
            name,
            directory,
            tensors.get(directory, {}),
            scalars.get(directory, {}),
            others.get(name, {}),
        )
        for directory, name in names.items()
    ]
    return listings, event_directories.result()


def _revision(listings: Iterable[tuple[str, Listing]]) -> str:
    """A short hash of what TensorBoard lists, by event directory.

    A step that is added, replaced or removed changes a series' last step or its last wall time.
    """
    content = [
        (directory, tag, series.max_step, series.max_wall_time, series.plugin_content)
        for directory, tags in listings
        for tag, series in sorted(tags.items())
    ]
    return hashlib.blake2b(repr(content).encode(), digest_size=8).hexdigest()


def run_names(event_directories: Iterable[str]) -> dict[str, str]:
    """The run of each event directory of ours; no two have the same name.

    Example:
        >>> run_names(["vae/mean_pixel", "mean_pixel", "moved"])
        {'mean_pixel': '.', 'vae/mean_pixel': 'vae', 'moved': 'moved'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    # An event directory that somebody has moved takes a name that is left.
    for directory in sorted(event_directories, key=lambda path: (run_name(path) == path, path)):
        name = run_name(directory)
        names[directory] = f"{directory}/." if name in taken else name
        taken.add(name)
    return names


def run_name(event_directory: str) -> str:
    """The run that an event directory of ours belongs to: the directory above it.

    Example:
        >>> run_name("vae/mean_pixel"), run_name("mean_pixel")
        ('vae', '.')
    """
    head, _, tail = event_directory.replace("\\", "/").rpartition("/")
    if tail != EVENT_DIRECTORY_NAME:  # somebody has moved our files: they are a run themselves
        return event_directory
    return head or "."


def owning_run(event_directory: str, runs: Collection[str]) -> str | None:
    """The innermost run whose directory contains `event_directory`, if any.

    Example:
        >>> owning_run("a/b/train", {"a", "a/b", "c"})
        'a/b'
    """
    path = event_directory.replace("\\", "/")
    while path:
        if path in runs:
            return path
        path = path.rpartition("/")[0]
    return "." if "." in runs else None
