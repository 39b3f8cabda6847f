"""The demo flow on 336,776 flights, against the same by hand: reading text, rejects, two lookups, a join, a report."""

from __future__ import annotations

import sys

import data
from harness import contend

ROOT = data.FOLDER.parents[1]
IN = ROOT / "demo" / "data"
OUT = data.FOLDER / "out"


def riverstage(ledger="exact"):
    sys.path.insert(0, str(ROOT / "examples" / "flights"))
    from _flows import warm
    from flow import build

    from riverstage import BatchFlow

    warm()

    flow = build(BatchFlow("flights"), str(IN), str(OUT))
    contend(lambda: flow.run(quiet=True, ledger=ledger).counts["months"])


def duckdb():
    import duckdb as engine

    def read(name):
        return f"read_csv('{IN}/{name}.csv', header = true, nullstr = 'NA')"

    sql = f"""
    WITH flights AS MATERIALIZED (SELECT * FROM {read("flights")}),
    found AS MATERIALIZED (
      SELECT f.*, a.name, p.tailnum AS hit, p.manufacturer
      FROM flights f LEFT JOIN {read("airlines")} a USING (carrier) LEFT JOIN {read("planes")} p USING (tailnum)
      WHERE f.dep_time IS NOT NULL),
    flown AS MATERIALIZED (
      SELECT k.*, w.wind_speed FROM (SELECT * FROM found WHERE hit IS NOT NULL) k
      LEFT JOIN {read("weather")} w USING (origin, time_hour)),
    cancelled AS (COPY (SELECT * FROM flights WHERE dep_time IS NULL) TO '{OUT}/h_cancelled.csv' (HEADER)),
    unknown AS (COPY (SELECT * EXCLUDE (name, hit, manufacturer) FROM found WHERE hit IS NULL)
      TO '{OUT}/h_unknown.csv' (HEADER)),
    late AS (COPY (SELECT time_hour::DATE AS day, carrier || ' ' || flight AS flight, origin || '-' || dest AS route,
      dep_delay AS delay, upper(manufacturer) AS made_by, wind_speed FROM flown WHERE dep_delay >= 60)
      TO '{OUT}/h_late.parquet' (FORMAT parquet)),
    months AS MATERIALIZED (
      SELECT coalesce(trim(name), carrier) AS airline, month, count(dep_delay) AS flights, avg(dep_delay) AS mean_delay,
        max(dep_delay) AS worst_delay, avg(distance / (air_time / 60)) AS mean_mph,
        sum((wind_speed > 20)::INTEGER) AS windy
      FROM flown GROUP BY ALL ORDER BY ALL),
    report AS (COPY (SELECT * FROM months) TO '{OUT}/h_monthly.csv' (HEADER)),
    look AS MATERIALIZED (SELECT list(m) AS rows FROM (SELECT * FROM months LIMIT 5) m)
    SELECT (SELECT count FROM report), (SELECT count FROM cancelled), (SELECT count FROM unknown),
      (SELECT count FROM late), (SELECT rows FROM look)
    """
    contend(lambda: engine.connect().execute(sql).fetchall()[0][0])


def polars():
    import polars as pl

    def work():
        def read(name):
            return pl.scan_csv(IN / f"{name}.csv", null_values="NA", infer_schema_length=10_000)

        flights = read("flights")
        planes = read("planes").select("tailnum", "manufacturer", hit=pl.lit(value=True))
        found = flights.filter(pl.col("dep_time").is_not_null()).join(read("airlines"), on="carrier", how="left")
        found = found.join(planes, on="tailnum", how="left").collect()
        weather = read("weather").select("origin", "time_hour", "wind_speed")
        known = found.lazy().filter(pl.col("hit").is_not_null())
        flown = known.join(weather, on=["origin", "time_hour"], how="left").collect()
        flights.filter(pl.col("dep_time").is_null()).sink_csv(OUT / "p_cancelled.csv")
        found.filter(pl.col("hit").is_null()).write_csv(OUT / "p_unknown.csv")
        late = flown.filter(pl.col("dep_delay") >= 60)
        late.select("time_hour", "carrier", "flight", "dep_delay", "manufacturer").write_parquet(OUT / "p_late.parquet")
        mph = pl.col("distance") / (pl.col("air_time") / 60)
        months = flown.group_by("name", "month").agg(
            pl.col("dep_delay").count().alias("flights"),
            pl.col("dep_delay").mean().alias("mean_delay"),
            pl.col("dep_delay").max().alias("worst_delay"),
            mph.mean().alias("mean_mph"),
            (pl.col("wind_speed") > 20).sum().alias("windy"),
        )
        months = months.sort("name", "month")
        months.write_csv(OUT / "p_monthly.csv")
        return months.height

    contend(work)


def pandas():
    import pandas as pd

    def work():
        def read(name):
            return pd.read_csv(IN / f"{name}.csv", na_values="NA")

        flights = read("flights")
        cancelled = flights["dep_time"].isna()
        flights[cancelled].to_csv(OUT / "d_cancelled.csv", index=False)
        found = flights[~cancelled].merge(read("airlines"), on="carrier", how="left")
        planes = read("planes")[["tailnum", "manufacturer"]].assign(hit=True)
        found = found.merge(planes, on="tailnum", how="left")
        found[found["hit"].isna()].to_csv(OUT / "d_unknown.csv", index=False)
        weather = read("weather")[["origin", "time_hour", "wind_speed"]]
        flown = found[found["hit"].notna()].merge(weather, on=["origin", "time_hour"], how="left")
        flown[flown["dep_delay"] >= 60].to_parquet(OUT / "d_late.parquet")
        flown["mph"] = flown["distance"] / (flown["air_time"] / 60)
        flown["windy"] = (flown["wind_speed"] > 20).astype(int)
        months = flown.groupby(["name", "month"], as_index=False).agg(
            flights=("dep_delay", "count"),
            mean_delay=("dep_delay", "mean"),
            worst_delay=("dep_delay", "max"),
            mean_mph=("mph", "mean"),
            windy=("windy", "sum"),
        )
        months.sort_values(["name", "month"]).to_csv(OUT / "d_monthly.csv", index=False)
        return len(months)

    contend(work)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    {
        "riverstage": riverstage,
        "riverstage, ledger basic": lambda: riverstage("basic"),
        "duckdb sql": duckdb,
        "polars": polars,
        "pandas": pandas,
    }[sys.argv[1]]()
