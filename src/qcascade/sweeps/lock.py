"""One writer at a time, on one machine or on many that share a folder.

The library `filelock` would stand for the twenty lines that open and lock a file, as a thirteenth
dependency. Its locks on Unix are those of `flock`: workers that are forked meanwhile hold them too,
so that a store would stay locked when the process that sweeps it has died. And who holds a lock,
which the sentence names, would still be written here.
"""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..base.checks import ArgumentError, fail


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Keep other processes off a folder; a process that is killed lets go of it by dying.

    The lock is the kernel's (`lockf`): it ends with its process, whatever ends that, is not
    inherited by worker processes, and works between machines on a shared file system. Who holds
    it is written beside, for the sentence, and decides where a file system has no locks.

    Args:
        folder: an existing folder.
        name: the argument to name in errors.

    Raises:
        ArgumentError: when another process has it, or the folder cannot be written.
    """
    owner = folder / "owner.json"
    # Asked first: closing a locked file anywhere in a process would let go of its lock.
    if _is_me(_read(owner)):
        raise _taken(name, folder, _me())
    handle = _opened(folder / "lock", name)
    try:
        _lock(handle, owner, name, folder)
        _claim(owner, name, folder)
        try:
            yield
        finally:
            with suppress(OSError):  # the folder may have vanished
                owner.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _opened(file: Path, name: str) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        must = "be a place that can be written"
        raise fail(name, must, str(file.parent.parent), str(error.strerror)) from error


def _lock(handle: int, owner: Path, name: str, folder: Path) -> None:
    try:
        import fcntl

        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        raise _taken(name, folder, _read(owner)) from None
    except (ImportError, OSError):  # no locks here: believe what is written
        holder = _read(owner)
        if holder and not _is_dead(holder):
            hint = f"; if that is gone, delete {owner}"
            raise _taken(name, folder, holder, hint) from None


def _claim(owner: Path, name: str, folder: Path) -> None:
    try:
        owner.unlink(missing_ok=True)  # of a process that is dead
        handle = os.open(owner, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(handle, "w") as file:
            json.dump(_me(), file)
    except FileExistsError:  # threads of one process share its lock, but one is first
        raise _taken(name, folder, _read(owner)) from None
    except OSError as error:
        must = "be a place that can be written"
        raise fail(name, must, str(folder.parent), str(error.strerror)) from error


def _me() -> dict[str, Any]:
    import psutil

    process = psutil.Process()
    since = datetime.fromtimestamp(process.create_time(), UTC).isoformat(timespec="milliseconds")
    return {"pid": process.pid, "host": socket.gethostname(), "since": since}


def _read(owner: Path) -> Mapping[str, Any]:
    try:
        return json.loads(owner.read_text())
    except (OSError, ValueError):
        return {}


def _is_me(holder: Mapping[str, Any]) -> bool:
    return dict(holder) == _me()


def _is_dead(holder: Mapping[str, Any]) -> bool:
    """Whether the owner was a process of this machine that is no more."""
    import psutil

    if holder.get("host") != socket.gethostname():
        return False
    try:
        since = psutil.Process(holder["pid"]).create_time()
    except psutil.NoSuchProcess:
        return True
    written = datetime.fromisoformat(holder["since"]).timestamp()
    return abs(since - written) > 0.01  # a number given to another process since


def _taken(name: str, folder: Path, holder: Mapping[str, Any], hint: str = "") -> ArgumentError:
    who = f"process {holder.get('pid')} on {holder.get('host')}" if holder else "another process"
    must = "be a store that nobody else is writing"
    return fail(name, must, str(folder.parent), f"{who} is writing it{hint}")
