"""Limits of network files: what is too long, too deep or no number is refused at once."""

import time
import tracemalloc

import pytest

import qcascade as qc
from qcascade.netlist.load import load
from qcascade.netlist.reader import DEEPEST, read_tables

PART = '[parts.m]\npart = "cavity"\ndecay = 1.0\n'
MANY = ".".join("a" * 20_000)
LONG_KEY, NESTED = "keys of 16 names or fewer", "must not be nested that deeply"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"{MANY} = 1", LONG_KEY),
        (f"[{MANY}]", LONG_KEY),
        (f"[[ {MANY} ]]", LONG_KEY),
        (f"x = {{ y = 1, {MANY} = 1 }}", LONG_KEY),
        (".".join(['"a.b"'] * 10_000) + " = 1", LONG_KEY),
        (" . ".join(["'a'"] * 10_000) + " = 1", LONG_KEY),
        ("x = " + "[" * 200 + "]" * 200, NESTED),
        ("x = " + "[" * 20_000 + "]" * 20_000, NESTED),
        ("x = " + "{a = " * 100 + "1" + "}" * 100, NESTED),
        ("x = " + "1" * 5_000, "holds a number that is none"),
        ("#" * 17_000_000, "16,000,000 characters or fewer"),
    ],
    ids=lambda x: x[:12],
)
def test_what_no_network_needs_is_refused_at_once(text: str, sentence: str) -> None:
    """20,000 dotted names took 80 s and 1.7 GB."""
    text = f"{PART}{text}"
    tracemalloc.start()
    begun = time.perf_counter()
    with pytest.raises(qc.ArgumentError, match=sentence):
        load(text)
    seconds, (_, most) = time.perf_counter() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 5
    assert most < 50e6


def test_what_networks_need_is_read() -> None:
    for depth in (1, 5, DEEPEST - 1):
        key = ".".join("abcdefghijklmnop"[:depth])
        found = read_tables(f"{key} = 1\n")
        for name in key.split("."):
            found = found[name]
        assert found == 1
    dotted = "'''\n" + "a.b." * 3 + "'''"
    assert read_tables(f"# {MANY}\ntitle = {dotted}")["title"] == "a.b." * 3
    assert len(read_tables("x = [" + "1.5, " * 20_000 + "]")["x"]) == 20_000
    assert read_tables("\ufeffx = 1") == {"x": 1}
