"""Nonreciprocal optomechanical entanglement against backscattering losses.

Jiao, Zhang, Zhang, Miranowicz, Kuang & Jing, PRL 125, 143605 (2020). A spinning resonator
carries two counterpropagating modes, split by the Sagnac shift ±|Δ_F|, mixed by backscattering
J, and both pushing one breathing mode. A laser from the left drives the mode at Δ_c + |Δ_F|,
from the right the one at Δ_c − |Δ_F|; the entanglement is between that mode and the motion.

Every printed frequency is read as an angular one; κ = ω_c/Q is the decay rate of amplitudes.

Two noises: `printed` is Eqs. (6) and (11), where the heat bath kicks and damps the momentum
only; `lindblad` is the network made of parts, whose motion loses quanta to a bath as a quantum
channel must.
"""

from typing import Any, NamedTuple

import numpy as np

import qcascade as qc

from ..records import Choice, Parameter, Quantity, explored
from ..taken import fail, mean_quanta, takes

LIGHT = qc.physics.optical_frequency("1.55 um")  # ω_c; the laser's ω_l differs by 1e-7 only
RADIUS, MASS, INDEX, QUALITY = 1.1e-3, 10e-12, 1.48, 3.2e7
MOTION, DAMPING = 6.3e7, 5.2e3  # ω_m, the unit of Δ_c and of growth rates, and γ_m; rad/s
DECAY = LIGHT / QUALITY  # κ
# G₀, of q = √2 Re b
COUPLING = np.sqrt(2) * qc.physics.zero_point_coupling(LIGHT, RADIUS, MASS, MOTION)
SIDES = ("left", "right")
NOISES = ("printed", "lindblad")
WINDOW = (-0.25, 2.25)  # holds the best detuning for any spin up to 30e3 rad/s and J up to 2κ

TABLE = (
    Parameter(
        *("detuning", "Δ_c/ω_m", "detuning of both optical modes at rest", "1", -2, 2.5, 0.75),
        word="detuning",
    ),
    Parameter(
        *("spin", "Ω", "angular velocity of the resonator", "krad/s", -30, 30, 0, 1e3), word="spin"
    ),
    Choice("side", "where the light comes from", SIDES, "left"),
    Parameter(
        *("backscattering", "J/κ", "backscattering between the two modes", "1", 0, 2, 0),
        word="backscattering",
    ),
    Parameter("power", "P", "power of the laser", "mW", 0, 40, 20, 1e-3),
    Parameter(
        *("temperature", "T", "temperature of the motion's bath", "mK", 1, 1000, 130, 1e-3),
        word="temperature",
    ),
    Choice("noise", "noise of the motion", NOISES, "printed"),
)


class WorkingPoint(NamedTuple):
    """Classical fields: α of both modes, q_s, and how many steady solutions there are."""

    driven: Any
    other: Any
    position: Any
    branches: Any


def sagnac(spin: Any) -> Any:
    """|Δ_F| by Eq. (1), dispersion neglected, rad/s; odd in the spin Ω.

    >>> round(float(sagnac(8e3) / MOTION), 6)
    0.45543
    """
    return qc.physics.sagnac_shift(spin, RADIUS, INDEX, LIGHT)


@takes(TABLE, without=("noise",))
def network(at: Any) -> qc.Network:
    """The resonator and its laser as parts and a wire.

    Raises:
        ArgumentError: for another side, or a negative power or temperature.

    >>> network(side="right").wires
    (('laser.out', 'resonator.in_back'),)
    """
    resonator = qc.parts.spinning_resonator(
        MOTION * at.detuning,
        shift=sagnac(at.spin),
        coupling=COUPLING / np.sqrt(2),
        frequency=MOTION,
        mechanical_decay=DAMPING,
        decay=qc.conventions.from_amplitude_decay(DECAY),
        backscattering=DECAY * at.backscattering,
        occupation=qc.physics.bose_einstein(MOTION, at.temperature),
    )
    # A cavity fed with β answers with −√κ β; the minus makes that the paper's ε > 0.
    laser = qc.coherent_drive(-qc.physics.drive_amplitude(at.power, LIGHT))
    port = "in" if at.side == "left" else "in_back"
    return qc.Network(
        {"resonator": resonator, "laser": laser}, [("laser.out", f"resonator.{port}")]
    )


def polynomial(driven: Any, other: Any, hopping: Any, pushing: Any) -> Any:
    """Eq. (7) as a polynomial in the optical shift s = G₀q_s, all in units of ω_m.

    s |(κ + iu)(κ + iv) + J²|² = c (κ² + J² + v²) with u = Δ_driven − s, v = Δ_other − s and
    c = (G₀ε/ω_m²)², `pushing`: five solutions at most; at J = 0 the factor κ² + v² leaves a cubic.
    Coefficients (…, 6), highest power first.

    >>> polynomial(1.0, 1.0, 0.0, 0.0)[..., -1]
    array(-0.)
    """
    k2 = (DECAY / MOTION) ** 2
    sigma, total = driven + other, k2 + hopping**2
    e = total - driven * other  # Re of the determinant is e + σs − s², Im is κ(σ − 2s)
    rows = (
        1.0,
        -2 * sigma,
        sigma**2 - 2 * e + 4 * k2,
        2 * sigma * e - 4 * k2 * sigma - pushing,
        e**2 + k2 * sigma**2 + 2 * pushing * other,
        -pushing * (total + other**2),
    )
    return np.stack(np.broadcast_arrays(*rows), axis=-1)


