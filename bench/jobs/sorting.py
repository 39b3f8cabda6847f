"""Sort 20 million rows by two keys, to Parquet."""

from __future__ import annotations

from bench import engines
from bench.benchmark import Benchmark, Contestant, Output, Target, Work
from bench.commit import committed
from bench.setting import Setting

_OUT = "sorted.parquet"


def riverstage(*, stable: bool = True) -> Contestant:
    """Return the flow."""

    def ready(s: Setting) -> Work:
        from bench.flows import running, sort

        return running(sort(s, stable=stable), s)

    return ready


def _duckdb(query: str) -> Contestant:
    """Return one statement by hand."""

    def ready(s: Setting) -> Work:
        sql = query.format(orders=s.orders)

        def work() -> None:
            with committed(s.target(_OUT)) as part:
                engines.duckdb_connection(s).execute(f"COPY ({sql}) TO '{part}' ({engines.PARQUET})")

        return work

    return ready


_ANY = "SELECT * FROM '{orders}' ORDER BY day, amount DESC"
_NUMBERED = (
    "SELECT * EXCLUDE (n) FROM (SELECT *, row_number() OVER () AS n FROM '{orders}') ORDER BY day, amount DESC, n"
)
_PLACED = (
    "SELECT * EXCLUDE (file_row_number) FROM read_parquet('{orders}', file_row_number = true) "
    "ORDER BY day, amount DESC, file_row_number"
)


def _polars(engine: str, *, stable: bool = False) -> Contestant:
    def ready(s: Setting) -> Work:
        import polars as pl

        def work() -> None:
            frame = pl.scan_parquet(s.orders).sort("day", "amount", descending=[False, True], maintain_order=stable)
            with committed(s.target(_OUT)) as part:
                if engine == "streaming":
                    frame.sink_parquet(part, engine="streaming", **engines.polars_parquet)
                else:
                    frame.collect(engine="in-memory").write_parquet(part, **engines.polars_parquet)

        return work

    return ready


def datafusion(s: Setting) -> Work:
    """DataFusion."""

    def work() -> None:
        context = engines.datafusion_context(s)
        context.register_parquet("t", str(s.orders))
        query = "SELECT * FROM t ORDER BY day, amount DESC"
        with committed(s.target(_OUT)) as part:
            context.sql(f"COPY ({query}) TO '{part}' {engines.datafusion_copy}").collect()

    return work


def _pandas(kind: str) -> Contestant:
    def ready(s: Setting) -> Work:
        import pandas as pd

        def work() -> None:
            frame = pd.read_parquet(s.orders).sort_values(["day", "amount"], ascending=[True, False], kind=kind)
            with committed(s.target(_OUT)) as part:
                frame.to_parquet(part, **engines.arrow_parquet)

        return work

    return ready


def pyspark(s: Setting) -> Work:
    """Spark in this process; its output is a folder of parts in order."""
    spark = engines.spark_session(s)

    def work() -> None:
        with committed(s.target(_OUT)) as part:
            spark.read.parquet(str(s.orders)).orderBy("day", "amount", ascending=[True, False]).write.parquet(str(part))

    return work


_PEERS = ("duckdb sql", "polars", "polars in memory", "datafusion", "pandas", "pyspark local")
_STABLE = ("duckdb sql, stable", "duckdb sql, stable by numbers", "polars, stable", "pandas, stable")

BENCHMARK = Benchmark(
    name="sorting",
    title="20 million rows sorted by two keys, to Parquet.",
    contestants={
        "riverstage, stable": riverstage(),
        "riverstage": riverstage(stable=False),
        "duckdb sql": _duckdb(_ANY),
        "duckdb sql, stable": _duckdb(_PLACED),
        "duckdb sql, stable by numbers": _duckdb(_NUMBERED),
        "polars": _polars("streaming"),
        "polars, stable": _polars("streaming", stable=True),
        "polars in memory": _polars("in-memory"),
        "datafusion": datafusion,
        "pandas": _pandas("quicksort"),
        "pandas, stable": _pandas("stable"),
        "pyspark local": pyspark,
    },
    baseline=_PEERS,
    needs=("orders.parquet",),
    outputs=(
        Output(
            _OUT,
            numbers=("order_id", "customer_id", "amount", "quantity"),
            texts=("status",),
            together=("order_id", "customer_id", "quantity", "status", "day"),
            order=("day", "-amount"),
        ),
    ),
    targets=(
        Target("ahead of all the others", "riverstage", 1.0, _PEERS),
        Target("ahead of all the others that are stable", "riverstage, stable", 1.0, _STABLE),
    ),
    requires={
        "polars": "polars",
        "polars, stable": "polars",
        "polars in memory": "polars",
        "datafusion": "datafusion",
        "pandas": "pandas",
        "pandas, stable": "pandas",
        "pyspark local": "pyspark",
    },
    notes=(
        "Stable keeps the order of rows with equal keys; the stage does so by default. It is compared with what is stable "
        "too: in DuckDB's SQL by the row number of the file, or by `row_number()`, which is what most people write.",
    ),
)
