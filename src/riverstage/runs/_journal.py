"""Commit several targets as one: prepare all, write down what is to be done, commit in order, recover after a crash.

The journal is a file that is written before the first target is shown and removed after the last. A run that stopped
between leaves it behind; the next run in the same folder finishes what it says. A target's commit is idempotent, so a
journal may be replayed any number of times. Who commits, or replays, holds a lock on the journal, so that nobody else
takes it for abandoned; the lock goes with its process.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from riverstage import connectors
from riverstage._failpoints import failpoint
from riverstage.errors import Place, RiverstageError, RunFailed
from riverstage.plan import WriteSession

__all__ = ["Commit", "interrupts_held_back", "recover_all"]

_SUFFIX = ".commit.json"
_DRAFT = ".commit.tmp"
_PATIENCE = 60.0
_PAUSE = 0.02


class Commit:
    """The commit of a run's targets.

    Args:
        folder: Where the journal is kept (made when needed).
        run_id: The run.
        sessions: Stage, connector family and session of each target, all prepared.
    """

    def __init__(self, folder: Path, run_id: str, sessions: Sequence[tuple[str, str, WriteSession]]) -> None:
        self._folder = folder
        self._run_id = run_id
        self._sessions = sessions
        self.committed: list[str] = []
        self.is_left_to_the_next_run = False
        self.was_interrupted = False

    def run(self) -> None:
        """Show every target, in order.

        A request to stop (Ctrl-C) that comes meanwhile is held back until the end: ``was_interrupted`` tells.

        Raises:
            RunFailed: It stopped between two targets; ``committed`` says which show their new rows, and
                ``is_left_to_the_next_run`` that the rest must be kept as it is, as the journal stays.
            RiverstageError: The first target failed, so that none was changed.
        """
        with interrupts_held_back() as interrupts:
            if len(self._sessions) > 1:
                with self._journal() as journal:
                    self._commit_with(journal)
            else:
                self._commit()
        self.was_interrupted = bool(interrupts)

    def _commit(self) -> None:
        for stage, _, session in self._sessions:
            failpoint(f"commit.{len(self.committed)}")
            session.commit()
            self.committed.append(stage)
        failpoint("commit.done")

    def _commit_with(self, journal: Path) -> None:
        try:
            self._commit()
        except BaseException as error:
            if not self.committed:
                journal.unlink(missing_ok=True)
                _tidy(self._folder)
                raise
            self.is_left_to_the_next_run = True
            if isinstance(error, RiverstageError | OSError):
                raise self._half_done(error, journal) from error
            raise
        journal.unlink(missing_ok=True)
        _tidy(self._folder)

    def _half_done(self, error: RiverstageError | OSError, journal: Path) -> RunFailed:
        said = error.message if isinstance(error, RiverstageError) else str(error)
        failed = self._sessions[len(self.committed)][0]
        left = [stage for stage, _, _ in self._sessions if stage not in self.committed]
        return RunFailed(
            f"The commit stopped between two targets: {said}",
            code="RS-6106",
            place=Place(stage=failed, file=error.place.file if isinstance(error, RiverstageError) else None),
            state=f"Committed: {', '.join(self.committed)}. "
            f"Complete and kept, but not yet committed: {', '.join(left)}.",
            mend="Remove the cause, then run again: the next run in this folder first finishes this commit. "
            f"To leave the targets as they are, remove '{journal}'.",
        )

    @contextlib.contextmanager
    def _journal(self) -> Iterator[Path]:
        """Write the journal and hold its lock."""
        targets = [
            {"stage": stage, "family": family, "token": dict(session.token)}
            for stage, family, session in self._sessions
        ]
        text = json.dumps({"pid": os.getpid(), "started": _process_start(os.getpid()), "targets": targets})
        path = self._folder / f"{self._run_id}{_SUFFIX}"
        draft = self._folder / f"{self._run_id}{_DRAFT}"
        with contextlib.ExitStack() as held:
            try:
                file = held.enter_context(_made_and_locked(draft))
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                failpoint("journal.written")
                draft.replace(path)
                _sync_folder(self._folder)
            except OSError as error:
                for written in (draft, path):
                    with contextlib.suppress(OSError):
                        written.unlink()
                raise RunFailed(
                    f"The journal of the commit could not be written: {error.strerror or error}.",
                    code="RS-6107",
                    place=Place(file=str(path)),
                    state="No target was changed.",
                    mend="Make room, or ask for the right to write there, and run again.",
                ) from error
            failpoint("journal.durable")
            yield path


@contextlib.contextmanager
def interrupts_held_back() -> Iterator[list[int]]:
    """Hold back the first Ctrl-C during a step that must not be cut; a second one does what it always does."""
    held: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield held
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def hold(number: int, frame: Any) -> None:
        handler = before[signal.Signals(number)]
        held.append(number)
        if len(held) > 1 and callable(handler):
            handler(number, frame)

    for number, handler in before.items():
        if callable(handler):
            signal.signal(number, hold)
    try:
        yield held
    finally:
        for number, handler in before.items():
            if callable(handler):
                signal.signal(number, handler)


def _made_and_locked(path: Path) -> IO[str]:
    """Make a file and take its lock; somebody who tidies up may take it for litter in between, then again."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = path.open("w", encoding="utf-8")
        except FileNotFoundError:
            continue
        _lock(file)
        if _is_same(file, path):
            return file
        file.close()