@takes(TABLE, without=("temperature",))
@np.errstate(over="ignore", invalid="ignore")  # what has outgrown numbers has no solution
def working_point(at: Any) -> WorkingPoint:
    """Classical steady state, Eq. (7): the stable one with the fewest photons.

    Where none is stable, it is the one with the fewest photons. With Lindblad damping q is damped
    as well, which makes the spring stiffer by 1e-9.

    Raises:
        ArgumentError: where the numbers outgrow double precision.

    >>> round(float(abs(working_point().driven)) ** 2 / 1e9, 6)
    4.877304
    """
    epsilon = np.sqrt(2 * DECAY) * qc.physics.drive_amplitude(at.power, LIGHT)
    u, v, J, epsilon = np.broadcast_arrays(*_optical(at), epsilon)
    stiff = 1.0 if at.noise == "printed" else 1 + (DAMPING / MOTION) ** 2 / 4
    roots = qc.classical.real_roots(
        polynomial(u, v, J, (COUPLING * epsilon / MOTION**2) ** 2 / stiff)
    )
    branches, s = np.sum(~np.isnan(roots), axis=-1), np.array(roots[..., 0])
    if not np.all(branches):
        must = "be smaller: the coefficients of Eq. (7) outgrow double precision"
        given = (at.detuning, at.spin, at.backscattering, at.power)
        raise fail("detuning, spin, backscattering, power", must, given)
    for k in reversed(range(roots.shape[-1])):  # the last to be written is the lowest stable one
        several = branches > max(k, 1)
        if np.any(several):
            x, hopping = roots[several, k], J[several]
            bare = (u[several] - x, v[several] - x, hopping)
            A = drift(*bare, *_fields(*bare, epsilon[several]))
            s[several] = np.where(qc.growth(A) < 0, x, s[several])
    alpha, back = _fields(u - s, v - s, J, epsilon)
    return WorkingPoint(alpha, back, s[()] * MOTION / COUPLING, branches)


def _shift(at: Any) -> Any:
    """Δ_F of the driven mode, in units of ω_m."""
    return sagnac(at.spin) / MOTION * (1 if at.side == "left" else -1)


def _optical(at: Any) -> tuple[Any, Any, Any]:
    """Detunings of the driven and the other mode, and J, in units of ω_m."""
    shift, J = _shift(at), at.backscattering * DECAY / MOTION
    return at.detuning + shift, at.detuning - shift, J


def _fields(u: Any, v: Any, J: Any, epsilon: Any) -> tuple[Any, Any]:
    """α of the driven and the other mode, Eq. (7), at effective detunings u, v."""
    k = DECAY / MOTION
    alpha = (k + 1j * v) * epsilon / MOTION / ((k + 1j * v) * (k + 1j * u) + J**2)
    return alpha, -1j * J / (k + 1j * v) * alpha


def drift(u: Any, v: Any, J: Any, driven: Any, other: Any) -> Any:
    """The drift matrix (…, 6, 6) of Eq. (6), in units of ω_m; order driven, other, motion.

    Effective detunings u, v of the driven and the other mode, backscattering J, and both fields α.
    """
    G, H = (np.sqrt(2) * COUPLING / MOTION * alpha for alpha in (driven, other))
    A = np.zeros((*np.shape(G), 6, 6))
    A[..., range(4), range(4)] = -DECAY / MOTION
    A[..., 0, 1], A[..., 1, 0] = u, -u
    A[..., 2, 3], A[..., 3, 2] = v, -v
    A[..., 0, 3] = A[..., 2, 1] = J
    A[..., 1, 2] = A[..., 3, 0] = -J
    for x, p, push in ((0, 1, G), (2, 3, H)):
        A[..., x, 4], A[..., p, 4] = -push.imag, push.real
        A[..., 5, x], A[..., 5, p] = push.real, push.imag
    A[..., 4, 5], A[..., 5, 4], A[..., 5, 5] = 1, -1, -DAMPING / MOTION
    return A


