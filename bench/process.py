"""What this process and those it started have used: processor time, and memory at the most."""

from __future__ import annotations

import os
import time
from pathlib import Path

__all__ = ["cpu_seconds", "peak_mb"]


def _descendants() -> list[int]:
    """Return the processes that this one started, and those that they started (Spark's engine is one)."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = _stat(stat)
        if fields:
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found: list[int] = []
    ahead = [os.getpid()]
    while ahead:
        children = parents.get(ahead.pop(), [])
        found += children
        ahead += children
    return found


def _stat(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def cpu_seconds() -> float:
    """Return user and system seconds of this process and of its descendants, alive or gone."""
    tick = os.sysconf("SC_CLK_TCK")
    gone = os.times()
    total = time.process_time() + gone.children_user + gone.children_system
    for pid in _descendants():
        fields = _stat(Path(f"/proc/{pid}/stat"))
        if fields:
            total += sum(int(field) for field in fields[11:15]) / tick
    return total


def peak_mb() -> float:
    """Return the resident memory at its most: of this process and, added, of its living descendants."""
    return sum(_high_water(pid) for pid in (os.getpid(), *_descendants())) / 1024


def _high_water(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
