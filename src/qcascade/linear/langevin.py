"""Network → linear quantum Langevin equations: drift A, diffusion D, drive, and open ports.

With quadratures R, [R_j, R_k] = iΩ_jk, and inside the wired network (`interior.py`)

    H = ½RᵀGR + dᵀR,    L = C R + λ,    f = X L + F b_in  (the field that meets each coupling),
    J = F†C  (what each input sees),    K = J†(n+1)J + JᵀnJ*,
    A = Ω(G + Im C†(1 + 2X)C),    D = Ω (Re K) Ωᵀ,    dV/dt = AV + VAᵀ + D,
    d⟨R⟩/dt = A⟨R⟩ + Ω(d + Im C†(1 + 2X)λ),

from Ṙ = Ω∂H + 2Ω Im C†(f + L/2). What no wire leads to is zero in X, and so in A, to the last
bit. With the Hamiltonian H_ext that wires mediate, the same A is Ω(G_ext + Im K).
What a mode loses whose own light comes back to it is taken from K as well (returning.py).

Everything built this way obeys D + (i/2)(AΩ + ΩAᵀ) ≥ 0: it is a quantum channel.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..base.checks import (
    ArgumentError,
    fail,
    is_plain,
    listed,
    namespace,
    one_of,
)
from ..base.keywords import spoken
from ..numerics.products import adjoint_product, product, weighted_gram
from ..parts.windows import pulse_cavities
from ..slh.component import Component, check_still, relabelled
from ..slh.entries import Entries, summed
from ..slh.forms import amplitudes, linear_form, quadratic_form
from ..slh.interior import Interior, constants
from ..slh.ladder import scatter
from ..slh.network import Network
from ..slh.wiring import without_delays
from .by_entries import felt_by_entry, field_drift, noise, quadratures
from .causality import acts_by_wiring, without_cancelled
from .model import Delays, GaussianModel, bogoliubov, computed_model, times_omega
from .returning import losing, returning, without_rounding


@spoken
def gaussian(net: Network | Component) -> GaussianModel:
    """The linear model of a network: drift, diffusion, drive, and its open ports.

    A = Ω(G + Im C†(1 + 2X)C), D = Ω(Re K)Ωᵀ, f = Ω(d + Im C†(1 + 2X)λ); the symbols stand at the
    top of this module (Wiseman & Milburn, Quantum Measurement and Control, ch. 6).

    Args:
        net: the network (or a part).

    Returns:
        A `GaussianModel`; matrices carry the leading axes of the network's parameters. Where a
        fibre takes time it has `delays` in place of A and D.

    Raises:
        ArgumentError: when H is above second or a coupling above first degree; it names the
            term. Linearise such a network around its working point first.

    >>> from qcascade import Network, cavity
    >>> gaussian(Network({"left": cavity(detuning=1.0, decay=0.2)})).A
    array([[-0.1,  1. ],
           [-1. , -0.1]])
    """
    part = net.component if isinstance(net, Network) else net
    if not isinstance(part, Component):
        raise fail("net", "be a Network", net)
    check_still(part)
    _check_modes(part, net is part)
    wires = tuple(net.wires) if isinstance(net, Network) else ()
    model = _with_delays(part, wires) if part.delays else _instantaneous(part, wires)
    object.__setattr__(model, "measured", part.rates.measured is not None)
    if pulses := pulse_cavities(net):
        object.__setattr__(model, "pulses", pulses)
    return model


def _with_delays(part: Component, wires: Any) -> GaussianModel:
    """The model of a part with lines, out of those with open and with closed lines."""
    closed = _instantaneous(without_delays(part), ())
    return computed_model(
        modes=part.modes,
        inputs=closed.inputs,
        outputs=closed.outputs,
        occupation=closed.occupation,
        squeezed=closed.squeezed,
        squeezing=closed.squeezing,
        wires=wires,
        delays=Delays(
            names=tuple(part.delays),
            times=_stacked(list(part.delays.values())),
            open=_instantaneous(relabelled(part, delays={}), ()),
            closed=closed,
        ),
    )


def _instantaneous(part: Component, wires: Any) -> GaussianModel:
    inside = part.interior
    rotation, d = quadratic_form(inside.H, part.modes)
    by_entries = isinstance(inside.paths.S, Entries)
    A, D, coupling, push, passed = (_varied if by_entries else _constant)(part, rotation)
    occupation, pairs = _occupations(part), part.squeezings
    return computed_model(
        modes=part.modes,
        A=A,
        D=D,
        drive=times_omega((d + push)[..., None])[..., 0],
        inputs=part.inputs,
        outputs=part.outputs,
        scattering=part.S,
        coupling=coupling,
        occupation=occupation,
        squeezed=tuple((part.inputs.index(j), part.inputs.index(k)) for j, k in pairs),
        squeezing=_stacked(list(pairs.values())) + 0j if pairs else np.zeros(0, complex),
        displacement=_leaving(part, passed),
        acts=None if namespace(A) is np else acts_by_wiring(inside, part.modes),
        wires=wires,
    )


def _constant(part: Component, rotation: Any) -> tuple[Any, Any, Any, Any, Any]:
    """A, D, the coupling, and what lasers do to modes and send past them, by matrix products."""
    inside = part.interior
    C, displacement = linear_form(inside.L, part.modes)
    feels, seen = felt(inside.paths.X, C), adjoint_product(inside.paths.F, C)
    # Wires and baths alone first: they mostly stay as they are where the Hamiltonian varies.
    fields = times_omega(adjoint_product(C, feels).imag) + 0.0  # no −0
    A = scatter(rotation, fields.shape[-2:], np.float64, fields)
    if namespace(C) is np and C.ndim == 2 and not _is_driven(inside):
        push, passed = 0.0, 0.0  # nothing is driven through a port
    else:
        passed = constants(inside.paths.W, displacement)
        push = _push(C, felt(inside.paths.X, displacement[..., None]))
    A = without_cancelled(A, rotation, fields)
    if some := returning(inside, part.modes):
        seen = without_rounding(seen, inside.paths.F, C, some)
        A = losing(A, seen, some)
    D = diffusion(squeezed_rows(seen, part), _occupations(part))
    return A, D, product(inside.paths.W, C), push, passed


def _varied(part: Component, rotation: Any) -> tuple[Any, Any, Any, Any, Any]:
    """The same by entries, for paths that vary over a batch or are traced."""
    inside, size = part.interior, 2 * len(part.modes)
    U, V, displacement = amplitudes(inside.L, part.modes)
    phi = felt_by_entry(inside.paths.X)
    fields = Entries((size, size), field_drift(phi, U, V))
    point = ((0, 0), inside.points)  # which every matrix has as many of, and where none has a field
    A = Entries(fields.shape, summed([point, *rotation.items(), *fields.values.items()]))
    A = without_cancelled(A.array(np.float64), rotation, fields)
    into = inside.paths.F.adjoint
    seen_U, seen_V = into @ U, into @ V
    if some := returning(inside, part.modes):
        J, C = quadratures(seen_U, seen_V).array(), quadratures(U, V).array()
        A = losing(A, without_rounding(J, inside.paths.F.array(), C, some), some)
    weights = [2 * part.occupations.get(name, 0.0) + 1.0 for name in part.inputs]
    seen = noise(*_squeezed_entries(seen_U, seen_V, part), weights)
    D = Entries(fields.shape, summed([point, *seen.items()]))
    W = inside.paths.W
    if _is_driven(inside):
        passed = constants(W, displacement.array()[..., 0])
        push = _push(quadratures(U, V).array(), (phi @ displacement).array())
    else:
        push, passed = 0.0, 0.0
    return A, D.array(np.float64), quadratures(W @ U, W @ V).array(), push, passed


def _is_driven(inside: Interior) -> bool:
    return any(() in x.terms for x in inside.L)


def _push(C: Any, means: Any) -> Any:
    """Im C†(1 + 2X)λ."""
    xp = namespace(C, means)
    return xp.einsum("...pk,...p->...k", xp.conj(C), means[..., 0]).imag


def _leaving(part: Component, passed: Any) -> Any:
    """The light that leaves besides that of the modes, (…, p); None where it is not known."""
    if not part.carriers:
        none = None if part.carriers is None else np.zeros(len(part.outputs), complex)
        return none if none is None else none + passed
    return passed + constants(part.interior.paths.W, _stacked(list(part.carriers)))


def _check_modes(part: Component, alone: bool) -> None:
    """Whether there are oscillators only, and all of them; a network has looked for its own."""
    if part.qubits:
        raise fail(
            "net", "hold oscillators only to be Gaussian", listed(part.qubits), "use `lindblad`"
        )
    for mode in part.interior.modes if alone else ():
        if mode not in part.modes:
            one_of("net", mode, part.modes, "complete: its operators act on its own modes")
    if not part.modes:
        raise ArgumentError("Argument `net` must hold a mode, but has none.")


def felt(X: Any, C: Any) -> Any:
    """(1 + 2X)C: twice the field in the middle of every coupling, in terms of what sends it."""
    return C + 2 * product(X, C)


def diffusion(J: Any, occupation: Any) -> Any:
    """D = Ω(Re K)Ωᵀ with K = J†(n+1)J + JᵀnJ*."""
    xp = namespace(J, occupation)
    if xp is np and not occupation.any():  # the vacuum everywhere
        K = adjoint_product(J, J)
    else:
        K = weighted_gram(J, occupation + 1) + xp.conj(weighted_gram(J, occupation))
    return times_omega(xp.swapaxes(times_omega(K.real), -1, -2))


def squeezed_rows(J: Any, part: Component) -> Any:
    """J as the vacuum v behind squeezed inputs sees it: J_1 → cosh r J_1 − e^{iφ} sinh r J_2*.

    A row stands for an operator, and its conjugate for the adjoint.
    """
    if not part.squeezings:
        return J
    xp = namespace(J, *part.squeezings.values())
    rows = [J[..., k, :] for k in range(J.shape[-2])]
    for j, k, cosh, sinh in squeezed_inputs(part):
        near, far = rows[j], rows[k]
        rows[j] = cosh[..., None] * near - sinh[..., None] * xp.conj(far)
        rows[k] = cosh[..., None] * far - sinh[..., None] * xp.conj(near)
    return xp.stack(xp.broadcast_arrays(*rows), axis=-2)


def _squeezed_entries(U: Entries, V: Entries, part: Component) -> tuple[Entries, Entries]:
    """`squeezed_rows` in amplitudes: a row (u, v) of J has the conjugate (v*, u*)."""
    u, v = (dict(X.values) for X in (U, V))
    for j, k, cosh, sinh in squeezed_inputs(part):
        for near, far in {(j, k), (k, j)}:
            for ours, own, other in ((u, U.values, V.values), (v, V.values, U.values)):
                for mode in range(len(part.modes)):
                    terms = []
                    if (near, mode) in own:
                        terms.append(((near, mode), cosh * own[near, mode]))
                    if (far, mode) in other:
                        terms.append(((near, mode), -sinh * other[far, mode].conjugate()))
                    ours |= summed(terms)
    return Entries(U.shape, u), Entries(V.shape, v)


def squeezed_inputs(part: Component) -> Iterator[tuple[int, int, Any, Any]]:
    """Positions of two inputs that are squeezed together, with cosh r and e^{iφ} sinh r."""
    for (first, second), xi in part.squeezings.items():
        yield part.inputs.index(first), part.inputs.index(second), *bogoliubov(xi)


def _occupations(part: Component) -> Any:
    return _stacked([part.occupations.get(name, 0.0) for name in part.inputs])


def _stacked(values: list[Any]) -> Any:
    """Numbers or arrays side by side, shape (…, values)."""
    if all(map(is_plain, values)):
        return np.array(values)
    xp = namespace(*values)
    return xp.stack(xp.broadcast_arrays(*[xp.asarray(n) for n in values]), axis=-1)
