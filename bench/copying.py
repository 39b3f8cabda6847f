"""1 GB of comma-separated text to Parquet."""

from __future__ import annotations

import sys

import data
from harness import contend

OUT = data.FOLDER / "out"
TYPES = "{'order_id': 'BIGINT', 'customer_id': 'INTEGER', 'amount': 'DOUBLE', 'quantity': 'INTEGER', 'status': 'VARCHAR', 'day': 'DATE'}"


def riverstage():
    from _flows import csv_to_parquet, warm

    warm()

    flow = csv_to_parquet(data.CSV)
    contend(lambda: flow.run(quiet=True).counts["rows"])


def duckdb():
    import duckdb as engine

    sql = f"COPY (SELECT * FROM read_csv('{data.CSV}', header = true, columns = {TYPES})) TO '{OUT}/hand.parquet' (FORMAT parquet)"
    contend(lambda: engine.connect().execute(sql).fetchall()[0][0])


def polars():
    import polars as pl

    schema = {
        "order_id": pl.Int64,
        "customer_id": pl.Int32,
        "amount": pl.Float64,
        "quantity": pl.Int32,
        "status": pl.String,
        "day": pl.Date,
    }

    def work():
        pl.scan_csv(data.CSV, schema=schema).sink_parquet(OUT / "polars.parquet", compression="snappy")
        return pl.scan_parquet(OUT / "polars.parquet").select(pl.len()).collect().item()

    contend(work)


def datafusion():
    import pyarrow as pa
    from datafusion import SessionConfig, SessionContext

    fields = [
        ("order_id", pa.int64()),
        ("customer_id", pa.int32()),
        ("amount", pa.float64()),
        ("quantity", pa.int32()),
        ("status", pa.string()),
        ("day", pa.date32()),
    ]

    def work():
        context = SessionContext(SessionConfig().with_target_partitions(2))
        context.register_csv("t", str(data.CSV), schema=pa.schema(fields), has_header=True)
        frame = context.sql(f"COPY (SELECT * FROM t) TO '{OUT}/datafusion.parquet' STORED AS PARQUET")
        return frame.to_pylist()[0]["count"]

    contend(work)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    {"riverstage": riverstage, "duckdb sql": duckdb, "polars streaming": polars, "datafusion": datafusion}[
        sys.argv[1]
    ]()
