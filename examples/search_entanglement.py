"""Where can motion be entangled through a one-way link, with all the noise that physics demands?

One family of models from parts and wires, jiao2022's numbers at its centre, searched at random
and then by differential evolution for the largest margin −ln 2ν₋ between the two motions.

    python examples/search_entanglement.py [--fast]

prints the table and writes docs/remote_entanglement.md and docs/remote_entanglement.png.
Rates and detunings are in units of ω_m, powers in units of jiao2022's 20 mW.
"""

import sys
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import Progress
from scipy.integrate import solve_ivp
from scipy.linalg import solve_discrete_lyapunov
from scipy.optimize import differential_evolution

import qcascade as qc
from qcascade.papers.jiao2022.model import COUPLED, DAMPING, INTRINSIC, LIGHT, MOTION, POWER
from qcascade.papers.jiao2022.model import coupling as printed_coupling
from qcascade.plots import plot

DOCS = Path(__file__).parent.parent / "docs"
MOTIONS = ("left.b", "right.b")
EDGE = 1e-6  # a margin below this is rounding, or too small for anyone to see

LOST = qc.si(INTRINSIC, "rad/s") / MOTION
FIBRE = {side: qc.si(rate, "rad/s") / MOTION for side, rate in COUPLED.items()}
GAMMA = qc.si(DAMPING, "rad/s") / MOTION
G0 = float(printed_coupling(MOTION)) / MOTION
SLOWEST = GAMMA / 200  # a rate slower than this, 1/100 of the motion's own, is no steady state
LASER = float(qc.physics.drive_amplitude(POWER, LIGHT)) / np.sqrt(MOTION)

JIAO = {
    "up": 1.0,  # effective detuning ω_c − ω_laser of the first cavity; below zero: blue side
    "down": 1.0,  # of the second
    "power": 1.0,  # of the first laser, used where g_up is None
    "g_up": None,  # linearised coupling g₀|α| of the first cavity
    "g_down": None,  # of the second; None: no second laser
    "temperature": 0.1,  # kelvin
    "transmission": 1.0,
    "phase": 0.0,  # of the fibre
    "damping": 1.0,  # γ over jiao2022's
    "width": 1.0,  # κ of both cavities over jiao2022's
    "escape": None,  # κ_ex/κ of both cavities; None: jiao2022's
    "ratio": 1.0,  # ω_m of the second motion over that of the first
    "squeezing": 0.0,  # squeezed light into the first cavity: 2ξ/κ_s, threshold at 1
    "pairs": 0.0,  # two-mode squeezed light into both: 2g/κ_s, threshold at 1
    "bandwidth": 1.0,  # κ_s of the light's source
    "angle": 0.0,  # phase of the light's pump
    "resonance": 0.0,  # detuning of the source's mode; the idler's is opposite
    "wire": True,  # whether the first cavity feeds the second
}


class Cavities(NamedTuple):
    """Rates, detuned responses and mean fields; every entry by side."""

    fibre: dict
    lost: dict
    field: dict
    drive: dict


def cavities(p):
    """Mean fields and the lasers that hold them: α(κ/2 + iΔ) + Σ√κ_j β_j = 0.

    Couplings g = g₀α are given and real (a phase of α only turns the cavity's axes, which the
    phases of fibre and source do as well); the lasers follow. Without g_down the second cavity
    has the first one's light only, as in the paper.
    """
    total = {s: (FIBRE[s] + LOST) * p["width"] for s in FIBRE}
    share = {s: FIBRE[s] / (FIBRE[s] + LOST) if p["escape"] is None else p["escape"] for s in FIBRE}
    fibre = {s: total[s] * share[s] for s in FIBRE}
    lost = {s: total[s] - fibre[s] for s in FIBRE}
    slow = {s: total[s] / 2 + 1j * d for s, d in (("left", p["up"]), ("right", p["down"]))}
    if p["g_up"] is None:
        first = LASER * np.sqrt(p["power"]) + 0j
        left = -np.sqrt(fibre["left"]) * first / slow["left"]
    else:
        left = p["g_up"] / G0 + 0j
        first = -left * slow["left"] / np.sqrt(fibre["left"])
    link = np.sqrt(p["transmission"]) * np.exp(1j * np.asarray(p["phase"])) * p["wire"]
    arriving = np.sqrt(fibre["right"]) * link * (first + np.sqrt(fibre["left"]) * left)
    if p["g_down"] is None:
        right, second = -arriving / slow["right"], None
    else:
        right = p["g_down"] / G0 + 0j
        port = lost if p["wire"] else fibre
        second = -(right * slow["right"] + arriving) / np.sqrt(port["right"])
    field, drive = {"left": left, "right": right}, {"left": first, "right": second}
    return Cavities(fibre, lost, field, drive)


