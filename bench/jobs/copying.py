"""1 GB of comma-separated text to Parquet."""

from __future__ import annotations

from bench import engines
from bench.benchmark import Benchmark, Contestant, Output, Target, Work
from bench.commit import committed
from bench.setting import Setting

_OUT = "copied.parquet"
_TYPES = {
    "order_id": "BIGINT",
    "customer_id": "INTEGER",
    "amount": "DOUBLE",
    "quantity": "INTEGER",
    "status": "VARCHAR",
    "day": "DATE",
}


def riverstage(ledger: str) -> Contestant:
    """Return the flow."""

    def ready(s: Setting) -> Work:
        from bench.flows import csv_to_parquet, running

        return running(csv_to_parquet(s), s, ledger=ledger)

    return ready


def _duckdb(**config: object) -> Contestant:
    def ready(s: Setting) -> Work:
        query = f"SELECT * FROM read_csv('{s.csv}', header = true, columns = {_TYPES})"

        def work() -> None:
            with committed(s.target(_OUT)) as part:
                engines.duckdb_connection(s, **config).execute(f"COPY ({query}) TO '{part}' ({engines.PARQUET})")

        return work

    return ready


def _polars(*, maintain_order: bool) -> Contestant:
    def ready(s: Setting) -> Work:
        import polars as pl

        schema = {
            "order_id": pl.Int64,
            "customer_id": pl.Int32,
            "amount": pl.Float64,
            "quantity": pl.Int32,
            "status": pl.String,
            "day": pl.Date,
        }

        def work() -> None:
            with committed(s.target(_OUT)) as part:
                frame = pl.scan_csv(s.csv, schema=schema)
                frame.sink_parquet(part, engine="streaming", maintain_order=maintain_order, **engines.polars_parquet)

        return work

    return ready


def datafusion(s: Setting) -> Work:
    """DataFusion."""
    import pyarrow as pa

    kinds = {
        "BIGINT": pa.int64(),
        "INTEGER": pa.int32(),
        "DOUBLE": pa.float64(),
        "VARCHAR": pa.string(),
        "DATE": pa.date32(),
    }
    schema = pa.schema([(name, kinds[kind]) for name, kind in _TYPES.items()])

    def work() -> None:
        context = engines.datafusion_context(s)
        context.register_csv("t", str(s.csv), schema=schema, has_header=True)
        with committed(s.target(_OUT)) as part:
            context.sql(f"COPY (SELECT * FROM t) TO '{part}' {engines.datafusion_copy}").collect()

    return work


_PEERS = ("duckdb sql", "polars", "polars, order dropped", "datafusion")

BENCHMARK = Benchmark(
    name="copying",
    title="1 GB of comma-separated text, 23 million rows, to Parquet.",
    contestants={
        "riverstage": riverstage("exact"),
        "riverstage, ledger off": riverstage("off"),
        "duckdb sql": _duckdb(),
        "duckdb sql, order dropped": _duckdb(preserve_insertion_order=False),
        "polars": _polars(maintain_order=True),
        "polars, order dropped": _polars(maintain_order=False),
        "datafusion": datafusion,
    },
    baseline=_PEERS,
    needs=("orders.csv",),
    outputs=(
        Output(
            _OUT,
            numbers=("order_id", "customer_id", "amount", "quantity", "day - DATE '2000-01-01'"),
            texts=("status",),
            together=("order_id", "customer_id", "quantity", "status", "day"),
        ),
    ),
    targets=(
        Target("at most 1.0 of the best of DuckDB's own defaults, Polars and DataFusion", "riverstage", 1.0, _PEERS),
        Target("first step: at most 1.05 of Polars", "riverstage", 1.05, ("polars", "polars, order dropped")),
    ),
    requires={"polars": "polars", "polars, order dropped": "polars", "datafusion": "datafusion"},
    notes=(
        "Riverstage keeps the order of rows on the way to Parquet only where something asks for it; nothing does here. "
        "So Polars takes part in both ways, and what DuckDB makes of the same freedom is shown beside.",
        "Riverstage looks at every record for rejects; the others stop at the first bad one.",
    ),
)
