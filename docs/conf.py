"""Settings of Sphinx: `make docs` builds these pages into docs/_build/html."""

import os
import re
from importlib.metadata import metadata
from pathlib import Path

from tb_meanpixel.findings import IDS

ROOT = Path(__file__).parents[1]
# The package's metadata, and so the address of the repository, are written in setup.py.
PACKAGE = metadata("tb-meanpixel")
PAGES = ROOT / "tb_meanpixel" / "findings" / "pages"

project = "tb-meanpixel"
author = PACKAGE["Author"]
copyright = author  # noqa: A001  the name that Sphinx reads
version = release = PACKAGE["Version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
root_doc = "index"

# Links to headings are checked as well as links to pages.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
nitpicky = False  # types of Keras and numpy have no page here

default_role = "code"  # docstrings write `name`, as Markdown does
autodoc_typehints = "none"  # the signature of the docstring's own words is easier to read
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
napoleon_numpy_docstring = False

# All that a page needs lies beside it: it is read offline, too.
html_theme = "pydata_sphinx_theme"
html_title = "tb-meanpixel"
html_show_sphinx = False
html_copy_source = False
# A page without neighbours has no list of them, and so room for its tables.
html_sidebars = {
    page: [] for page in ("index", "api/index", "performance", "compatibility", "comparison")
}
html_theme_options = {
    "show_prev_next": True,
    "navbar_align": "left",
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}

# The pages of the findings travel in the wheel. Here each is included, never copied by hand.
GENERATED = Path(__file__).parent / "findings" / "pages"


def write_pages_of_findings(app):
    """Write a page for each finding, which includes the one of the package."""
    GENERATED.mkdir(exist_ok=True)
    wanted = {f"{name}.md": f"```{{include}} ../{relative(PAGES)}/{name}.md\n```\n" for name in IDS}
    for path in GENERATED.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = GENERATED / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def relative(path):
    """A path as seen from a folder in docs/."""
    return f"../../{path.relative_to(ROOT).as_posix()}"


# Files of the repository that have a page here, for links which are right in both places.
PAGE_OF = {
    ROOT / "CHANGELOG.md": "changelog.md",
    ROOT / "CONTRIBUTING.md": "contributing.md",
    ROOT / "SECURITY.md": "security.md",
    ROOT / "demo" / "README.md": "guide/demo.md",
    **{PAGES / f"{name}.md": f"findings/pages/{name}.md" for name in IDS},
}


def link_pages(app, name, source):
    """A link to such a file leads to its page."""
    folder = Path(app.srcdir, name).parent

    def page(found):
        target = PAGE_OF.get((folder / found[1]).resolve())
        if target is None:
            return found[0]
        return f"]({Path(os.path.relpath(Path(app.srcdir, target), folder)).as_posix()}"

    source[0] = re.sub(r"\]\(([\w./-]+\.md)", page, source[0])


def mark_code(app, what, name, thing, options, lines):
    """An example in a docstring is code, also where it has no prompt."""
    for i, line in enumerate(lines):
        if re.fullmatch(r"(Synopsis|Example):\s*", line):
            following = next((one for one in lines[i + 1 :] if one.strip()), "")
            if not following.strip().startswith(">>>"):
                lines[i : i + 1] = [line.replace(":", "::"), ""]
                return


def setup(app):
    """Called by Sphinx."""
    app.connect("builder-inited", write_pages_of_findings)
    app.connect("source-read", link_pages)
    app.connect("autodoc-process-docstring", mark_code, priority=100)
