"""Files that appear whole or not at all."""

import errno
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from .checks import ArgumentError, fail


def check_writable(folder: str | Path) -> None:
    """Find out before a long computation whether its results can be written.

    Args:
        folder: where they will go; made if need be.

    Raises:
        ArgumentError: when the folder cannot be made or written.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(place: str | Path, error: OSError) -> ArgumentError:
    return fail("out", "be a place that can be written", str(place), str(error.strerror))


def as_path(name: str, value: Any) -> Path:
    """A place in the file system, from text or a path.

    Args:
        name: argument to name in an error.
        value: the place.

    Raises:
        ArgumentError: when it is neither.

    >>> as_path("path", "figures/map.png").suffix
    '.png'
    """
    if not isinstance(value, str | Path) or not str(value).strip("\0"):
        raise fail(name, "name a place for files", value)
    return Path(value)


@contextmanager
def written_aside(path: str | Path) -> Iterator[Path]:
    """A temporary name beside `path` that takes its place on success and vanishes on failure.

    Args:
        path: the file to write.

    Raises:
        ArgumentError: when the folder cannot be made or written, or has no room.
    """
    path = as_path("path", path)
    if path.is_dir():
        raise fail("path", "name a file", str(path), "there is a folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear(path)
        aside = _begun(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield aside
        _take_place(aside, path)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise _unwritable(path, error) from error
    finally:
        aside.unlink(missing_ok=True)


def put(path: Path, content: bytes) -> None:
    """Write a file whole, and return when it is on the disk and not only in memory.

    Args:
        path: the file; its folder must exist, for one that vanished must not come back empty.
        content: what goes into it.

    Raises:
        OSError: when it cannot be written; there is then the old file or the new one, whole.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     put(Path(folder) / "a", b"whole")
    ...     (Path(folder) / "a").read_bytes()
    b'whole'
    """
    aside = _begun(path)
    try:
        aside.write_bytes(content)
        _take_place(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _begun(path: Path) -> Path:
    """A new file beside `path`, still empty."""
    aside = path.with_name(f"{_aside(path)}{uuid4().hex}{path.suffix}")
    # Not mkstemp: its private files would have to be opened up, and the umask be asked, which
    # threads cannot do at the same time.
    os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    return aside


def _take_place(aside: Path, path: Path) -> None:
    """Rename a finished file, once its content is on the disk, and return when its name is, too."""
    _settle(aside, os.O_RDWR)
    aside.replace(path)
    if os.name != "nt":  # no folder can be opened there
        try:
            _settle(path.parent, os.O_RDONLY)
        except OSError as error:
            if error.errno != errno.EINVAL:  # a file system that keeps folders in its own way
                raise


def _settle(place: Path, mode: int) -> None:
    handle = os.open(place, mode)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says when there is no room: none left, or none allowed."""


def check_room(aside: Path, size: int) -> None:
    """Find out before a file is begun whether there is room for it.

    For libraries that do not survive to be told later: a disk that fills up under an open HDF5
    file brings the whole process down.

    Args:
        aside: the file, from `written_aside`, still empty.
        size: bytes that it may need.

    Raises:
        OSError: when there is none.
    """
    if shutil.disk_usage(aside.parent).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if not hasattr(os, "posix_fallocate"):
        return
    with aside.open("r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, size)  # which also asks quotas and limits
        except OSError as error:  # or not every file system knows how
            if error.errno in FULL:
                raise
        file.truncate(0)


UNFINISHED = ".*~*-*"
"""The pattern of the names of unfinished files."""


def _aside(path: Path) -> str:
    """How names beside `path` begin; they say whose they are, so that others can tell the dead."""
    return f".{path.name[:100]}~{_host()}-{os.getpid()}-"


def _host() -> str:
    """This machine's name; without dots, which would look like the ending of a file."""
    return socket.gethostname()[:50].replace(".", "_")


def _clear(path: Path) -> None:
    """Delete what a process that was killed has left beside `path`."""
    begin = re.escape(f".{path.name[:100]}~{_host()}-")
    pattern = re.compile(rf"{begin}(\d+)-.*", re.DOTALL)
    for file in path.parent.iterdir():
        match = pattern.fullmatch(file.name)
        if match and not _is_alive(int(match[1])):
            with suppress(OSError):
                file.unlink()


def _is_alive(process: int) -> bool:
    import psutil

    return psutil.pid_exists(process)


def text_of(name: str, path: Path) -> str:
    """The text of a file (UTF-8).

    Args:
        name: what to call the file in an error.
        path: where it is.

    Raises:
        ArgumentError: when it cannot be read, or is no text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise fail(name, "be a file that can be read", str(path), str(error.strerror)) from None
    except UnicodeDecodeError:
        raise fail(name, "be a text file (UTF-8)", str(path)) from None
