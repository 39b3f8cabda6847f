"""Running state over 10 million rows, against a plain SQL pass over the same rows."""

from __future__ import annotations

import sys

from bench import engines
from bench.benchmark import Benchmark, Contestant, Output, Target, Work
from bench.commit import committed
from bench.setting import Setting

_OUT = "state.parquet"


def riverstage(s: Setting) -> Work:
    """The flow, compiled by Numba in an earlier process."""
    from bench.flows import running, running_state

    return running(running_state(s), s)


def riverstage_warm(s: Setting) -> Work:
    """The same in a process that has loaded Numba: it has done the whole work before."""
    run = riverstage(s)
    run()
    return run


def riverstage_in_python(s: Setting) -> Work:
    """The flow where Numba is not installed."""
    run = riverstage(s)

    def work() -> float | None:
        had = sys.modules.get("numba")
        sys.modules["numba"] = None
        try:
            return run()
        finally:
            sys.modules.pop("numba")
            if had is not None:
                sys.modules["numba"] = had

    return work


def _duckdb(query: str) -> Contestant:
    def ready(s: Setting) -> Work:
        sql = query.format(rows=f"'{s.state}'")

        def work() -> None:
            with committed(s.target(_OUT)) as part:
                engines.duckdb_connection(s).execute(f"COPY ({sql}) TO '{part}' ({engines.PARQUET})")

        return work

    return ready


_PLAIN = "SELECT id, x + 1 AS total FROM {rows}"
_WINDOWS = """
SELECT id, sum(x) OVER (PARTITION BY run ORDER BY id) AS total FROM (
  SELECT *, sum(CASE WHEN grp = before THEN 0 ELSE 1 END) OVER (ORDER BY id) AS run FROM (
    SELECT *, lag(grp) OVER (ORDER BY id) AS before FROM {rows})) ORDER BY id
"""

BENCHMARK = Benchmark(
    name="state",
    title="10 million rows of running state: a sum that starts anew where the group changes.",
    contestants={
        "riverstage": riverstage,
        "riverstage, Numba loaded": riverstage_warm,
        "riverstage, no Numba": riverstage_in_python,
        "plain SQL pass": _duckdb(_PLAIN),
        "duckdb sql, window functions": _duckdb(_WINDOWS),
    },
    baseline=("plain SQL pass",),
    needs=("state.parquet",),
    outputs=(Output(_OUT, numbers=("id", "total"), together=("id",)),),
    targets=(
        Target(
            "at most 2.5 of a plain SQL pass, the process warm", "riverstage, Numba loaded", 2.5, ("plain SQL pass",)
        ),
        Target("the same, Numba still to be loaded", "riverstage", 2.5, ("plain SQL pass",)),
    ),
    apart=frozenset({"plain SQL pass"}),
    requires={"riverstage": "numba", "riverstage, Numba loaded": "numba"},
    notes=(
        "The plain pass computes another, stateless column; that it has as many rows is all that is compared.",
        "Machine code is kept between processes, so the first round, which is not kept, compiles it; to load Numba takes "
        "more than half a second in each process, which the line `Numba loaded` leaves out.",
    ),
)