def model(**settings):
    """The linear model of a point (or of arrays of them), and the lasers' amplitudes by side."""
    p = JIAO | settings
    c = cavities(p)
    frequency = {"left": 1.0, "right": p["ratio"]}
    parts, fields = {"laser": qc.coherent_drive(c.drive["left"])}, {}
    wires = [("laser.out", "left.in_fibre")]
    for s, detuning in (("left", p["up"]), ("right", p["down"])):
        pushed, damping = G0 * np.abs(c.field[s]) ** 2, GAMMA * p["damping"]
        fields[f"{s}.a"] = c.field[s]
        fields[f"{s}.b"] = 1j * pushed / (1j * frequency[s] + damping / 2)
        parts[s] = qc.optomechanical_cavity(
            detuning + 2 * G0 * fields[f"{s}.b"].real,
            coupling=G0,
            frequency=frequency[s],
            mechanical_decay=damping,
            decay={"fibre": c.fibre[s], "lost": c.lost[s]},
            occupation=qc.physics.bose_einstein(frequency[s] * MOTION, p["temperature"]),
        )
    if p["wire"]:
        parts["fibre"] = qc.fibre(p["transmission"], p["phase"])
        wires += [("left.out_fibre", "fibre.in"), ("fibre.out", "right.in_fibre")]
    if c.drive["right"] is not None:
        parts["second"] = qc.coherent_drive(c.drive["right"])
        wires.append(("second.out", "right.in_lost" if p["wire"] else "right.in_fibre"))
    add_light(p, parts, wires)
    here = qc.gaussian(qc.linearise(qc.Network(parts, wires=wires), fields))
    # Where rounding decides about the fields there are no numbers; a drift 0 has no steady state.
    A, D = (np.where(np.isfinite(X), X, 0.0) for X in (here.A, here.D))
    # The means are known already; without the drive they are not solved for again.
    return qc.GaussianModel(here.modes, A, D), c.drive


def add_light(p, parts, wires):
    """Nonclassical input light: its source sits behind the lasers."""
    turn = p["bandwidth"] / 2 * np.exp(1j * np.asarray(p["angle"]))
    at, width = p["resonance"], p["bandwidth"]
    if np.any(np.asarray(p["squeezing"]) != 0):
        parts["light"] = qc.squeezed_mode(p["squeezing"] * turn, detuning=at, decay=width)
        wires.append(("light.out", "laser.in"))
    if np.any(np.asarray(p["pairs"]) != 0):
        parts["light"] = qc.pair_source(p["pairs"] * turn, decay=(width, width), detuning=(at, -at))
        wires += [("light.out_a", "laser.in"), ("light.out_b", "second.in")]


def margin(beat=None, **settings):
    """−ln 2ν₋ between the two motions; −∞ where there is no steady state."""
    if beat is not None:
        found = qc.measures.margin(beating(beat, **settings), *MOTIONS)
        return np.where(np.isnan(found), -np.inf, found)
    here, _ = model(**settings)
    A, D = np.broadcast_arrays(here.A, here.D)
    # At the very edge of stability V has 1e12 quanta and rounding can look like entanglement.
    settled = qc.growth(A) < -SLOWEST
    batch = qc.GaussianModel(here.modes, A[None], D[None])  # no error for a single point
    found = qc.measures.margin(qc.steady_state(batch), *MOTIONS)[0]
    return np.where(settled & ~np.isnan(found), found, -np.inf)


