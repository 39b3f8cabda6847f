"""The flow of 20 million orders: filter, look up, derive, aggregate, sort, Parquet."""

from __future__ import annotations

import sys

import data
from harness import contend

OUT = data.FOLDER / "out"
ROWS = 480


def riverstage(ledger="exact"):
    from _flows import warm, whole

    warm()

    flow = whole(data.ORDERS, data.CUSTOMERS)
    contend(lambda: flow.run(quiet=True, ledger=ledger).counts["report"])


SQL = f"""
COPY (
  SELECT c.region, month(o.day)::INTEGER AS month,
         sum(CASE WHEN c.tier = 3 THEN o.amount * 0.9 ELSE o.amount END) AS net_sum,
         avg(CASE WHEN c.tier = 3 THEN o.amount * 0.9 ELSE o.amount END) AS net_mean,
         max(o.quantity) AS most, count(o.quantity) AS orders
  FROM '{data.ORDERS}' o LEFT JOIN '{data.CUSTOMERS}' c USING (customer_id)
  WHERE o.status <> 'cancelled' GROUP BY ALL ORDER BY 1, 2
) TO '{OUT}/hand.parquet' (FORMAT parquet)
"""


def duckdb():
    import duckdb as engine

    contend(lambda: engine.connect().execute(SQL).fetchall()[0][0])


def polars(streaming=True):
    import polars as pl

    def work():
        orders = pl.scan_parquet(data.ORDERS).filter(pl.col("status") != "cancelled")
        joined = orders.join(pl.scan_parquet(data.CUSTOMERS), on="customer_id", how="left")
        net = pl.when(pl.col("tier") == 3).then(pl.col("amount") * 0.9).otherwise(pl.col("amount"))
        derived = joined.select(
            "region", pl.col("day").dt.month().cast(pl.Int32).alias("month"), net.alias("net"), "quantity"
        )
        grouped = derived.group_by("region", "month").agg(
            pl.col("net").sum().alias("net_sum"),
            pl.col("net").mean().alias("net_mean"),
            pl.col("quantity").max().alias("most"),
            pl.col("quantity").count().alias("orders"),
        )
        frame = grouped.sort("region", "month").collect(engine="streaming" if streaming else "in-memory")
        frame.write_parquet(OUT / "polars.parquet")
        return frame.height

    contend(work)


def pandas():
    import pandas as pd

    def work():
        orders = pd.read_parquet(data.ORDERS)
        orders = orders[orders["status"] != "cancelled"]
        joined = orders.merge(pd.read_parquet(data.CUSTOMERS), on="customer_id", how="left")
        joined["net"] = joined["amount"].where(joined["tier"] != 3, joined["amount"] * 0.9)
        joined["month"] = pd.to_datetime(joined["day"]).dt.month
        grouped = joined.groupby(["region", "month"], as_index=False).agg(
            net_sum=("net", "sum"), net_mean=("net", "mean"), most=("quantity", "max"), orders=("quantity", "count")
        )
        grouped.sort_values(["region", "month"]).to_parquet(OUT / "pandas.parquet")
        return len(grouped)

    contend(work)


def pyspark():
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as f

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "8g")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")

    def work():
        orders = spark.read.parquet(str(data.ORDERS)).where("status <> 'cancelled'")
        joined = orders.join(spark.read.parquet(str(data.CUSTOMERS)), "customer_id", "left")
        net = f.when(f.col("tier") == 3, f.col("amount") * 0.9).otherwise(f.col("amount"))
        derived = joined.select("region", f.month("day").alias("month"), net.alias("net"), "quantity")
        grouped = derived.groupBy("region", "month").agg(
            f.sum("net").alias("net_sum"),
            f.avg("net").alias("net_mean"),
            f.max("quantity").alias("most"),
            f.count("quantity").alias("orders"),
        )
        grouped.orderBy("region", "month").write.mode("overwrite").parquet(str(OUT / "spark.parquet"))
        return spark.read.parquet(str(OUT / "spark.parquet")).count()

    contend(work)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    {
        "riverstage": riverstage,
        "riverstage, ledger basic": lambda: riverstage("basic"),
        "duckdb sql": duckdb,
        "polars streaming": polars,
        "pandas": pandas,
        "pyspark local": pyspark,
    }[sys.argv[1]]()
