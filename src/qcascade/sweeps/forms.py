"""What the variables of a box look like, and whether those of two boxes fit each other."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import fail, listed
from .points import Variable


class Form(NamedTuple):
    """What a variable looks like at every point."""

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    type: str
    attrs: Mapping[str, Any]


class Forms(NamedTuple):
    """The variables of one box, and whether no point of it is stable."""

    forms: Mapping[str, Form]
    unstable: bool


def forms_of(variables: Mapping[str, Variable]) -> Forms:
    """What the variables of a box look like.

    Args:
        variables: by name.
    """
    forms = {
        name: Form(tuple(x.dims), x.data.shape[1:], x.data.dtype.name, x.attrs)
        for name, x in variables.items()
    }
    unstable = "stable" in variables and not bool(np.any(variables["stable"].data))
    return Forms(forms, unstable)


def agree(known: Mapping[str, Form], new: Forms, axes: Mapping[str, Any]) -> dict[str, Form]:
    """The variables known together with those of one more box.

    Every box must have the same ones, with two exceptions: where no point is stable there may be
    nothing else to tell, and where all are `stable` may go without saying.

    Args:
        known: what earlier boxes have.
        new: what this one has.
        axes: the swept axes.

    Raises:
        ArgumentError: when they do not fit.
    """
    ours, theirs = (set(x) - {"stable"} for x in (known, new.forms))
    if ours and theirs != ours and not (new.unstable and theirs <= ours):
        were = f"elsewhere on the grid: {listed(sorted(ours))}"
        raise fail("point()", "return the same names everywhere", sorted(theirs), were)
    sizes: dict[str, int] = dict.fromkeys(axes, -1)
    for name, form in {**new.forms, **known}.items():
        for dim, size in zip(form.dims, form.shape, strict=True):
            if sizes.setdefault(dim, size) != size:
                must = "have trailing dimensions of its own, or of one size"
                raise fail(f"point()[{name}]", must, f"{dim}: {size}")
    for name in known.keys() & new.forms.keys():
        before, now = known[name], new.forms[name]
        if (before.dims, before.shape) != (now.dims, now.shape):
            text = f"{before.dims} {before.shape}"
            must = f"have the trailing dimensions it has elsewhere, {text}"
            raise fail(f"point()[{name}]", must, f"{now.dims} {now.shape}")
    return {**known, **{name: form for name, form in new.forms.items() if name not in known}}
