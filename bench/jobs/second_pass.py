"""Shapes in which counting every link takes a second, narrow pass: a filter moves through the join before it.

The rows between join and filter are then never made, so that they have to be counted apart.
"""

from __future__ import annotations

from bench import engines
from bench.benchmark import Benchmark, Contestant, Output, Target, Work
from bench.commit import committed
from bench.setting import Setting

_OUT = "out.parquet"
_TYPICAL = "tier = 3"
_NARROW = "tier = 3 AND status = 'open' AND amount > 900"


def _riverstage(where: str, *, grouped: bool, ledger: str) -> Contestant:
    def ready(s: Setting) -> Work:
        from bench.flows import filter_behind_join, running

        return running(filter_behind_join(s, where, grouped=grouped), s, ledger=ledger)

    return ready


def _duckdb(where: str, *, grouped: bool) -> Contestant:
    def ready(s: Setting) -> Work:
        select = (
            "SELECT region, month(day)::INTEGER AS month, sum(amount * quantity) AS total, count(*) AS orders"
            if grouped
            else "SELECT *"
        )
        last = "GROUP BY ALL ORDER BY 1, 2" if grouped else ""
        query = f"{select} FROM '{s.orders}' JOIN '{s.customers}' USING (customer_id) WHERE {where} {last}"

        def work() -> None:
            with committed(s.target(_OUT)) as part:
                engines.duckdb_connection(s).execute(f"COPY ({query}) TO '{part}' ({engines.PARQUET})")

        return work

    return ready


def _shape(name: str, title: str, where: str, *, grouped: bool, limit: float | None) -> Benchmark:
    if grouped:
        output = Output(
            _OUT, ("total", "orders"), ("region",), together=("region", "month", "orders"), order=("region", "month")
        )
    else:
        numbers = ("order_id", "customer_id", "amount", "quantity", "tier")
        output = Output(_OUT, numbers, ("status", "name", "region"), together=("order_id", "name"))
    ask = "at most 1.15 of hand-written DuckDB SQL, the ledger on"
    return Benchmark(
        name=name,
        title=title,
        contestants={
            "riverstage": _riverstage(where, grouped=grouped, ledger="exact"),
            "riverstage, ledger basic": _riverstage(where, grouped=grouped, ledger="basic"),
            "riverstage, ledger off": _riverstage(where, grouped=grouped, ledger="off"),
            "duckdb sql": _duckdb(where, grouped=grouped),
        },
        baseline=("duckdb sql",),
        needs=("orders.parquet", "customers.parquet"),
        outputs=(output,),
        targets=(Target(ask, "riverstage", limit, ("duckdb sql",)),) if limit else (),
        notes=("The ledger's second pass counts the rows between join and filter, which are never made.",),
    )


BENCHMARKS = (
    _shape(
        "second_pass_groups",
        "A filter behind an inner join, then derive, aggregate and sort (a second pass counts the join's rows).",
        _TYPICAL,
        grouped=True,
        limit=1.15,
    ),
    _shape(
        "second_pass_rows",
        "A filter behind an inner join, its rows to Parquet (a second pass counts the join's rows).",
        _TYPICAL,
        grouped=False,
        limit=1.15,
    ),
    _shape(
        "second_pass_worst",
        "Narrow filters on both sides, all behind the join: the second pass is as much as the work itself. No target.",
        _NARROW,
        grouped=True,
        limit=None,
    ),
)
