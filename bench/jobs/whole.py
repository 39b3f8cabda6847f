"""The flow of 20 million orders: filter, look up, derive, aggregate, sort, Parquet."""

from __future__ import annotations

from bench import engines
from bench.benchmark import Benchmark, Contestant, Output, Target, Work
from bench.commit import committed
from bench.setting import Setting

_REPORT = "report.parquet"


def riverstage(ledger: str) -> Contestant:
    """Return the flow."""

    def ready(s: Setting) -> Work:
        from bench.flows import running, whole

        return running(whole(s), s, ledger=ledger)

    return ready


def duckdb(s: Setting) -> Work:
    """One statement by hand."""
    query = f"""
    SELECT c.region, month(o.day)::INTEGER AS month,
           sum(CASE WHEN c.tier = 3 THEN o.amount * 0.9::DOUBLE ELSE o.amount END) AS net_sum,
           avg(CASE WHEN c.tier = 3 THEN o.amount * 0.9::DOUBLE ELSE o.amount END) AS net_mean,
           max(o.quantity) AS most, count(o.quantity) AS orders
    FROM '{s.orders}' o LEFT JOIN '{s.customers}' c USING (customer_id)
    WHERE o.status <> 'cancelled' GROUP BY ALL ORDER BY 1, 2"""

    def work() -> None:
        with committed(s.target(_REPORT)) as part:
            engines.duckdb_connection(s).execute(f"COPY ({query}) TO '{part}' ({engines.PARQUET})")

    return work


def polars(s: Setting) -> Work:
    """Polars, streaming."""
    import polars as pl

    def work() -> None:
        orders = pl.scan_parquet(s.orders).filter(pl.col("status") != "cancelled")
        joined = orders.join(pl.scan_parquet(s.customers), on="customer_id", how="left")
        net = pl.when(pl.col("tier") == 3).then(pl.col("amount") * 0.9).otherwise(pl.col("amount"))
        month = pl.col("day").dt.month().cast(pl.Int32)
        grouped = (
            joined.select("region", month.alias("month"), net.alias("net"), "quantity")
            .group_by("region", "month")
            .agg(
                pl.col("net").sum().alias("net_sum"),
                pl.col("net").mean().alias("net_mean"),
                pl.col("quantity").max().alias("most"),
                pl.col("quantity").count().alias("orders"),
            )
            .sort("region", "month")
        )
        with committed(s.target(_REPORT)) as part:
            grouped.sink_parquet(part, engine="streaming", **engines.polars_parquet)

    return work


def pandas(s: Setting) -> Work:
    """Pandas, only the columns that are needed."""
    import pandas as pd

    def work() -> None:
        columns = ["customer_id", "amount", "quantity", "day"]
        orders = pd.read_parquet(s.orders, columns=columns, filters=[("status", "!=", "cancelled")])
        customers = pd.read_parquet(s.customers, columns=["customer_id", "region", "tier"])
        joined = orders.merge(customers, on="customer_id", how="left")
        joined["net"] = joined["amount"].where(joined["tier"] != 3, joined["amount"] * 0.9)
        joined["month"] = pd.to_datetime(joined["day"]).dt.month
        grouped = joined.groupby(["region", "month"], as_index=False).agg(
            net_sum=("net", "sum"), net_mean=("net", "mean"), most=("quantity", "max"), orders=("quantity", "count")
        )
        with committed(s.target(_REPORT)) as part:
            grouped.sort_values(["region", "month"]).to_parquet(part, **engines.arrow_parquet)

    return work


def pyspark(s: Setting) -> Work:
    """Spark in this process."""
    from pyspark.sql import functions as f

    spark = engines.spark_session(s)

    def work() -> None:
        orders = spark.read.parquet(str(s.orders)).where("status <> 'cancelled'")
        joined = orders.join(spark.read.parquet(str(s.customers)), "customer_id", "left")
        net = f.when(f.col("tier") == 3, f.col("amount") * 0.9).otherwise(f.col("amount"))
        derived = joined.select("region", f.month("day").alias("month"), net.alias("net"), "quantity")
        grouped = derived.groupBy("region", "month").agg(
            f.sum("net").alias("net_sum"),
            f.avg("net").alias("net_mean"),
            f.max("quantity").alias("most"),
            f.count("quantity").alias("orders"),
        )
        with committed(s.target(_REPORT)) as part:
            grouped.orderBy("region", "month").write.parquet(str(part))

    return work


BENCHMARK = Benchmark(
    name="whole",
    title="20 million orders: filter, look up, derive, aggregate, sort, Parquet.",
    contestants={
        "riverstage": riverstage("exact"),
        "riverstage, ledger off": riverstage("off"),
        "duckdb sql": duckdb,
        "polars": polars,
        "pandas": pandas,
        "pyspark local": pyspark,
    },
    baseline=("duckdb sql",),
    needs=("orders.parquet", "customers.parquet"),
    outputs=(
        Output(
            _REPORT,
            numbers=("net_sum", "net_mean", "most", "orders"),
            texts=("region",),
            together=("region", "month", "orders"),
            order=("region", "month"),
        ),
    ),
    targets=(Target("at most 1.10 of hand-written DuckDB SQL, the ledger on", "riverstage", 1.10, ("duckdb sql",)),),
    requires={"polars": "polars", "pandas": "pandas", "pyspark local": "pyspark"},
)
