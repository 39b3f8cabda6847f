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


def duckdb(s: Setting) -> Work:
    """One statement by hand."""
    query = f"SELECT * FROM '{s.orders}' ORDER BY day, amount DESC"

    def work() -> None:
        with committed(s.target(_OUT)) as part:
            engines.duckdb_connection(s).execute(f"COPY ({query}) TO '{part}' ({engines.PARQUET})")

    return work


def _polars(engine: str) -> Contestant:
    def ready(s: Setting) -> Work:
        import polars as pl

        def work() -> None:
            frame = pl.scan_parquet(s.orders).sort("day", "amount", descending=[False, True])
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


def pandas(s: Setting) -> Work:
    """Pandas."""
    import pandas as pd

    def work() -> None:
        frame = pd.read_parquet(s.orders).sort_values(["day", "amount"], ascending=[True, False])
        with committed(s.target(_OUT)) as part:
            frame.to_parquet(part, **engines.arrow_parquet)

    return work


def pyspark(s: Setting) -> Work:
    """Spark in this process; its output is a folder of parts in order."""
    spark = engines.spark_session(s)

    def work() -> None:
        with committed(s.target(_OUT)) as part:
            spark.read.parquet(str(s.orders)).orderBy("day", "amount", ascending=[True, False]).write.parquet(str(part))

    return work


_PEERS = ("duckdb sql", "polars", "polars in memory", "datafusion", "pandas", "pyspark local")

BENCHMARK = Benchmark(
    name="sorting",
    title="20 million rows sorted by two keys, to Parquet.",
    contestants={
        "riverstage": riverstage(),
        "riverstage, not stable": riverstage(stable=False),
        "duckdb sql": duckdb,
        "polars": _polars("streaming"),
        "polars in memory": _polars("in-memory"),
        "datafusion": datafusion,
        "pandas": pandas,
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
    targets=(Target("ahead of all the others", "riverstage", 1.0, _PEERS),),
    requires={
        "polars": "polars",
        "polars in memory": "polars",
        "datafusion": "datafusion",
        "pandas": "pandas",
        "pyspark local": "pyspark",
    },
    notes=(
        "Riverstage's sort keeps the order of rows with equal keys, as the stage does by default; nobody else's does. "
        "The line that is not stable says what that costs.",
    ),
)