def _lock(file: IO[str], *, wait: bool = True) -> bool | None:
    """Take a file's lock; return whether it was had, or None where the file system has no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_same(file: IO[str], path: Path) -> bool:
    """Return whether a name still leads to an open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _ending(folder: Path, suffix: str) -> list[Path]:
    """Return the files of a folder whose names end so, sorted; none where another process has just removed it."""
    try:
        return sorted(path for path in folder.iterdir() if path.name.endswith(suffix))
    except FileNotFoundError:
        return []


def recover_all(folder: Path) -> list[str]:
    """Finish what runs that stopped while committing left undone; return the targets finished.

    Args:
        folder: Where journals are kept.

    Raises:
        RunFailed: A commit cannot be finished; its journal stays.
    """
    finished: list[str] = []
    for path in _ending(folder, _SUFFIX):
        with _abandoned(path) as text:
            if text is not None:
                finished += _replay(path, text)
                path.unlink(missing_ok=True)
    for draft in _ending(folder, _DRAFT):
        _remove_draft(draft)
    _tidy(folder)
    return finished


@contextlib.contextmanager
def _abandoned(path: Path) -> Iterator[str | None]:
    """Yield a journal's text while holding its lock; None where it is gone once it can be had."""
    try:
        file = path.open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        yield None
        return
    with file:
        # Who holds it commits or recovers, which takes a moment. It must be waited for: to begin a run meanwhile
        # would sweep away what is being put in its place.
        end = time.monotonic() + _PATIENCE
        while (had := _lock(file, wait=False)) is False:
            if time.monotonic() > end:
                raise RunFailed(
                    "Another run in this folder has been committing for a minute.",
                    code="RS-6108",
                    place=Place(file=str(path)),
                    state="Nothing was read or written.",
                    mend="See whether it hangs; end it, and run again.",
                )
            time.sleep(_PAUSE)
        text = file.read()
        yield text if _is_same(file, path) and not (had is None and _is_alive(text)) else None


def _replay(path: Path, text: str) -> list[str]:
    finished = []
    try:
        for target in json.loads(text)["targets"]:
            connectors.load(target["family"]).recover(target["token"], committed=True)
            finished.append(str(target["stage"]))
    except (RiverstageError, OSError, ValueError, KeyError, TypeError) as error:
        said, file = f"{type(error).__name__}: {error}", str(path)
        if isinstance(error, RiverstageError):
            said, file = error.message, error.place.file or file
        raise RunFailed(
            f"The commit of an earlier run cannot be finished: {said}",
            code="RS-6109",
            place=Place(file=file),
            state=f"This run did nothing. Finished of the earlier one: {', '.join(finished) or 'nothing'}.",
            mend=f"Remove the cause and run again; or, to leave its targets as they are, remove '{path}'.",
        ) from error
    return finished


def _remove_draft(path: Path) -> None:
    """Remove a journal that was never finished, unless somebody is writing it."""
    try:
        with path.open("r+", encoding="utf-8") as file:
            if _lock(file, wait=False) and _is_same(file, path):
                path.unlink(missing_ok=True)
    except FileNotFoundError:
        return


def _is_alive(text: str) -> bool:
    """Return whether the process that wrote a journal still runs: what there is where locks are not."""
    try:
        journal: Mapping[str, Any] = json.loads(text)
        pid, started = journal["pid"], journal["started"]
    except (ValueError, KeyError, TypeError):
        return False
    return isinstance(pid, int) and _process_start(pid) is not None and _process_start(pid) == started


def _process_start(pid: int) -> str | None:
    """Return when a process started, so that a number used again is not taken for the process that had it before."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return _alive_without_proc(pid)
    return stat.rpartition(")")[2].split()[19]


def _alive_without_proc(pid: int) -> str | None:
    if Path("/proc/self").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return "running"
    return "running"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tidy(folder: Path) -> None:
    """Remove the folder where it is empty, and the folder above it that was made for it."""
    for path in (folder, folder.parent):
        if path.name in ("commits", ".riverstage"):
            try:
                path.rmdir()
            except OSError:
                return
