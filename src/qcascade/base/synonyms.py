"""What others call things: hints for names that are not there, of functions and of arguments.

A hint is given only where our own name is among those that could have been meant.
"""

import difflib
from collections.abc import Collection, Iterable, Mapping

FUNCTIONS: dict[str, tuple[str, ...]] = {
    # Parts.
    "squeezed_mode": ("opo", "dopo", "paramp", "parametric_oscillator", "squeezed_cavity"),
    "pair_source": ("nopo", "ndopo", "spdc", "two_mode_squeezer", "amplifier"),
    "squeezed_beam": ("squeezer", "squeezed_input", "squeezed_field", "squeezed_vacuum"),
    "coherent_drive": ("laser", "drive", "pump", "probe", "coherent_source", "coherent_input"),
    "fibre": ("fiber", "link", "channel", "loss", "attenuator", "delay", "delay_line"),
    "beam_splitter": ("beamsplitter", "bs", "splitter"),
    "cavity": ("resonator", "oscillator", "mode", "ring", "microring"),
    "mechanical_mode": ("mechanical_oscillator", "mechanics", "phonon", "membrane", "mirror"),
    "optomechanical_cavity": ("optomechanics", "optomechanical_system"),
    "spinning_resonator": ("spinning_cavity", "rotating_resonator"),
    "qubit": ("atom", "emitter", "two_level_atom", "two_level_system", "tls", "spin"),
    "hopping": ("tunneling", "tunnelling", "exchange", "coupling"),
    "two_mode_squeezing": ("parametric_coupling", "tms"),
    "common_bath": ("bath", "reservoir", "dissipator", "collective_decay"),
    # Models, verbs and figures.
    "steady_state": ("steadystate", "steady", "solve", "ss"),
    "evolve": ("simulate", "mesolve", "sesolve", "propagate", "time_evolution", "run"),
    "trajectories": ("mcsolve", "smesolve", "ssesolve", "quantum_jumps"),
    "conditional_state": ("condition", "measured_state"),
    "working_points": ("mean_fields", "fixed_points", "branches"),
    "design": ("optimize", "optimise", "maximize", "maximise", "inverse_design", "fit"),
    "sweep": ("scan", "map", "parameter_scan"),
    "figure": ("plot", "draw", "show", "heatmap"),
    "from_toml": ("load", "from_file", "read", "loads"),
    "save": ("export", "to_netcdf", "write"),
    "lower": ("destroy", "annihilate", "annihilation", "lowering"),
    "ket": ("basis", "psi"),
    "density": ("rho", "dm", "density_matrix"),
    # Measures and what leaves.
    "log_negativity": ("logarithmic_negativity", "logneg", "EN", "E_N", "entanglement"),
    "occupation": ("photon_number", "phonon_number", "photons", "quanta", "number"),
    "von_neumann_entropy": ("entropy", "entropy_vn"),
    "epr_variance": ("duan", "epr"),
    "scattering": ("transmission", "s_parameters", "S_parameters", "smatrix", "s_matrix"),
    "quadrature_spectrum": ("spectrum", "output_spectrum", "squeezing_spectrum", "noise_spectrum"),
    "homodyne": ("detector", "homodyne_detector"),
    "heterodyne": ("heterodyne_detector", "dual_homodyne"),
    # Physics.
    "bose_einstein": ("thermal_occupation", "n_thermal", "nth", "n_th", "nbar", "planck"),
    "sagnac_shift": ("sagnac", "fizeau", "fizeau_shift", "sagnac_fizeau"),
    "si": ("quantity", "angular_frequency", "unit"),
}
"""What others call parts, verbs, measures and formulas, by our own names."""

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "efficiency": ("eta", "η", "quantum_efficiency", "transmission", "loss"),
    "transmission": ("loss", "losses", "eta", "η", "attenuation", "efficiency", "reflectivity"),
    "mechanical_decay": ("damping", "gamma", "gamma_m", "mechanical_damping", "γ", "γ_m"),
    "decay": (
        *("kappa", "κ", "gamma", "γ", "Gamma", "rate", "linewidth", "damping", "decay_rate"),
        *("kappa_ex", "kappa_ext", "kappa_e", "kappa_c", "kappa_0", "kappa_in", "kappa_int"),
        *("gamma_m", "loss"),
    ),
    "detuning": ("delta", "Delta", "Δ", "frequency", "omega", "omega_c", "w"),
    "temperature": ("T", "temp"),
    "wavelength": ("lam", "lambda_", "frequency"),
    "frequency": ("omega", "omega_m", "ω", "ω_m", "freq", "f", "w", "detuning"),
    "occupation": ("temperature", "T", "n", "nbar", "n_th", "n_thermal", "thermal"),
    "drive": ("squeezing", "xi", "gain", "pump", "rabi"),
    "gain": ("squeezing", "g", "xi", "drive", "pump"),
    "r": ("squeezing", "xi", "db", "dB"),
    "coupling": ("g", "g0", "G"),
    "rate": ("J", "g", "coupling", "strength"),
    "width": ("sigma", "σ", "tau", "fwhm", "FWHM", "duration", "bandwidth", "linewidth", "kappa"),
    "centre": ("center", "t0", "mean", "time"),
    "angle": ("phase", "theta", "phi", "quadrature"),
    "phase": ("phi", "theta", "φ", "θ", "angle"),
    "kerr": ("K", "U", "chi", "nonlinearity"),
    "dephasing": ("gamma_phi", "pure_dephasing"),
    "amplitude": ("power", "beta", "alpha", "drive", "rabi"),
    "times": ("tlist", "t", "time", "ts", "t_span"),
    "initial": ("rho0", "psi0", "state0", "initial_state", "start"),
    "observe": ("e_ops", "observables", "expect"),
    "measure": ("detectors", "sc_ops"),
    "wires": ("connections", "links", "edges"),
    "parts": ("components", "nodes"),
    "cutoffs": ("cutoff", "N", "dim", "dims", "levels", "n_max", "truncation"),
    "executor": ("n_jobs", "parallel", "workers", "max_workers", "processes", "cores", "pool"),
    "chunk": ("chunk_size", "chunksize", "batch", "batch_size"),
    "store": ("file", "filename", "path", "save", "out", "cache", "resume"),
    "progress": ("verbose", "progress_bar", "progressbar", "tqdm"),
}
"""What others call arguments; of several of ours the first that is there is told."""