@takes(TABLE)
def model(at: Any) -> tuple[qc.GaussianModel, WorkingPoint]:
    """The linearised model, rad/s, and its working point.

    printed: A of Eq. (6) and D = diag(κ, κ, κ, κ, 0, γ_m(2n_m + 1)), modes in the order driven,
    other, motion. lindblad: the network of parts, linearised, modes as the part has them.

    >>> model()[0].modes, model(side="right")[0].modes[0]
    (('resonator.a', 'resonator.c', 'resonator.b'), 'resonator.c')
    """
    light = (at.detuning, at.spin, at.side, at.backscattering, at.power)
    point = working_point(*light, at.noise)
    driven, other, motion = modes(at.side)
    if at.noise == "lindblad":
        photons = np.abs(point.driven) ** 2 + np.abs(point.other) ** 2
        beta = 1j * COUPLING / np.sqrt(2) * photons / (1j * MOTION + DAMPING / 2)
        fields = {driven: point.driven, other: point.other, motion: beta}
        return qc.gaussian(qc.linearise(network(*light, at.temperature), fields)), point
    with np.errstate(over="ignore"):
        u, v, J = _optical(at)
    s = COUPLING * point.position / MOTION
    A = MOTION * drift(u - s, v - s, J, point.driven, point.other)
    occupation = mean_quanta("occupation", qc.physics.bose_einstein(MOTION, at.temperature))
    D = np.zeros((*np.shape(occupation), 6, 6))
    D[..., range(4), range(4)] = DECAY
    D[..., 5, 5] = DAMPING * (2 * occupation + 1)
    return qc.GaussianModel((driven, other, motion), A, D), point


def modes(side: str) -> tuple[str, str, str]:
    """Names of the driven mode, the other one, and the motion, by where the light comes from.

    >>> modes("left")
    ('resonator.a', 'resonator.c', 'resonator.b')
    """
    light = ("resonator.a", "resonator.c")
    driven, other = light if side == "left" else light[::-1]
    return driven, other, "resonator.b"


def photons_on_the_cycle(detuning: float, spin: float, time: float = 1000.0) -> float:
    """Mean photon number where the right-driven resonator goes, J = 0, leaving its fixed point.

    The last half of `time`, in 1/ω_m, counts.

    >>> 1.4e9 < photons_on_the_cycle(0.27, 8e3, 300.0) < 1.6e9
    True
    """
    at = working_point(detuning, spin, "right")
    driven, _, motion = modes("right")
    start = {driven: at.driven, motion: at.position / np.sqrt(2) * 1.001}  # just beside it
    end = qc.classical.limit_cycle(network(detuning, spin, "right"), start, time / MOTION)
    return end.numbers[driven]


@takes(TABLE)
def point(at: Any) -> dict[str, Any]:
    """Entanglement of the driven mode with the motion, and the light behind it.

    Returns:
        stable; E_N (nats), NaN where unstable; photons_driven, photons_other of the classical
        steady state, stable or not; branches, how many of those there are.

    Raises:
        ArgumentError: for another side or noise, or a negative power or temperature.

    >>> round(float(point()["E_N"]), 9)
    0.147614901
    """
    linear, fields = model(*at)
    # One more axis, so that a single point without a steady state is NaN, as in a batch.
    A, D = (np.asarray(x)[None] for x in (linear.A, linear.D))
    state = qc.steady_state(qc.GaussianModel(linear.modes, A, D))
    driven, _, motion = modes(at.side)
    found = {"stable": state.stable[0], "E_N": qc.log_negativity(state, driven, motion)[0]}
    for name, alpha in (("driven", fields.driven), ("other", fields.other)):
        found[f"photons_{name}"] = np.abs(alpha) ** 2
    found["branches"] = fields.branches
    shape = found["stable"].shape
    return {name: np.broadcast_to(values, shape)[()] for name, values in found.items()}


@takes(TABLE, without=("detuning",), also={"points": 400, "window": WINDOW})
def peak(at: Any) -> tuple[Any, Any]:
    """The largest E_N over the detuning, and the Δ_c/ω_m where it is; NaN where there is none.

    Args:
        points: detunings tried, evenly over the window.
        window: where to look: Δ_c ± |Δ_F|, the driven mode's own detuning, over ω_m.

    >>> [round(float(x), 4) for x in peak(points=4001)]
    [0.1476, 0.7519]
    """
    given = (_shift(at), at.spin, at.backscattering, at.power, at.temperature)
    shift, spin, J, P, T = (x[..., None] for x in np.broadcast_arrays(*given))
    low, high = at.window
    detuning = np.linspace(low, high, at.points) - shift
    found = point(detuning, spin, at.side, J, P, T, at.noise)["E_N"]
    best = np.argmax(np.nan_to_num(found, nan=-1.0), axis=-1)[..., None]
    top, where = (np.take_along_axis(x, best, -1)[..., 0] for x in (found, detuning))
    return top[()], np.where(np.isnan(top), np.nan, where)[()]


SYSTEM = explored(
    TABLE,
    point,
    (
        Quantity("E_N", "E_N", "entanglement of the driven mode with the motion", "nat"),
        Quantity("photons_driven", "|α|²", "photons in the driven mode", "quanta"),
        Quantity("photons_other", "|α′|²", "photons in the other mode", "quanta"),
        Quantity("branches", "branches", "steady solutions of the classical equations"),
    ),
    takes(TABLE)(lambda at: network(*at[:-1])),
    lambda **arguments: model(**arguments)[0],
    note="A spinning resonator: the Sagnac effect splits its two optical modes, backscattering "
    "mixes them. The printed noise damps the momentum only; Lindblad noise damps as a quantum "
    "channel must.",
)
