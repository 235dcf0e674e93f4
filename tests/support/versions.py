"""Which versions a run of the tests had, for docs/compatibility.md: see `make test-oldest`."""

import json
import platform
from importlib import metadata
from pathlib import Path

# Columns of the table, and the packages that may hold each.
PACKAGES = {
    "TensorBoard": ["tensorboard"],
    "protobuf": ["protobuf"],
    "werkzeug": ["werkzeug"],
    "NumPy": ["numpy"],
    "Pillow": ["pillow"],
    "Keras": ["keras"],
    "TensorFlow": ["tensorflow", "tensorflow-cpu"],
    "JAX": ["jax"],
    "PyTorch": ["torch"],
}


def versions():
    """The version of each, without its local part; empty for what is not installed."""
    found = {"Python": platform.python_version()}
    for column, names in PACKAGES.items():
        found[column] = ""
        for name in names:
            try:
                found[column] = metadata.version(name).partition("+")[0]
            except metadata.PackageNotFoundError:
                continue
            break
    return found


def keep(path, name, passed, failed):
    """Add a run of the tests to a file; an earlier one of the same name goes."""
    path = Path(path)
    runs = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    runs[name] = {"passed": passed, "failed": failed, **versions()}
    path.write_text(json.dumps(runs, indent=2) + "\n", encoding="utf-8")
