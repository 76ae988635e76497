"""Sphinx: every page is executed as it is built, and nothing is loaded from elsewhere."""

import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import generate  # noqa: E402  (it lies beside this file)

import qcascade  # noqa: E402

# Cells call `qcascade` as a command; it lies beside the interpreter.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

project = "qcascade"
author = "The qcascade developers"
copyright = "2026, The qcascade developers"  # the name is Sphinx's
version = release = qcascade.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = "qcascade"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sourcelink = False
copybutton_exclude = ".linenos, .gp, .go"

myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 180
nb_merge_streams = True
nb_render_markdown_format = "myst"

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False

mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}}  # its menu would fetch what is not here


def _mathjax_from_disk(app):
    """The few files of MathJax that the pages use, beside the pages."""
    found = importlib.util.find_spec("sphinx-mathjax-offline")
    source = Path(found.submodule_search_locations[0]) / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    for name in ("input/tex/extensions", "output/chtml/fonts"):
        shutil.copytree(source / name, target / name, dirs_exist_ok=True)
    shutil.copy(source / "tex-chtml.js", target)


_PHYSICS = re.compile(r"(?<!`)`([^`\n]+)`(?!`)|([*|_])")
_STARRED = re.compile(r"^\s*\*{1,2}\w+:")
_COLON = "\ue000"  # stands for a colon while napoleon looks for types in front of colons


def _code(text):
    """A name in backticks; a public one becomes a link."""
    return f":py:obj:`{text} <qcascade.{text}>`" if text in qcascade.__all__ else f"``{text}``"


def _plain_words(app, what, name, obj, options, lines):
    """Docstrings are plain text: S*_jk, |ψ⟩ and a_k are physics and not markup."""
    returns = False
    for k, line in enumerate(lines):
        if line.lstrip().startswith((">>>", "...")):
            continue
        returns = line.startswith("Returns:") or (returns and line.startswith((" ", "\t")))
        if not _STARRED.match(line):
            line = _PHYSICS.sub(lambda m: _code(m[1]) if m[1] else f"\\{m[2]}", line)
        if what in ("property", "attribute") or (returns and line.startswith(" ")):
            line = line.replace(":", _COLON)
        lines[k] = line


def _colons_back(app, what, name, obj, options, lines):
    lines[:] = [line.replace(_COLON, ":") for line in lines]


def setup(app):
    app.connect("builder-inited", lambda app: generate.pages(HERE / "_generated"))
    app.connect("builder-inited", _mathjax_from_disk)
    # Before napoleon, which reads the sections.
    app.connect("autodoc-process-docstring", _plain_words, priority=100)
    app.connect("autodoc-process-docstring", _colons_back, priority=900)
