"""The audit of a network file: of its network, or of its matrices at every point of its axes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..audits.audit import Audit, audit
from ..audits.printed_convention import OURS
from ..linear.langevin import gaussian
from .network_file import Netlist


def audited(netlist: Netlist, values: Mapping[str, Any]) -> tuple[Audit, list[str]]:
    """The audit, and the lines that tell it: how the file is read, itself, and where it is worst.

    Matrices are compared with the parts and wires that stand beside them.

    Args:
        netlist: from `load`.
        values: parameters that replace the file's own.

    >>> from qcascade.netlist.load import load
    >>> found, lines = audited(load('[parts.m]\\npart = "cavity"\\ndecay = 1.0'), {})
    >>> bool(found.completely_positive), lines[0].splitlines()[-1]
    (True, 'Verdict: physical.')
    """
    if netlist.matrices is None:
        audit_of = audit(netlist.model(values))
        return audit_of, [str(audit_of)]
    lines, reading = [], netlist.matrices.reading
    if reading != OURS:
        lines.append(f"The file is read as {reading}, and converted.")
    values = {**netlist.grid(values), **values}
    wired = gaussian(netlist.network(values)) if netlist.tables.get("parts") else None
    audit_of = audit(netlist.model(values), wired, errors=netlist.errors(values))
    lines.append(str(audit_of))
    if audit_of.worst:
        swept = zip(values.items(), audit_of.worst, strict=False)  # what is swept comes first
        at = [f"{name} = {np.ravel(x)[k]:.6g}" for (name, x), k in swept]
        lines.append(f"The worst point has {', '.join(at)}.")
    return audit_of, lines
