"""Units of measures, for labels."""

_IN_NATS = (
    *("log_negativity", "margin", "von_neumann_entropy", "mutual_information", "steering"),
    *("entanglement_of_formation", "discord"),
    *("key_rate", "key_rate_heterodyne", "reverse_coherent_information"),
)
_PLAIN = (
    *("symplectic_eigenvalues", "purity", "fidelity", "epr_variance", "wigner"),
    *("concurrence", "negativity", "genuine_witness", "teleportation_fidelity"),
)

UNITS = dict.fromkeys(_IN_NATS, "nat") | dict.fromkeys(_PLAIN, "1")
UNITS |= {"occupation": "quanta", "residual_contangle": "nat²"}
