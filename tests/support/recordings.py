"""What the scenarios of the demo recorded, kept in tests/data: `make recordings` writes it anew."""

import gzip
from pathlib import Path

RECORDINGS = Path(__file__).parents[1] / "data" / "scenarios"
NAMES = sorted(path.name.partition(".")[0] for path in RECORDINGS.glob("*.tfevents.gz"))


def unpack(logs, *names):
    """Put recordings where the callback would have: logs/collapse/mean_pixel; by default all."""
    for name in names or NAMES:
        directory = logs / name / "mean_pixel"
        directory.mkdir(parents=True)
        recorded = (RECORDINGS / f"{name}.tfevents.gz").read_bytes()
        (directory / "events.out.tfevents.1.recorded").write_bytes(gzip.decompress(recorded))
