"""Lines of the table at the top of docs/benchmarks.md, told by the script that measured them."""

MARK = "→ "


def told(case, result, goal=""):
    """Print one line: what was measured, what came out, and what it should be."""
    print(f"{MARK}{case} | {result} | {goal}", flush=True)


def row(line):
    """The cells of a printed line; None for any other line."""
    return line[len(MARK) :].split(" | ") if line.startswith(MARK) else None
