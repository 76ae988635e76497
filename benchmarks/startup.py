"""How long a user waits before anything happens: `import qcascade`, `qcascade --help`."""

import subprocess
import sys
import time

from summary import told


def seconds(*command, times=5):
    """Best of several runs: the machine's own pauses are not ours."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        best = min(best, time.perf_counter() - start)
    return best


bare = seconds(sys.executable, "-c", "pass")
goals = {"import qcascade": 1.0, "qcascade --help": 0.5}
times = {}
for name, command in (
    ("import numpy", ("-c", "import numpy")),
    ("import qcascade", ("-c", "import qcascade")),
    ("qcascade --help", ("-c", "from qcascade.cli import main; main()", "--help")),
    ("import qutip", ("-c", "import qutip")),
):
    took = seconds(sys.executable, *command)
    print(f"{name:<18}{took:6.3f} s   {took / bare:5.1f} × bare Python")
    times[name] = took
for name, goal in goals.items():
    told(name, f"{times[name]:.2f} s", f"{goal} s")
