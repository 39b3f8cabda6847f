"""The commit protocol for files: a target has the old rows until it has all of the new.

New content is written beside the target under a name that says whose it is, made durable, and renamed over the target;
the rename is the commit. To append is to write old and new content to one such file. What a process that died left
beside a target is swept by the next write there; nothing is swept that belongs to a process that is still alive.

    .NAME.riverstage-RUN-HOST-PID-START-N.tmp
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import shutil
import stat
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Literal

from riverstage._failpoints import failpoint
from riverstage.connectors._files import os_problem, resolve
from riverstage.errors import ConnectorError, Place

__all__ = ["Mode", "Replacement", "process_start", "recover", "sweep", "sync_folder", "temporary_path"]

Mode = Literal["overwrite", "append", "create"]

_LITTER = re.compile(r"\.(?P<name>.+)\.riverstage-[^-]*-(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-(?P<start>\d+)-\d+\.tmp\Z")
_FOREIGN_LITTER_SECONDS = 7 * 24 * 3600
_UNTOUCHED = "The target is as it was."
_serial = itertools.count(1)


def _host() -> str:
    return f"{zlib.crc32(os.uname().nodename.encode()):08x}"


def process_start(pid: int) -> int | None:
    """Return when a process started, as the system counts; None when there is no such process.

    With it a process number that is used again is not taken for the process that had it before.
    """
    stat_file = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            return int(stat_file.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19])
        except (OSError, ValueError, IndexError):
            return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return 0
    return 0


def temporary_path(target: Path, run_id: str) -> Path:
    """Return a name for new content beside a target."""
    run = re.sub(r"[^A-Za-z0-9]", "", run_id)[-12:] or "run"
    pid = os.getpid()
    # A long name is cut, as the name of a file has at most 255 bytes.
    name = target.name.encode()[:150].decode(errors="ignore")
    return target.with_name(f".{name}.riverstage-{run}-{_host()}-{pid}-{process_start(pid) or 0}-{next(_serial)}.tmp")


def sweep(target: Path) -> list[Path]:
    """Remove what processes that are gone left beside a target; return what was removed."""
    removed = []
    cut = target.name.encode()[:150].decode(errors="ignore")
    for path in target.parent.glob(".*.riverstage-*.tmp"):
        match = _LITTER.match(path.name)
        if match is None or match["name"] != cut or not _is_abandoned(path, match):
            continue
        with contextlib.suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            removed.append(path)
    return removed


def _is_abandoned(path: Path, match: re.Match[str]) -> bool:
    if match["host"] != _host():
        # Another machine's process cannot be asked after; only time tells.
        with contextlib.suppress(OSError):
            return time.time() - path.stat().st_mtime > _FOREIGN_LITTER_SECONDS
        return False
    return process_start(int(match["pid"])) != int(match["start"])


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _explained(target: Path, doing: str) -> Iterator[None]:
    """Turn what the system refuses into an error that says what to do; the target is untouched."""
    try:
        yield
    except OSError as error:
        raise _explain(error, target, doing) from error


def _explain(error: OSError, target: Path, doing: str) -> ConnectorError:
    place = Place(file=str(target))
    folder = target.parent
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        message = f"The disk that holds '{target}' is full."
        return ConnectorError(message, code="RS-5006", place=place, state=_UNTOUCHED, mend="Free space and run again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) or (error.errno == errno.ENOENT and folder.is_dir()):
        message = f"The folder '{folder}' may not be written to."
        mend = "Ask for the right to write there, or name another folder."
        return ConnectorError(message, code="RS-5005", place=place, state=_UNTOUCHED, mend=mend)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        message = f"The folder '{folder}' does not exist."
        return ConnectorError(
            message, code="RS-5004", place=place, state=_UNTOUCHED, mend="Make it, or check the name."
        )
    problem = os_problem(error, target, doing)
    return ConnectorError(problem.message, code=problem.code, place=place, state=_UNTOUCHED)


class Replacement:
    """New content for a file, seen by nobody until ``commit``.

    Args:
        path: The target as the flow names it; where it is a link, what it leads to is replaced.
        folder: Where relative names start.
        mode: What becomes of a file that is there: replaced, added to, or an error.
        run_id: The run.
        property: The property that says the mode.
    """

    def __init__(self, path: str, *, folder: str, mode: Mode, run_id: str, property: str = "file_update_mode") -> None:
        named = resolve(folder, path)
        self.target = Path(os.path.realpath(named))
        self.mode = mode
        self._property = property
        self._before = self._state()
        self._refuse(named)
        sweep(self.target)
        self.content = temporary_path(self.target, run_id)
        self._joined = temporary_path(self.target, run_id) if mode == "append" else None
        self._prepared = False
        self._done = False
        with _explained(self.target, "Writing"):
            failpoint("file.begin")
            # Made now, so that a folder that cannot be written to is known before the first row is read.
            self.content.open("xb").close()
            self._take_rights(self.content)
        failpoint("file.begun")

    def _state(self) -> tuple[int, int, int] | None:
        try:
            there = self.target.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _explain(error, self.target, "Writing") from error
        return there.st_ino, there.st_size, there.st_mtime_ns

    def _refuse(self, named: Path) -> None:
        place = Place(file=str(named))
        if self._before is None:
            return
        kind = self.target.stat().st_mode
        if not stat.S_ISREG(kind):
            what = "a folder" if stat.S_ISDIR(kind) else "no ordinary file"
            raise ConnectorError(
                f"'{named}' is {what}, so it cannot be written as a file.",
                code="RS-5003",
                place=place,
                state=_UNTOUCHED,
                mend="Name a file.",
            )
        if self.mode == "create":
            raise self._exists(place)

    def _exists(self, place: Place) -> ConnectorError:
        return ConnectorError(
            f"The file '{self.target}' exists already.",
            code="RS-5007",
            place=place,
            state=_UNTOUCHED,
            mend=f"Remove it, or let the stage replace it or add to it ({self._property}).",
        )

    @property
    def is_extended(self) -> bool:
        """Whether there is content already that new content is added to."""
        return self.mode == "append" and self._before is not None and self._before[1] > 0

    @property
    def token(self) -> dict[str, Any]:
        """What ``recover`` needs."""
        return {
            "target": str(self.target),
            "content": str(self.content),
            "joined": str(self._joined) if self._joined is not None else None,
            "mode": self.mode,
        }

    def prepare(self, join: Callable[[IO[bytes], IO[bytes]], None] | None = None) -> None:
        """Make the new content whole and durable.

        Args:
            join: Called with the target and the file that replaces it before the new content is added, to put between
                them what must stand there (a line end).
        """
        if self._prepared:
            return
        with _explained(self.target, "Writing"):
            failpoint("file.written")
            if self._joined is not None and self._before is not None:
                self._join(join)
            _sync(self.content)
            failpoint("file.synced")
            self._take_rights(self.content)
        failpoint("file.prepared")
        self._prepared = True

    def _join(self, join: Callable[[IO[bytes], IO[bytes]], None] | None) -> None:
        joined = self._joined
        if joined is None:
            return
        with joined.open("xb") as whole:
            self._take_rights(joined)
            with self.target.open("rb") as old:
                shutil.copyfileobj(old, whole, 1 << 20)
                failpoint("file.half-joined")
                if join is not None:
                    join(old, whole)
            with self.content.open("rb") as new:
                shutil.copyfileobj(new, whole, 1 << 20)
        failpoint("file.joined")
        joined.replace(self.content)

    def _take_rights(self, new: Path) -> None:
        """Give a new file the rights and, where that is allowed, the owner of the one it replaces."""
        if self._before is None:
            # ``open`` went by the user's mask already.
            return
        there = self.target.stat()
        new.chmod(stat.S_IMODE(there.st_mode))
        with contextlib.suppress(PermissionError):
            os.chown(new, there.st_uid, there.st_gid)

    def commit(self) -> None:
        """Show the new content; doing it twice does no harm."""
        if self._done:
            return
        if self.mode == "append" and self._state() != self._before:
            raise ConnectorError(
                f"The file '{self.target}' was changed by somebody else while rows were added to it.",
                code="RS-5008",
                place=Place(file=str(self.target)),
                state="It is as they left it; the new rows were not added.",
                mend="Run again.",
            )
        with _explained(self.target, "Writing"):
            failpoint("file.before-rename")
            if self.mode == "create":
                self._link()
            else:
                self.content.replace(self.target)
            failpoint("file.renamed")
            sync_folder(self.target.parent)
        failpoint("file.committed")
        self._done = True

    def _link(self) -> None:
        """Show the new file only if nobody made one meanwhile."""
        try:
            os.link(self.content, self.target)
        except FileExistsError as error:
            raise self._exists(Place(file=str(self.target))) from error
        except OSError:
            # A file system without hard links.
            if self.target.exists():
                raise self._exists(Place(file=str(self.target))) from None
            self.content.replace(self.target)
            return
        self.content.unlink()

    def abort(self) -> None:
        """Remove the new content; the target stays as it was."""
        if self._done:
            return
        for path in (self.content, self._joined):
            if path is not None:
                path.unlink(missing_ok=True)
        self._done = True


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def recover(token: Mapping[str, Any], *, committed: bool) -> None:
    """Finish or undo a replacement after a crash; doing it twice does no harm.

    Args:
        token: What ``Replacement.token`` said once it was prepared.
        committed: Whether the run had decided to commit.
    """
    target, content = Path(token["target"]), Path(token["content"])
    with _explained(target, "Writing"):
        if committed and content.exists():
            if token["mode"] != "create" or not target.exists():
                content.replace(target)
            elif target.samefile(content):
                content.unlink()
            sync_folder(target.parent)
        for path in (content, token.get("joined")):
            if path is not None and not committed:
                Path(path).unlink(missing_ok=True)
