"""How long a user waits before anything happens: `import qcascade`, `qcascade --help`."""

import subprocess
import sys
import time


def seconds(*command, times=5):
    """Best of several runs: the machine's own pauses are not ours."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        best = min(best, time.perf_counter() - start)
    return best


bare = seconds(sys.executable, "-c", "pass")
for name, command, target in (
    ("import numpy", ("-c", "import numpy"), None),
    ("import qcascade", ("-c", "import qcascade"), 1.0),
    ("qcascade --help", ("-c", "from qcascade.cli import main; main()", "--help"), 0.5),
    ("import qutip", ("-c", "import qutip"), None),
):
    took = seconds(sys.executable, *command)
    goal = f"   (goal: under {target} s)" if target else ""
    print(f"{name:<18}{took:6.3f} s   {took / bare:5.1f} × bare Python{goal}")
