"""The claims of a paper, computed once for all tests that read them."""

from functools import cache

from qcascade.papers import paper


@cache
def claims_of(key):
    return tuple(paper(key).claims())