def harmonics(beat, settings):
    """A and D are M₀ + M₁ cos θ + M₂ sin θ in the beating phase θ: three phases give all."""
    columns = {k: np.asarray(v)[..., None] if np.ndim(v) else v for k, v in settings.items()}
    here, _ = model(**columns, **{beat: np.array([0.0, np.pi / 2, np.pi])})

    def split(M):
        mean = (M[..., 0, :, :] + M[..., 2, :, :]) / 2
        return mean, (M[..., 0, :, :] - M[..., 2, :, :]) / 2, M[..., 1, :, :] - mean

    A, D = np.broadcast_arrays(here.A, here.D)
    return here.modes, split(A), split(D)


def at_time(parts, t):
    """A matrix of `harmonics` at time t: the phase runs as θ = −2ω_m t."""
    return parts[0] + parts[1] * np.cos(2 * t) - parts[2] * np.sin(2 * t)


def beating(beat, steps=160, **settings):
    """Periodic state at t = 0 under two lasers 2ω_m apart: V = ΦVΦᵀ + Q over one beat.

    Each cavity is written in the frame of its own laser; between the frames a phase runs, of
    the fibre (`beat="phase"`) or of the pair source's pump (`beat="angle"`). Nothing is
    averaged over: all counter-rotating terms stay. Φ and Q by Runge–Kutta, the sum
    Σ ΦᵏQΦᵀᵏ by doubling.
    """
    modes, A, D = harmonics(beat, settings)
    shape, h = A[0].shape, np.pi / steps
    Phi, Q = np.broadcast_to(np.eye(shape[-1]), shape), np.zeros(shape)

    def slope(now, Phi, Q):
        AQ = now[0] @ Q
        return now[0] @ Phi, AQ + np.swapaxes(AQ, -1, -2) + now[1]

    grid = [(at_time(A, t), at_time(D, t)) for t in np.arange(2 * steps + 1) * h / 2]
    for k in range(0, 2 * steps, 2):
        k1 = slope(grid[k], Phi, Q)
        k2 = slope(grid[k + 1], Phi + h / 2 * k1[0], Q + h / 2 * k1[1])
        k3 = slope(grid[k + 1], Phi + h / 2 * k2[0], Q + h / 2 * k2[1])
        k4 = slope(grid[k + 2], Phi + h * k3[0], Q + h * k3[1])
        Phi = Phi + h / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0])
        Q = Q + h / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])
    stable = np.abs(np.linalg.eigvals(Phi)).max(-1) < 1 - np.pi * SLOWEST
    Phi = np.where(stable[..., None, None], Phi, 0.0)
    for _ in range(40):
        Q, Phi = Q + Phi @ Q @ np.swapaxes(Phi, -1, -2), Phi @ Phi
    V = np.where(stable[..., None, None], (Q + np.swapaxes(Q, -1, -2)) / 2, np.nan)
    return qc.GaussianState(modes, np.zeros(shape[:-1]), V, stable)


class Scenario(NamedTuple):
    """What is free to move, and between which bounds; the rest is jiao2022's."""

    name: str
    knobs: dict
    fixed: dict = {}  # noqa: RUF012 (never written to)
    beat: str | None = None


class Finding(NamedTuple):
    """The best point of a scenario at one temperature."""

    scenario: Scenario
    temperature: float
    margin: float
    at: dict
    tried: int
    stable: int
    positive: int