KEYS: dict[str, tuple[str, ...]] = {
    "from": ("start", "begin", "low", "min", "first"),
    "to": ("stop", "end", "high", "max", "last"),
    "points": ("num", "number", "steps", "samples", "n"),
    "part": ("type", "kind", "class", "component"),
    "measure": ("type", "kind", "function", "quantity"),
}
"""What others call keys of network files, by our own names."""

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "cov": ("V", "covariance", "covariance_matrix", "sigma", "cm", "CM"),
    "mean": ("means", "displacement", "displacements", "first_moments", "mu", "d"),
    "matrix": ("rho", "ρ", "density_matrix", "dm", "full", "data", "todense", "to_array"),
    "density": ("rho", "ρ", "density_matrix", "dm", "proj"),
    "amplitudes": ("psi", "ψ", "ket", "vector", "full", "data"),
    "reduce": ("ptrace", "partial_trace", "reduced", "subsystem", "trace_out"),
    "trace": ("tr", "norm"),
    "expect": ("expectation", "expectation_value", "mean"),
    "modes": ("labels", "names", "mode_names"),
    "stable": ("is_stable", "stability"),
    "is_physical": ("physical", "isphysical", "is_valid"),
    "final": ("state", "final_state", "last"),
    "observed": ("expect", "values", "observables", "results", "e_data", "data"),
    "times": ("t", "tlist", "ts", "time"),
    "A": ("drift", "drift_matrix"),
    "D": ("diffusion", "diffusion_matrix", "noise"),
    "jumps": ("c_ops", "collapse_operators", "L", "Ls"),
    "H": ("hamiltonian", "Hamiltonian"),
    "fields": ("alpha", "alphas", "amplitudes", "roots", "solutions"),
    "branch": ("branches",),
    "wires": ("connections", "links", "edges"),
    "parts": ("components", "nodes"),
}
"""What others call attributes of our records, by our own names."""

