"""The gallery: every script of `examples/`, with what it prints and the figure that it draws.

A script appears by itself. Its docstring begins with a title; where it has a function `figure()`
that returns a figure, the page runs its `main()`, which asserts its numbers, and draws the figure.
Others (which may take long) and network files are shown as they stand. `GROUPS` sorts those it
names; the rest stands at the end.
"""

import ast
import os
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"

GROUPS = {
    "Light and motion": (
        *("entangled_mirror", "filtered_light", "read_motion"),
        *("engineered_reservoir", "magnons"),
    ),
    "What leaves": ("squeezing_spectrum", "entanglement_swapping"),
    "One way": ("directional", "plaquette", "circulator", "remote_motion"),
    "Atoms in quantum light": ("squeezed_atom", "driven_by_fluorescence", "atom_before_mirror"),
}
"""Scripts by the title of their group."""

_HEAD = """---
file_format: mystnb
kernelspec:
  name: python3
---

# Gallery

Published systems as short scripts, which assert their numbers when this page is built. They lie in
`examples/`; download one, and `python` runs it.

```{code-cell} ipython3
:tags: [remove-cell]

%matplotlib inline
```
"""

_CELL = """```{{code-cell}} ipython3
:tags: [remove-input]

import runpy

from qcascade.plots.style import styled

example = runpy.run_path("{path}")
example["main"]()
```

```{{code-cell}} ipython3
:tags: [remove-input]

styled(example["figure"])
```
"""


def page(folder: Path) -> str:
    """The page, as Markdown with cells.

    Args:
        folder: where it will lie.
    """
    scripts = {path.stem: path for path in sorted(EXAMPLES.glob("*.py"))}
    named = [name for names in GROUPS.values() for name in names]
    others = tuple(name for name in scripts if name not in named)
    parts = [_HEAD]
    for title, names in {**GROUPS, "More": others}.items():
        parts.append(f"## {title}\n")
        parts += [_script(scripts[name], folder) for name in names if name in scripts]
    told = "`qcascade run FILE.toml` sweeps and draws them; `design.toml` is for `qcascade design`."
    parts.append(f"## Network files\n\n{told}\n")
    parts += [_file(path, folder) for path in sorted(EXAMPLES.glob("*.toml"))]
    return "\n".join(parts)


def has_figure(path: Path) -> bool:
    """Whether a script draws a figure for the gallery, and asserts its numbers in `main`.

    Args:
        path: the script.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {"main", "figure"} <= {x.name for x in tree.body if isinstance(x, ast.FunctionDef)}


def _script(path: Path, folder: Path) -> str:
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
    title, _, text = told.partition("\n")
    text = text.partition(f"\n    python examples/{path.name}")[0].strip()
    cells = _CELL.format(path=_from(folder, path)) if has_figure(path) else ""
    return (
        f"### {title.rstrip('.')}\n\n{_plain(text)}\n\n{cells}\n{_source(path, folder, 'python')}"
    )


def _file(path: Path, folder: Path) -> str:
    return f"### `{path.name}`\n\n{_source(path, folder, 'toml')}"


def _source(path: Path, folder: Path, language: str) -> str:
    """The text of a file, folded away, and a link to it."""
    place = _from(folder, path)
    return (
        f"<details><summary><code>{path.name}</code></summary>\n\n"
        f"```{{literalinclude}} {place}\n:language: {language}\n```\n\n"
        f"</details>\n\n{{download}}`{path.name} <{place}>`\n"
    )


def _from(folder: Path, path: Path) -> str:
    """The path as seen from a folder below the root."""
    return Path(os.path.relpath(path, folder)).as_posix()


def _plain(text: str) -> str:
    """Text as it is, in which physics is no markup; indented equations stay blocks."""
    lines = []
    for line in text.splitlines():
        signs = "" if line.startswith("    ") else "\\*_<$[]"
        lines.append("".join(f"\\{c}" if c in signs else c for c in line))
    return "\n".join(lines)