DETUNING, ANY, TURN = (-8.0, 8.0), (-2.0, 0.3), (0.0, 2 * np.pi)
LOGARITHMIC = ("power", "g_up", "g_down", "damping", "width", "ratio", "bandwidth")
ONE = {"up": DETUNING, "down": DETUNING, "power": (-2.0, 2.0)}
TWO = {"up": DETUNING, "down": DETUNING, "g_up": ANY, "g_down": ANY}
LINK = {"phase": TURN}
SHAPE = {"width": (-2.0, 1.5), "escape": (0.5, 0.999)}
RATIO = {"ratio": (-1.0, 1.0)}
SOURCE = {"bandwidth": (-2.0, 1.0), "angle": TURN, "resonance": (-2.0, 2.0)}
SQUEEZED, PAIRS = {"squeezing": (0.01, 0.95), **SOURCE}, {"pairs": (0.01, 0.95), **SOURCE}
WEAK = {"g_up": (-3.5, -0.5), "g_down": (-3.5, -0.5)}
BLUE = {"up": (-1.3, -0.7), "down": (0.7, 1.3), **WEAK}
RED = {"up": (0.7, 1.3), "down": (0.7, 1.3), **WEAK}
RED |= {"pairs": (0.01, 0.95), "bandwidth": (-1.0, 1.0)}
APART = {"wire": False}

SCENARIOS = (
    Scenario("jiao2022: one laser, its power", {"up": DETUNING, "down": DETUNING}),
    Scenario("one laser, any power", ONE),
    Scenario("two drives", TWO | LINK),
    Scenario("two drives, any γ", TWO | LINK | {"damping": (-1.0, 4.0)}),
    Scenario("two drives, any κ and κ_ex/κ", TWO | LINK | SHAPE),
    Scenario("two drives, any frequency ratio", TWO | LINK | RATIO),
    Scenario("two drives, any κ, κ_ex/κ, ratio", TWO | LINK | SHAPE | RATIO),
    Scenario("squeezed input", TWO | LINK | SQUEEZED),
    Scenario("squeezed input, any κ and κ_ex/κ", TWO | LINK | SQUEEZED | SHAPE),
    Scenario("pair input, no cascade wire", TWO | PAIRS, APART),
    Scenario("pair input and cascade wire", TWO | LINK | PAIRS | SHAPE),
    Scenario("two lasers 2ω_m apart, blue → red", BLUE, {}, "phase"),
    Scenario("the same, any κ and κ_ex/κ", BLUE | SHAPE, {}, "phase"),
    Scenario("pair input, pump 2ω_m above the lasers' sum, red + red", RED, APART, "angle"),
)
IDEAL, CASCADE, PAIRED = SCENARIOS[6], SCENARIOS[11], SCENARIOS[13]
TEMPERATURES = (0.1, 0.01, 0.0)


def settings(scenario, columns):
    """Knobs by name from rows of search coordinates; rates are searched by their logarithm."""
    named = zip(scenario.knobs, columns, strict=True)
    return {k: 10**x if k in LOGARITHMIC else x for k, x in named}