VERBS: dict[str, tuple[str, ...]] = {
    "state": (
        *("log_negativity", "negativity", "concurrence", "occupation", "purity", "margin"),
        *("von_neumann_entropy", "mutual_information", "fidelity", "steering", "wigner"),
        *("entanglement_matrix", "symplectic_eigenvalues", "epr_variance", "discord"),
    ),
    "model": ("steady_state", "evolve", "trajectories", "scattering", "quadrature_spectrum"),
    "net": ("gaussian", "lindblad", "linearise", "diagram", "to_toml", "working_points"),
}
"""Functions of records, by what users call these."""

_INSTEAD = {
    ("GaussianState", "rho"): "`qc.truncate(state, cutoffs).matrix()` is its density matrix",
    ("DensityState", "cov"): "`qc.moments(state).cov` is the covariance of oscillators",
    ("PureState", "cov"): "`qc.moments(state).cov` is the covariance of oscillators",
    ("GaussianState", "n"): "`qc.occupation(state)` has the mean quanta of its modes",
    ("DensityState", "n"): "`qc.occupation(state)` has the mean quanta of its modes",
    ("Evolution", "states"): (
        "`final` is the last one, and `observe={'rho': lambda state: state.matrix()}` keeps all"
    ),
    ("GaussianModel", "eigenvalues"): (
        "`qc.growth(model.A)` is the largest real part, and `numpy.linalg.eigvals(model.A)` are all"
    ),
}
"""What to write where a record of this kind has nothing like it."""

_HOW = {
    ("transmission", "loss"): 'a loss of x is transmission = 1 − x, or "3 dB"',
    ("efficiency", "loss"): 'a loss of x is efficiency = 1 − x, or "3 dB"',
    ("occupation", "temperature"): "occupation = qc.physics.bose_einstein(frequency, temperature)",
    ("occupation", "T"): "occupation = qc.physics.bose_einstein(frequency, temperature)",
    ("amplitude", "power"): "amplitude = qc.physics.drive_amplitude(power, frequency)",
    ("amplitude", "rabi"): "a Rabi frequency Ω through a port γ is amplitude = Ω / (2 √γ)",
    ("frequency", "wavelength"): "frequency = qc.physics.optical_frequency(wavelength)",
    ("width", "fwhm"): "of a Gaussian, width = FWHM / 2.355 is σ of |u|²",
    **{
        ("decay", name): 'decay = {"coupled": κ_ex, "lost": κ_0} gives each of them a port'
        for name in ("kappa_ex", "kappa_ext", "kappa_e", "kappa_c", "kappa_0", "kappa_in")
    },
}
"""What to write where it takes more than another name."""

_IDEAL = "it is ideal: for a loss of x wire `fibre(1 - x)` behind it"
_SPLIT = "transmission = T = 1 − R is the share of power that passes"

OF_PARTS: dict[tuple[str, str], str] = {
    **{
        (part, name): _IDEAL
        for part in ("isolator", "circulator", "phase_shifter")
        for name in ("loss", "losses", "insertion_loss", "attenuation", "isolation", "efficiency")
    },
    **{(part, "transmission"): _IDEAL for part in ("isolator", "circulator", "phase_shifter")},
    **{("beam_splitter", name): _SPLIT for name in ("T", "R", "reflectivity", "reflection")},
    ("qubit", "T1"): "decay = 1 / T1",
    ("qubit", "T2"): "coherences decay at 1 / T2 = decay / 2 + dephasing",
}
"""What to write for an argument of one part only, by (part, argument)."""

