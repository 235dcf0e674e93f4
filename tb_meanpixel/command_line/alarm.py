"""Which findings end a command with exit code 1: `--fail-on` and `--strict`."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from tb_meanpixel.findings import IDS
from tb_meanpixel.findings.finding import Finding

ANY = "any"
SEVERITIES = ("error", "warning")


class Alarm(NamedTuple):
    """What counts as failed.

    Attributes:
        names: ids of findings, their severities, or "any".
        strict: whether a finding counts too while it is too early to tell.
    """

    names: frozenset[str]
    strict: bool

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Alarm:
        """The alarm of a command line; `--strict` alone is about all findings."""
        names = arguments.fail_on or (frozenset({ANY}) if arguments.strict else frozenset())
        return cls(names, arguments.strict)

    def rings(self, finding: Finding) -> bool:
        """Whether a finding counts as failed."""
        is_named = not self.names.isdisjoint({finding.id, finding.severity, ANY})
        return is_named and (self.strict or finding.state == "found")


def finding_names(text: str) -> frozenset[str]:
    """The value of `--fail-on`; an unknown name is answered with all that there are."""
    names = frozenset(text.split(","))
    unknown = sorted(names.difference(IDS, SEVERITIES, {ANY}))
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no finding {', '.join(map(repr, unknown))}; there are {', '.join(IDS)}; "
            f"the severities {', '.join(SEVERITIES)}; and {ANY}"
        )
    return names
