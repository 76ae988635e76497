"""One good call of everything that speaks to other libraries, and what its arguments take."""

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
from odd_values import MAYBE, NEW_LIST, ONLY
from public_parts import Entry
from public_verbs import things

import qcascade as qc


@lru_cache(maxsize=1)
def _others() -> SimpleNamespace:
    """Small things of other libraries."""
    import pandas as pd
    import qutip

    a = qutip.destroy(5)
    states = qc.thermal("m", [[0.0], [2.0]])
    frame = pd.DataFrame({"phase": [0.0, 1.0], "E_N": [0.1, 0.2]})
    return SimpleNamespace(a=a, H=2 * a.dag() * a, states=states, frame=frame, pd=pd)


def neighbours() -> dict[str, Entry]:
    """Function and, by parameter, (a good value, what it takes); by name. "f/b" is f once more."""
    t, n = things(), _others()
    warm, whole = qc.thermal("m", 0.01), qc.gaussian(qc.Network({"m": qc.cavity(decay=1.0)}))
    gauss = ONLY.bad(t.model, t.rho, t.net)
    single = gauss.bad(n.states)
    most = ONLY.bad({"m": 0}, {"m": 2.5}, {"nowhere": 3}, {"m": True}, {("m", 3): 2})
    cut = {"cutoffs": ({"m": 4}, most)}
    own = {"cutoffs": ({"m.a": 4}, most)}
    means = ONLY.bad([0.0], [0.0, np.nan], ["x", "y"])
    cov = ONLY.bad(np.eye(4), [[1.0, 0.5], [0.0, 1.0]], [["x"]], [[1.0, np.nan], [np.nan, 1.0]])
    one = NEW_LIST.but("texts").or_blame("means", "cov", "H")
    ops = ONLY.also("empty list", "empty array").bad([None], n.a, [n.a * n.a], [np.eye(5)])
    quadratic = ONLY.bad(n.H * n.H, np.eye(5))
    along = ONLY.good(([0.0, 1.0], "K")).bad([0.0], ["a", "b"], [0.0, np.nan], [[0.0, 1.0]])
    columns = ONLY.bad(["nowhere"], ["phase", "phase"], [None]).good(["phase"])
    dataset = qc.interop.to_xarray(n.states)
    table = ONLY.bad(t.data, [[0.0, 1.0]])
    return {
        "to_qutip/model": (
            qc.interop.to_qutip,
            {"system": (whole, ONLY.or_blame("model").bad(t.net)), **own},
        ),
        "to_qutip": (
            qc.interop.to_qutip,
            {"system": (warm, ONLY.or_blame("state").bad(t.net)), **cut},
        ),
        "truncate": (qc.hilbert.truncate, {"state": (warm, single), **cut}),
        "moments": (
            qc.hilbert.moments,
            {"state": (qc.hilbert.truncate(warm, {"m": 4}), ONLY.bad(warm, t.rho))},
        ),
        "to_walrus": (qc.interop.to_walrus, {"state": (warm, gauss)}),
        "from_walrus": (
            qc.interop.from_walrus,
            {"means": ([0.0, 0.0], means), "cov": (np.eye(2), cov), "modes": ("m", one)},
        ),
        "to_dynamiqs": (
            qc.interop.to_dynamiqs,
            {"system": (warm, ONLY.or_blame("state").bad(t.net, n.states)), **cut},
        ),
        "to_dynamiqs/qubits": (
            qc.interop.to_dynamiqs,
            {"system": (t.master, ONLY.bad(t.net)), "cutoffs": (None, MAYBE)},
        ),
        "from_qutip": (
            qc.interop.from_qutip,
            {
                "H": (n.H, quadratic),
                "c_ops": ([n.a], ops),
                "modes": ("m", one),
            },
        ),
        "to_xarray": (
            qc.interop.to_xarray,
            {
                "state": (qc.thermal("m", np.array([[0.0], [2.0]])), gauss),
                "axes": ([0.0, 1.0], along),
            },
        ),
        "from_xarray": (qc.interop.from_xarray, {"data": (dataset, ONLY.bad(t.data, n.frame))}),
        "to_pandas": (qc.interop.to_pandas, {"data": (dataset, ONLY.bad(n.frame))}),
        "from_pandas": (
            qc.interop.from_pandas,
            {"frame": (n.frame, table), "axes": (["phase"], columns)},
        ),
        "diagram": (qc.diagram, {"net": (t.net, ONLY.bad(t.part))}),
    }