_ELSEWHERE = {
    "expect": "`state.expect(operator)` of a DensityState does it, with products of `qc.lower`",
    "covariance": "a GaussianState has it as `state.cov`",
    "cov": "a GaussianState has it as `state.cov`",
    "drift": "a GaussianModel has it as `model.A`, and the diffusion as `model.D`",
    "diffusion": "a GaussianModel has it as `model.D`, and the drift as `model.A`",
    "waveguide": "wires are waveguides, and `qc.fibre` is one with loss, a phase or a delay",
    "minimize": "`qc.design` makes an output large: give it with the other sign",
    "minimise": "`qc.design` makes an output large: give it with the other sign",
}
"""Where to find what has no function of its own."""


def nearest(name: str, names: Iterable[str]) -> str:
    """The words "; did you mean 'x'?" for what another name means, or looks like; or nothing.

    Args:
        name: that is not there.
        names: those that are.

    >>> nearest("kappa", ["detuning", "decay"]), nearest("detunning", ["detuning", "decay"])
    ("; did you mean 'decay'?", "; did you mean 'detuning'?")
    >>> nearest("power", ["amplitude"])
    '; amplitude = qc.physics.drive_amplitude(power, frequency)'
    """
    if not isinstance(name, str):
        return ""
    names = list(names)
    own = meant(name, names)
    if own is not None:
        how = _HOW.get((own, name), f"did you mean '{own}'?")
        return f"; {how}"
    close = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def attribute(
    kind: str, called: str, name: str, own: Collection[str], methods: Collection[str] = ()
) -> str:
    """What to write for an attribute that is not there: ": did you mean `x`?", or a full stop.

    Args:
        kind: class of the record.
        called: what users call it, "state".
        name: of the attribute.
        own: attributes that it has.
        methods: those of them that are called.

    >>> attribute("GaussianState", "state", "V", ["cov", "mean"])
    ': did you mean `state.cov`?'
    >>> attribute("GaussianState", "state", "purity", ["cov", "mean"])
    ': it is a function, `qc.purity(state)`.'
    """
    told = _first_meant(ATTRIBUTES, name, own)
    if told is not None:
        return f": did you mean `{called}.{told}{'()' * (told in methods)}`?"
    for (where, theirs), instead in _INSTEAD.items():
        ours = next((x for x, others in ATTRIBUTES.items() if theirs in (x, *others)), theirs)
        if where == kind and name in (theirs, ours, *ATTRIBUTES.get(ours, ())):
            return f": {instead}."
    verbs = VERBS.get(called, ())
    verb = name if name in verbs else _first_meant(FUNCTIONS, name, verbs)
    if verb is not None:
        return f": it is a function, `qc.{verb}({called})`."
    close = difflib.get_close_matches(name, own, n=1)
    return f": did you mean `{called}.{close[0]}`?" if close else "."


def _first_meant(table: Mapping[str, Iterable[str]], name: str, own: Collection[str]) -> str | None:
    return next((x for x, others in table.items() if x in own and name in others), None)


def nearest_argument(function: str, name: str, names: Iterable[str]) -> str:
    """What an argument that a function does not take may stand for; or nothing.

    >>> nearest_argument("isolator", "loss", ["occupation"])
    'it is ideal: for a loss of x wire `fibre(1 - x)` behind it'
    """
    return OF_PARTS.get((function, name)) or nearest(name, names).lstrip("; ")


def elsewhere(name: str, names: Iterable[str]) -> str:
    """What to do where a package has no such name: ": did you mean `qc.x`?", or a full stop.

    Args:
        name: that is not there.
        names: public names of the package.

    >>> elsewhere("opo", ["cavity", "squeezed_mode"])
    ': did you mean `qc.squeezed_mode`?'
    """
    if name in _ELSEWHERE:
        return f": {_ELSEWHERE[name]}."
    names = [*names]
    told = meant(name, names) or next(iter(difflib.get_close_matches(name, names, 1, 0.75)), None)
    return "." if told is None else f": did you mean `qc.{told}`?"


def meant(name: str, names: Collection[str]) -> str | None:
    """Our own name for what others call so, where it is one of `names`."""
    every = (_first_meant(table, name, names) for table in (FUNCTIONS, ARGUMENTS, KEYS))
    return next((own for own in every if own is not None), None)
