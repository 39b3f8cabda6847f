"""What a contestant is given: the size of the data, what it may use, where its inputs lie and its outputs go."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

__all__ = ["DATA", "FULL", "ROOT", "ROW_GROUP", "SMALL", "WARM", "Setting"]

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "bench" / "data"
FULL = 20_000_000
SMALL = 400_000
WARM = 20_000
"""Every contestant does its work once on so many rows before the clock starts."""

ROW_GROUP = 122_880
"""Rows of a row group, for everybody who writes Parquet."""


@dataclass(frozen=True)
class Setting:
    """What a contestant is given.

    Args:
        rows: Rows of the large table; the other inputs go by it.
        threads: Threads at most.
        memory_mb: The engine's memory limit, for those that have one.
        data: The folder of all inputs, a folder a size.
        out: Where this contestant's outputs go.
    """

    rows: int = FULL
    threads: int = 2
    memory_mb: int = 8000
    data: Path = DATA
    out: Path = DATA / "out"

    def table(self, name: str) -> Path:
        """Return where an input lies."""
        return self.data / str(self.rows) / name

    def target(self, name: str) -> Path:
        """Return where an output goes."""
        return self.out / name

    @property
    def orders(self) -> Path:
        """The large table: ``rows`` orders."""
        return self.table("orders.parquet")

    @property
    def half(self) -> Path:
        """Half as many orders, for the memory limit."""
        return self.table("half.parquet")

    @property
    def customers(self) -> Path:
        """The table to look up in: a customer for every 20 orders."""
        return self.table("customers.parquet")

    @property
    def csv(self) -> Path:
        """Orders as comma-separated text: 1 GB at full size."""
        return self.table("orders.csv")

    @property
    def state(self) -> Path:
        """Half as many rows of two numbers, for running state."""
        return self.table("state.parquet")

    @property
    def flights(self) -> Path:
        """The folder of the flights' files."""
        return self.table("flights")

    @property
    def spill(self) -> Path:
        """Where engines keep what does not fit into memory."""
        return self.out / "spill"

    def for_contestant(self, *, rows: int | None = None, out: Path | None = None) -> Setting:
        """Return the same with other rows or another folder for outputs."""
        return replace(self, rows=rows or self.rows, out=out or self.out)

    def environment(self) -> dict[str, str]:
        """Return what tells libraries the number of threads, to be set before they are imported."""
        threads = str(self.threads)
        names = ("POLARS_MAX_THREADS", "TOKIO_WORKER_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
        return {**dict.fromkeys(names, threads), "RIVERSTAGE_TEMP": str(self.spill), "PYTHONWARNINGS": "ignore"}

    def hold_to_threads(self) -> None:
        """Keep this process and its children on so many processors."""
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: self.threads])

    def dumps(self) -> str:
        """Return the setting as text, to hand to another process."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def loads(cls, text: str) -> Setting:
        """Return what ``dumps`` wrote."""
        said: dict[str, Any] = json.loads(text)
        return cls(**{**said, "data": Path(said["data"]), "out": Path(said["out"])})