def search(scenario, points=20000, generations=120, seed=1, **fixed):
    """The largest margin: a random batch, then differential evolution from its best.

    The batch covers the whole box; the evolution starts half from its best points and half
    from new ones, so that a wide hill does not hide a narrow one completely.
    """
    rng, fixed = np.random.default_rng(seed), {**scenario.fixed, **fixed}
    low, high = np.array(list(scenario.knobs.values())).T
    # A periodic state costs a hundred steady ones.
    points, pool = (points, 120) if scenario.beat is None else (points // 100, 40)

    def height(X):
        return margin(scenario.beat, **settings(scenario, X), **fixed)

    X = low + (high - low) * rng.random((points, len(low)))
    found = np.concatenate([height(x.T) for x in np.array_split(X, -(-points // 4000))])
    best = X[np.argsort(-found)[: pool // 2]]
    fresh = low + (high - low) * rng.random((pool - len(best), len(low)))
    result = differential_evolution(
        lambda X: -np.maximum(height(X), -10.0),  # finite, or the spread of the pool is NaN
        list(zip(low, high, strict=True)),
        init=np.concatenate([best, fresh]),
        maxiter=generations if scenario.beat is None else generations // 2,
        vectorized=True,
        updating="deferred",
        polish=False,
        tol=1e-8,
        mutation=(0.4, 0.9),
        rng=rng,
    )
    at = {k: float(x) for k, x in settings(scenario, result.x).items()} | fixed
    tried, stable = points + result.nfev * pool, int(np.isfinite(found).sum())
    temperature = fixed.get("temperature", JIAO["temperature"])
    hits = int((found > EDGE).sum())
    return Finding(scenario, temperature, -float(result.fun), at, tried, stable, hits)


def audited(finding):
    """Whether the model at a finding is a quantum channel (at every instant) and V a state."""
    beat = finding.scenario.beat
    if beat is None:
        report = qc.audit(model(**finding.at)[0])
        return bool(report.completely_positive and report.physical_state)
    instants = model(**finding.at, **{beat: np.linspace(0, 2 * np.pi, 24)})[0]
    channel = np.all(qc.audit(instants).completely_positive)
    # The periodic state is integrated by Runge–Kutta, to some 1e-9.
    return bool(channel and beating(beat, **finding.at).is_physical(1e-8))


def powers(finding):
    """Powers of the two lasers in mW (of the second: None where there is none)."""
    _, drive = model(**finding.at)
    unit = float(qc.si(POWER, "watt")) * 1e3 / LASER**2
    return [None if x is None else float(np.abs(x) ** 2 * unit) for x in drive.values()]


def by_hand(up, down, g_up, g_down, temperature, phase=0.0, width=1.0, escape=None):
    """A and D of the cascade typed from the Langevin equations, with none of the package's algebra.

    ẋ = Δp − κx/2, ṗ = −Δx − κp/2 + 2g x_b; q̇ = ωp_b − γq/2, ṗ_b = −ωq − γp_b/2 + 2g x; the
    light of the first cavity and the noise that travels with it reach the second together.
    """
    total = [(LOST + FIBRE[s]) * width for s in FIBRE]
    to = [k * escape if escape else FIBRE[s] * width for k, s in zip(total, FIBRE, strict=True)]
    quantum = 1.054571817e-34 * MOTION / 1.380649e-23  # kelvin
    thermal = 1 / np.expm1(quantum / temperature) if temperature else 0.0
    A, D = np.zeros((2, 8, 8))
    for k, (delta, g) in enumerate(((up, g_up), (down, g_down))):
        for j, omega, rate in ((4 * k, delta, total[k]), (4 * k + 2, 1.0, GAMMA)):
            A[j : j + 2, j : j + 2] = [[-rate / 2, omega], [-omega, -rate / 2]]
        A[4 * k + 1, 4 * k + 2] = A[4 * k + 3, 4 * k] = 2 * g
        noise = np.array([total[k]] * 2 + [GAMMA * (2 * thermal + 1)] * 2) / 2
        D[4 * k : 4 * k + 4, 4 * k : 4 * k + 4] = np.diag(noise)
    c, s = np.cos(phase), np.sin(phase)
    turned = np.sqrt(to[0] * to[1]) * np.array([[c, -s], [s, c]])
    A[4:6, 0:2], D[4:6, 0:2], D[0:2, 4:6] = -turned, turned / 2, turned.T / 2
    return A, D


def independent_margin(**at):
    """The beating cascade's margin by another route: typed matrices, SciPy, determinants."""

    def slope(t, y):
        A, D = by_hand(**at, phase=-2 * t)
        Phi, Q = y.reshape(2, 8, 8)
        return np.concatenate([(A @ Phi).ravel(), (A @ Q + Q @ A.T + D).ravel()])

    start = np.concatenate([np.eye(8).ravel(), np.zeros(64)])
    end = solve_ivp(slope, (0, np.pi), start, "DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    Phi, Q = end.reshape(2, 8, 8)
    return determinant_margin(solve_discrete_lyapunov(Phi, (Q + Q.T) / 2))


def determinant_margin(V):
    """−ln 2ν₋ of modes 2 and 4 from determinants: 2ν₋² = Σ − √(Σ² − 4 det V) (Simon's Σ)."""
    kept = V[np.ix_([2, 3, 6, 7], [2, 3, 6, 7])]
    det = np.linalg.det
    total = det(kept[:2, :2]) + det(kept[2:, 2:]) - 2 * det(kept[:2, 2:])
    return -np.log(2 * np.sqrt((total - np.sqrt(total**2 - 4 * det(kept))) / 2))


def edge(scenario, knob, values, **options):
    """The margin re-optimised at each value of one knob, and where it changes sign (or None)."""
    heights = np.array([search(scenario, **options, **{knob: float(x)}).margin for x in values])
    values = np.asarray(values, float)
    signs = np.flatnonzero((heights[1:] > EDGE) != (heights[:-1] > EDGE))
    crossing = None
    if signs.size:
        k = signs[0]
        crossing = float(np.interp(0, *sorted_pair(heights[k : k + 2], values[k : k + 2])))
    return heights, crossing


def sorted_pair(x, y):
    order = np.argsort(x)
    return x[order], y[order]


def answers(report, fast=False):
    """All numbers of the page: best points, and the edges of what is entangled."""
    effort = {"points": 2000, "generations": 8} if fast else {}
    findings = []
    for scenario in SCENARIOS:
        report(scenario.name)
        for T in TEMPERATURES:
            findings.append(search(scenario, temperature=T, **effort))
    effort = {"points": 2000, "generations": 6 if fast else 60}
    steps, edges = (3 if fast else 7), []
    for scenario, knob, values, fixed in (
        (CASCADE, "temperature", np.linspace(0, 0.012, steps), {}),
        (CASCADE, "transmission", np.linspace(1, 0.01, steps), {"temperature": 0.0}),
        (PAIRED, "pairs", np.linspace(0.02, 0.6, steps), {"temperature": 0.1}),
        (PAIRED, "temperature", np.linspace(0.1, 1.0, steps), {}),
    ):
        report(f"{scenario.name}: {knob}")
        options = effort | fixed
        if knob == "pairs":
            knobs = {k: v for k, v in scenario.knobs.items() if k != "pairs"}
            scenario = scenario._replace(knobs=knobs)
        edges.append((scenario.name, knob, values, *edge(scenario, knob, values, **options)))
    return findings, edges


def table(findings):
    """The best point of every scenario and temperature, as markdown."""
    head = "| scenario | T [K] | tried | stable | margin | entangled | physical | at |\n"
    rows = [head + "|---|---|---|---|---|---|---|---|"]
    for f in findings:
        knobs = [k for k in f.at if k not in ("temperature", "wire")]
        at = ", ".join(f"{k} {f.at[k]:.4g}" for k in knobs)
        at += ", mW " + " + ".join(f"{x:.3g}" for x in powers(f) if x is not None)
        rows.append(
            f"| {f.scenario.name} | {f.temperature:g} | {f.tried} | {f.stable} "
            f"| {f.margin:+.6f} | {'yes' if f.margin > EDGE else 'no'} "
            f"| {'yes' if audited(f) else 'NO'} | {at} |"
        )
    return "\n".join(rows)


def draw(edges, size):
    """The figure: one laser's map at jiao2022's numbers, and the edges of entanglement."""
    drawing = plot.blank(11.0, 3.8)
    left, middle, right = drawing.subplots(1, 3)
    x = np.linspace(-2, 2, size)
    up, down = np.meshgrid(x, x)
    height = margin(up=up, down=down)
    height[~np.isfinite(height)] = np.nan
    for axes in (left, middle):  # shows where no colour is
        axes.patch.set(hatch="////", edgecolor="0.7")
    mesh = left.pcolormesh(x, x, np.maximum(height, -4), cmap="viridis", rasterized=True)
    left.set(
        xlabel="Δ₁/ω_m",
        ylabel="Δ₂/ω_m",
        title="one laser, 20 mW, 0.1 K\n(hatched: no steady state)",
    )
    drawing.colorbar(mesh, ax=left, label="margin −ln 2ν₋ (cut at −4)")
    g1, g2 = np.geomspace(3e-4, 3e-3, 24), np.geomspace(5e-4, 1e-1, 24)
    across, along = np.meshgrid(g1, g2)
    height = margin(
        "phase", up=-1.0, down=1.0, g_up=across.ravel(), g_down=along.ravel(), temperature=0.0
    ).reshape(across.shape)
    height[~np.isfinite(height)] = np.nan
    limit = np.nanmax(np.abs(height))
    mesh = middle.pcolormesh(g1, g2, height, cmap="RdBu", vmin=-limit, vmax=limit, rasterized=True)
    middle.set(xscale="log", yscale="log", xlabel="g₁/ω_m", ylabel="g₂/ω_m")
    middle.tick_params(which="minor", labelbottom=False, labelleft=False)
    middle.set_title("two lasers 2ω_m apart, 0 K\n(blue: entangled)")
    drawing.colorbar(mesh, ax=middle, label="margin")
    for name, knob, values, heights, _ in edges:
        where = values / values.max()
        right.plot(where, heights, ".-", label=f"{name.split(',')[0]}: {knob} / {values.max():g}")
    right.axhline(0, color="0.5", linewidth=0.8)
    right.set(xlabel="knob over its largest value", ylabel="best margin", title="what has to move")
    right.legend(fontsize=6, loc="upper center", bbox_to_anchor=(0.5, -0.26))
    return drawing


PAGE = """# Where motion can be entangled through a one-way link

*Written by `python examples/search_entanglement.py`; every number below is from that run.*

**Question.** With all the noise that quantum mechanics demands, the published one-way cascades
of optomechanical resonators lose their remote entanglement. What can such a cascade do, and
which knob has to move?

**Model.** Two cavities with radiation pressure and a fibre from the first to the second,

    H = Δ a†a + ω_m b†b − g₀ a†a (b + b†),   L = √κ_ex a, √κ_0 a, √γ b   for each cavity,

built from parts and wires, linearised about its working point (g = g₀|α|, Δ the effective
detuning ω_c − ω_laser: positive is the red side). Centre: jiao2022 (κ₁ = {k1:.3f}, κ₂ = {k2:.3f},
κ_ex/κ = {e1:.2f} and {e2:.2f}, γ = {gamma:.3g}, all in ω_m = 2π · 88.54 MHz; 0.1 K is n = {n:.1f};
g₀ as printed, √2 above the physical value, which only rescales powers). The measure is the
margin −ln 2ν₋ between the two motions: above zero they are entangled, and E_N is the margin.
At that centre (one laser, static, Δ = ω_m) it is {centre:.6f}, ν₋ = {nu:.6f}.

**One laser frequency or two.** A steady state needs all fields in the frame of one laser
frequency. There, the upstream cavity's blue side (Δ₁ = −ω_m) makes photons at ω_laser − ω_m, and
the downstream cavity's red side (Δ₂ = +ω_m) takes in photons at ω_laser + ω_m: one laser's pair of
cavities never talks about the photon that carries the entanglement. Correlations of the kind
⟨b₁b₂⟩ also turn at 2ω_m in that frame and average out unless something is as fast as ω_m. Two
lasers 2ω_m apart put both cavities at one frequency, but then the phase between the two frames
runs at 2ω_m. `examples/remote_motion.py` drops the terms that still turn (rotating waves). Here
they are kept: the rows "2ω_m apart" are periodic (Floquet) states of the full linearised model at
t = 0, the second laser being two tones, one of which cancels the first laser's light. The pair
input has no wire between the cavities at all: its source feeds both, and entanglement is
brought to the motions rather than made by them.

**Search.** {tried} points: a random batch over each box, then differential evolution of the margin
from the best ones; unstable points, and those slower than γ/200, count as −∞. "stable" counts
the stable points of the random batch. An uncoupled pair at T = 0 has margin 0 exactly, so at
T = 0 a margin of −0.00… says only that the search fled to no coupling. Units: ω_m; temperatures
of both baths; squeezing and pairs are pump over threshold.

{table}

![map](remote_entanglement.png)

**What has to move**, everything else re-optimised at each value (linear interpolation between
the searched values):

{edges}

**Check.** The cascade at T = 0: margin {one:.9f} from parts and wires, {two:.9f} from matrices
typed by hand, SciPy's integrator and discrete Lyapunov equation, and determinants. All rows
passed the audit where the table says physical (at 24 instants of the beat for periodic rows).

**What it means.**
{meaning}

**Limits.** A search is no proof: a narrow island may have been missed. Linearised fluctuations
only; effective detunings are given, so bistability and the other branches are not searched; the
powers follow from the couplings, and some optima need absurd ones. Laser noise, heating by
absorption and other modes are not in the model. Near an instability double precision can fake
entanglement, by rounding in covariances of 10⁹ quanta and more: hence the limit at γ/200
(`tests/test_search.py` holds a point that needed it).
"""


def meaning(findings):
    """Conclusions, from the numbers of this run."""
    static = [f for f in findings if f.scenario.beat is None]
    best = max(static, key=lambda f: f.margin)
    warm = max((f for f in static if f.temperature == 0.1), key=lambda f: f.margin)
    hits = sum(f.positive for f in static)
    verdict = "no" if best.margin <= EDGE and not hits else "SOME"
    lines = [
        f"* One laser frequency: {verdict} entanglement in any static scenario ({hits} hits; best "
        f'margin {best.margin:+.2g}; at 0.1 K {warm.margin:+.4f}, "{warm.scenario.name}").'
    ]
    for f in findings:
        if f.scenario.beat is not None:
            said = (
                f"entangled, E_N = {f.margin:.4f}" if f.margin > EDGE else f"not ({f.margin:+.4f})"
            )
            lines.append(f"* {f.scenario.name}, {f.temperature:g} K: {said}.")
    return "\n".join(lines)


def page(findings, edges):
    """The page of the docs."""
    cold = next(f for f in findings if f.scenario is CASCADE and f.temperature == 0.0)
    found = []
    for name, knob, values, heights, crossing in edges:
        span = f"{values[0]:g} … {values[-1]:g}"
        said = "no change of sign" if crossing is None else f"changes sign at {crossing:.3g}"
        ends = f"margin {heights[0]:+.4f} … {heights[-1]:+.4f}"
        found.append(f"* {name}: {knob} over {span}: {said} ({ends}).")
    centre = float(margin())
    return PAGE.format(
        k1=FIBRE["left"] + LOST,
        k2=FIBRE["right"] + LOST,
        e1=FIBRE["left"] / (FIBRE["left"] + LOST),
        e2=FIBRE["right"] / (FIBRE["right"] + LOST),
        gamma=GAMMA,
        n=qc.physics.bose_einstein(MOTION, 0.1),
        centre=centre,
        nu=0.5 * np.exp(-centre),
        tried=sum(f.tried for f in findings),
        table=table(findings),
        edges="\n".join(found),
        one=cold.margin,
        two=independent_margin(**cold.at),
        meaning=meaning(findings),
    )


def main(fast=False, docs=DOCS):
    """Search, print the table, and write the page and its figure."""
    start = perf_counter()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("search", total=len(SCENARIOS) + 4)

        def report(name):
            progress.update(task, description=name, advance=1)

        findings, edges = answers(report, fast)
    docs.mkdir(exist_ok=True)
    text = page(findings, edges)
    (docs / "remote_entanglement.md").write_text(text)
    plot.save_figure(draw(edges, 41 if fast else 161), docs / "remote_entanglement.png")
    print(text.split("the search fled")[1].split("\n", 3)[3])
    print(f"{perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(fast="--fast" in sys.argv[1:])
