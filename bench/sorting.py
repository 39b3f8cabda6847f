"""Sort 20 million rows by two keys, to Parquet."""

from __future__ import annotations

import sys

import data
from harness import contend

OUT = data.FOLDER / "out"


def riverstage():
    from _flows import sort, warm

    warm()

    flow = sort(data.ORDERS)
    contend(lambda: flow.run(quiet=True).counts["sorted"])


def duckdb():
    import duckdb as engine

    sql = f"COPY (SELECT * FROM '{data.ORDERS}' ORDER BY day, amount DESC) TO '{OUT}/hand.parquet' (FORMAT parquet)"
    contend(lambda: engine.connect().execute(sql).fetchall()[0][0])


def polars():
    import polars as pl

    def work():
        frame = pl.scan_parquet(data.ORDERS).sort("day", "amount", descending=[False, True])
        frame.sink_parquet(OUT / "polars.parquet", compression="snappy")
        return pl.scan_parquet(OUT / "polars.parquet").select(pl.len()).collect().item()

    contend(work)


def datafusion():
    from datafusion import SessionConfig, SessionContext

    def work():
        context = SessionContext(SessionConfig().with_target_partitions(2))
        context.register_parquet("t", str(data.ORDERS))
        frame = context.sql(
            f"COPY (SELECT * FROM t ORDER BY day, amount DESC) TO '{OUT}/datafusion.parquet' STORED AS PARQUET"
        )
        return frame.to_pylist()[0]["count"]

    contend(work)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    {"riverstage": riverstage, "duckdb sql": duckdb, "polars streaming": polars, "datafusion": datafusion}[
        sys.argv[1]
    ]()
