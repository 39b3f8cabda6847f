"""Commit several targets as one: prepare all, write down what is to be done, commit in order, recover after a crash.

The journal is a file that is written before the first target is shown and removed after the last. A process that died
between leaves it behind; the next run in the same folder finishes what it says. A target's commit is idempotent, so a
journal may be replayed any number of times.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from riverstage import connectors
from riverstage._failpoints import failpoint
from riverstage.plan import WriteSession

__all__ = ["commit_all", "recover_all"]

_SUFFIX = ".commit.json"


def commit_all(folder: Path, run_id: str, sessions: Sequence[tuple[str, str, WriteSession]]) -> list[str]:
    """Show every prepared target, in order; return the stages committed.

    Args:
        folder: Where the journal is kept (made when needed).
        run_id: The run.
        sessions: Stage, connector family and session of each target, all prepared.
    """
    journal = None
    if len(sessions) > 1:
        journal = _write(
            folder,
            run_id,
            [{"stage": stage, "family": family, "token": dict(session.token)} for stage, family, session in sessions],
        )
    committed: list[str] = []
    for stage, _, session in sessions:
        failpoint(f"commit.{len(committed)}")
        session.commit()
        committed.append(stage)
    failpoint("commit.done")
    if journal is not None:
        journal.unlink(missing_ok=True)
        _tidy(folder)
    return committed


def _write(folder: Path, run_id: str, targets: list[dict[str, Any]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run_id}{_SUFFIX}"
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump({"pid": os.getpid(), "started": _process_start(os.getpid()), "targets": targets}, file)
        file.flush()
        os.fsync(file.fileno())
    failpoint("journal.written")
    temporary.replace(path)
    _sync_folder(folder)
    failpoint("journal.durable")
    return path


def recover_all(folder: Path) -> list[str]:
    """Finish what runs that died while committing left undone; return the targets finished.

    Args:
        folder: Where journals are kept.
    """
    finished: list[str] = []
    if not folder.is_dir():
        return finished
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        journal = _read(path)
        if journal is None or _is_alive(journal):
            continue
        for target in journal["targets"]:
            connectors.load(target["family"]).recover(target["token"], committed=True)
            finished.append(str(target["stage"]))
        path.unlink(missing_ok=True)
    for litter in folder.glob("*.commit.tmp"):
        litter.unlink(missing_ok=True)
    _tidy(folder)
    return finished


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        journal = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return journal if isinstance(journal, dict) and isinstance(journal.get("targets"), list) else None


def _is_alive(journal: Mapping[str, Any]) -> bool:
    pid = journal.get("pid")
    return isinstance(pid, int) and _process_start(pid) is not None and _process_start(pid) == journal.get("started")


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
