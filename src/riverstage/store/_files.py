"""Files that change all at once or not at all, one writer at a time."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from riverstage.errors import ConflictError, Place, StoreError

__all__ = ["FileLock", "Step", "read_file", "remove_file", "store_errors", "sweep", "sync_folder", "write_file"]

Step = Callable[[str], None]
"""Called with the name of each step of a write as it is done; tests end the process there."""

LITTER_PREFIX = ".riverstage-"
LITTER_SUFFIX = ".tmp"
_UNCHANGED = "Nothing was changed."


def no_step(_name: str) -> None:
    """Do nothing at a step."""


@contextmanager
def store_errors(doing: str, path: Path, *, state: str = _UNCHANGED) -> Iterator[None]:
    """Turn an operating system's refusal into an error that says what could not be done, why, and what to do."""
    try:
        yield
    except OSError as refusal:
        raise _store_error(refusal, doing, path, state) from refusal


def _store_error(refusal: OSError, doing: str, path: Path, state: str) -> StoreError:
    place = Place(file=str(path))
    if refusal.errno in (errno.ENOSPC, errno.EDQUOT):
        message, code, mend = "no space is left there", "RS-7007", "Free some space and try again."
    elif refusal.errno == errno.EROFS:
        message, code, mend = "the file system is read-only", "RS-7008", "Make it writable, or copy the project."
    elif refusal.errno in (errno.EACCES, errno.EPERM):
        message, code, mend = "permission was denied", "RS-7008", "Check who owns the file and its folder."
    elif refusal.errno in (errno.ENOENT, errno.ENOTDIR):
        message, code, mend = "it is not there, or its folder is not", "RS-7009", "Check the path."
    else:
        message, code, mend = (refusal.strerror or str(refusal)).lower(), "RS-7000", ""
    return StoreError(f"Could not {doing}: {message}.", code=code, place=place, state=state, mend=mend)


def read_file(path: Path) -> bytes | None:
    """Return the bytes of a file, or None where there is none."""
    with store_errors("read a file", path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def write_file(
    path: Path,
    content: bytes,
    *,
    is_new: bool,
    mode: int = 0o666,
    confirm: Callable[[], None] | None = None,
    step: Step = no_step,
) -> None:
    """Replace a file, or make a new one, so that a reader or a crash sees all of it or nothing.

    Args:
        path: The file.
        content: What it shall hold.
        is_new: Whether the file must not be there yet; else what is there is replaced.
        mode: Permissions of a new file, less the process's umask; a replaced file keeps its own.
        confirm: Called when the content is on the disk and only its name is to be changed; may raise to give up.
        step: Called after each step.

    Raises:
        ConflictError: A file that must be new is there.
        StoreError: It could not be written; what was there still is.
    """
    with store_errors("write a file", path):
        if path.is_symlink():
            raise StoreError(
                f"The file is a link to {path.readlink()}, and saving would replace the link.",
                code="RS-7010",
                place=Place(file=str(path)),
                state=_UNCHANGED,
                mend="Put the file itself there, or link its folder instead.",
            )
        temporary = path.with_name(f"{LITTER_PREFIX}{secrets.token_hex(8)}{LITTER_SUFFIX}")
        try:
            _write_through(temporary, content, mode=mode, like=None if is_new else path, step=step)
            if confirm is not None:
                confirm()
            if is_new:
                _link_new(temporary, path)
            else:
                temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        step("renamed")
    with store_errors("write a file to the disk", path, state="The new content is there, but a power cut may lose it."):
        sync_folder(path.parent)
    step("folder-synced")


def _write_through(path: Path, content: bytes, *, mode: int, like: Path | None, step: Step) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        step("created")
        if like is not None:
            with suppress(FileNotFoundError, PermissionError):
                os.fchmod(handle, stat.S_IMODE(like.stat().st_mode))
        view = memoryview(content)
        half = max(1, len(view) // 2)
        while view:
            view = view[os.write(handle, view[:half]) :]
            step("part-written")
        os.fsync(handle)
        step("synced")
    finally:
        os.close(handle)


def _link_new(temporary: Path, path: Path) -> None:
    """Give a finished file its name, unless something has that name."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as refusal:
        if refusal.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS):
            raise
        if path.exists():  # a file system without hard links: only another program could come between, the lock is ours
            raise _taken(path) from None
        temporary.replace(path)
    else:
        temporary.unlink()


def _taken(path: Path) -> ConflictError:
    return ConflictError("A file of that name is there.", place=Place(file=str(path)), state=_UNCHANGED)


def remove_file(path: Path) -> None:
    """Remove a file for good."""
    with store_errors("remove a file", path):
        path.unlink()
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as refusal:
        if refusal.errno != errno.EINVAL:  # some network file systems cannot sync a folder
            raise
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what a writer left that was killed; call it with the lock held, when no write can be under way."""
    with store_errors("tidy up a folder", folder), suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if is_litter(entry.name):
                with suppress(FileNotFoundError):
                    Path(entry.path).unlink()


def is_litter(file_name: str) -> bool:
    """Return whether a file is one that only an unfinished write can have left."""
    return file_name.startswith(LITTER_PREFIX) and file_name.endswith(LITTER_SUFFIX)


class FileLock:
    """A lock that one thread of one process holds at a time; the thread that holds it may take it again.

    Args:
        path: The lock file; it is made where its folder exists.
        patience: Seconds to wait for another holder.
        clock: Says the time in seconds.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        path: Path,
        *,
        patience: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path = path
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._held = threading.local()

    @contextmanager
    def hold(self) -> Iterator[bool]:
        """Hold the lock while the block runs; gives whether this is the outermost holding of this thread."""
        depth: int = getattr(self._held, "depth", 0)
        handle = self._acquire() if depth == 0 else -1
        self._held.depth = depth + 1
        try:
            yield depth == 0
        finally:
            self._held.depth = depth
            if handle >= 0:
                os.close(handle)

    def _acquire(self) -> int:
        import fcntl

        deadline = self._clock() + self._patience
        wait = 0.001
        while True:
            with store_errors("lock the project", self._path):
                handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if self._is_current(handle):
                        return handle
                except BlockingIOError:
                    pass
                except BaseException:
                    os.close(handle)
                    raise
                os.close(handle)
            if self._clock() >= deadline:
                raise StoreError(
                    f"Another process has been writing to the project for {self._patience:g} seconds.",
                    code="RS-7011",
                    place=Place(file=str(self._path)),
                    state=_UNCHANGED,
                    mend="Wait for it to end, or end it, and try again.",
                )
            self._sleep(wait)
            wait = min(wait * 2, 0.05)

    def _is_current(self, handle: int) -> bool:
        """Whether the locked file is still the one at the path: a deleted project takes its lock file along."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return False
        mine = os.fstat(handle)
        return (found.st_ino, found.st_dev) == (mine.st_ino, mine.st_dev)
