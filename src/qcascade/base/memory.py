"""How much memory a process may still take, which is not always what the machine has left."""

import math
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
"""Where Linux shows the limits of containers and batch jobs."""


def free_memory() -> int:
    """Bytes that this process may still take: of the machine, its own limits, those of its group.

    The limits of a process are those of `ulimit -v` and `-d`; of a container or a batch job, those
    of its control group and of all above it, with what the others in it have taken already.
    """
    import psutil

    free = [float(psutil.virtual_memory().available), *_own_limits(), *_group_limits(GROUPS)]
    return max(0, int(min(free)))


def _own_limits() -> Iterator[float]:
    import psutil

    try:
        import resource
    except ImportError:  # Windows
        return
    used = psutil.Process().memory_info()
    for limit, taken in (
        (resource.RLIMIT_AS, used.vms),
        (resource.RLIMIT_DATA, getattr(used, "data", used.rss)),
    ):
        soft, _ = resource.getrlimit(limit)
        if soft != resource.RLIM_INFINITY:
            yield soft - taken


def _group_limits(root: Path, own: Path = Path("/proc/self/cgroup")) -> Iterator[float]:
    """What the process's control groups leave, in both versions of their files."""
    try:
        lines = own.read_text().splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, controllers, place = line.split(":", 2)
        if controllers not in ("", "memory") and "memory" not in controllers.split(","):
            continue
        top = root if not controllers else root / "memory"
        names = (
            ("memory.max", "memory.current", "inactive_file")
            if not controllers
            else ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        )
        group = top / place.lstrip("/")
        # Inside a container its own group is often shown as the root.
        for folder in dict.fromkeys([group, *group.parents, top]):
            if folder == top or top in folder.parents:
                yield _left(folder, *names)


def _left(folder: Path, most: str, taken: str, cached: str) -> float:
    """What one group leaves; pages of files that it can drop are free."""
    try:
        limit = (folder / most).read_text().strip()
        used = int((folder / taken).read_text())
    except (OSError, ValueError):  # the root of all groups has none
        return math.inf
    if limit == "max" or int(limit) >= 2**60:
        return math.inf
    with suppress(OSError):
        for line in (folder / "memory.stat").read_text().splitlines():
            name, _, pages = line.partition(" ")
            used -= int(pages) if name == cached else 0
    return int(limit) - used
