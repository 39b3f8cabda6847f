"""Memory: a sort over a join of 10 million rows, with an engine limit of 512 MB."""

from __future__ import annotations

from bench import engines
from bench.benchmark import Benchmark, Output, Target, Work
from bench.commit import committed
from bench.setting import Setting

_OUT = "sorted.parquet"


def riverstage(s: Setting) -> Work:
    """The flow."""
    from bench.flows import running, sort_and_join

    return running(sort_and_join(s), s)


def duckdb(s: Setting) -> Work:
    """One statement by hand."""
    query = f"SELECT * FROM '{s.half}' LEFT JOIN '{s.customers}' USING (customer_id) ORDER BY name, order_id"

    def work() -> None:
        with committed(s.target(_OUT)) as part:
            engines.duckdb_connection(s).execute(f"COPY ({query}) TO '{part}' ({engines.PARQUET})")

    return work


BENCHMARK = Benchmark(
    name="memory",
    title="A sort over a join of 10 million rows; the engine's memory limit is 512 MB.",
    contestants={"riverstage": riverstage, "duckdb sql": duckdb},
    baseline=("duckdb sql",),
    needs=("half.parquet", "customers.parquet"),
    outputs=(
        Output(
            _OUT,
            numbers=("order_id", "customer_id", "amount", "quantity", "tier"),
            texts=("status", "region"),
            together=("order_id", "name", "tier"),
            order=("name", "order_id"),
        ),
    ),
    targets=(Target("at most 700 MB resident", "riverstage", 700, figure="peak_mb"),),
    memory_mb=512,
)
