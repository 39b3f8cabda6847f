"""The demo flow on 336,776 flights, against the same by hand: text read, rejects, lookups, a join, a report, targets."""

from __future__ import annotations

import importlib.util

from bench import engines
from bench.benchmark import Benchmark, Contestant, Output, Target, Work
from bench.commit import all_committed
from bench.setting import ROOT, Setting

_FILES = ("cancelled.csv", "unknown_planes.csv", "very_late.parquet", "monthly.csv")
_SHOWN = 5
"""Rows that the flow's Peek shows; everybody fetches them."""


def _example():
    """Return the module of the demo flow."""
    spec = importlib.util.spec_from_file_location("flights_flow", ROOT / "examples" / "flights" / "flow.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def riverstage(ledger: str) -> Contestant:
    """Return the demo flow as it is."""

    def ready(s: Setting) -> Work:
        from bench.flows import running
        from riverstage import BatchFlow

        flow = _example().build(BatchFlow("flights"), str(s.flights), str(s.out))
        return running(flow, s, ledger=ledger)

    return ready


def _reading(s: Setting, name: str, fields: dict[str, str]) -> str:
    columns = ", ".join(f"'{column}': '{kind}'" for column, kind in fields.items())
    return f"read_csv('{s.flights}/{name}.csv', header = true, nullstr = 'NA', columns = {{{columns}}})"


def _queries(s: Setting) -> dict[str, str]:
    """Return the parts of the SQL by hand."""
    example = _example()
    flights = _reading(s, "flights", example.FLIGHTS)
    airlines, planes = _reading(s, "airlines", example.AIRLINES), _reading(s, "planes", example.PLANES)
    return {
        "flights": f"SELECT * FROM {flights}",
        "found": f"""SELECT f.*, a.name, p.tailnum AS hit, p.manufacturer FROM flights f
            LEFT JOIN {airlines} a USING (carrier) LEFT JOIN {planes} p USING (tailnum) WHERE f.dep_time IS NOT NULL""",
        "flown": f"""SELECT k.*, w.wind_speed FROM (SELECT * FROM found WHERE hit IS NOT NULL) k
            LEFT JOIN {_reading(s, "weather", example.WEATHER)} w USING (origin, time_hour)""",
        "months": """SELECT coalesce(trim(name), carrier) AS airline, month, count(dep_delay) AS flights,
            avg(dep_delay) AS mean_delay, max(dep_delay) AS worst_delay, avg(distance / (air_time / 60)) AS mean_mph,
            sum((coalesce(wind_speed, 0) > 20)::INTEGER) AS windy FROM flown GROUP BY ALL ORDER BY ALL""",
        "cancelled": "SELECT * FROM flights WHERE dep_time IS NULL",
        "unknown": "SELECT * EXCLUDE (name, hit, manufacturer) FROM found WHERE hit IS NULL",
        "late": """SELECT time_hour[1:10]::DATE AS day, carrier || ' ' || flight AS flight,
            origin || '-' || dest AS route, dep_delay AS delay, upper(manufacturer) AS made_by, wind_speed
            FROM flown WHERE dep_delay >= 60""",
    }


def duckdb_one_statement(s: Setting) -> Work:
    """One statement that writes all four targets."""
    q = _queries(s)

    def work() -> None:
        with all_committed(*map(s.target, _FILES)) as (cancelled, unknown, late, monthly):
            sql = f"""
            WITH flights AS MATERIALIZED ({q["flights"]}), found AS MATERIALIZED ({q["found"]}),
            flown AS MATERIALIZED ({q["flown"]}), months AS MATERIALIZED ({q["months"]}),
            t1 AS (COPY ({q["cancelled"]}) TO '{cancelled}' (FORMAT csv, HEADER)),
            t2 AS (COPY ({q["unknown"]}) TO '{unknown}' (FORMAT csv, HEADER)),
            t3 AS (COPY ({q["late"]}) TO '{late}' ({engines.PARQUET})),
            t4 AS (COPY (SELECT * FROM months) TO '{monthly}' (FORMAT csv, HEADER)),
            look AS MATERIALIZED (SELECT list(m) AS rows FROM (SELECT * FROM months LIMIT {_SHOWN}) m)
            SELECT (SELECT count FROM t1), (SELECT count FROM t2), (SELECT count FROM t3), (SELECT count FROM t4),
              (SELECT rows FROM look)"""
            engines.duckdb_connection(s).execute(sql).fetchall()

    return work


def duckdb_tables(s: Setting) -> Work:
    """Temporary tables, and a COPY a target."""
    q = _queries(s)

    def work() -> None:
        connection = engines.duckdb_connection(s)
        for name in ("flights", "found", "flown", "months"):
            connection.execute(f"CREATE TEMP TABLE {name} AS {q[name]}")
        with all_committed(*map(s.target, _FILES)) as (cancelled, unknown, late, monthly):
            connection.execute(f"COPY ({q['cancelled']}) TO '{cancelled}' (FORMAT csv, HEADER)")
            connection.execute(f"COPY ({q['unknown']}) TO '{unknown}' (FORMAT csv, HEADER)")
            connection.execute(f"COPY ({q['late']}) TO '{late}' ({engines.PARQUET})")
            connection.execute(f"COPY (SELECT * FROM months ORDER BY ALL) TO '{monthly}' (FORMAT csv, HEADER)")
        connection.execute(f"SELECT * FROM months LIMIT {_SHOWN}").fetchall()

    return work


_POLARS = {
    "TINYINT": "Int8",
    "SMALLINT": "Int16",
    "INTEGER": "Int32",
    "DOUBLE": "Float64",
    "VARCHAR": "String",
}


def polars(s: Setting) -> Work:
    """Polars, lazily, what is used twice kept in memory."""
    import polars as pl

    example = _example()

    def read(name: str, fields: dict[str, str]):
        schema = {column: getattr(pl, _POLARS[kind]) for column, kind in fields.items()}
        return pl.scan_csv(s.flights / f"{name}.csv", schema=schema, null_values="NA")

    def work() -> None:
        with all_committed(*map(s.target, _FILES)) as (cancelled, unknown, very_late, monthly):
            flights = read("flights", example.FLIGHTS).collect().lazy()
            planes = read("planes", example.PLANES).select("tailnum", "manufacturer", hit=pl.lit(value=True))
            found = flights.filter(pl.col("dep_time").is_not_null())
            found = found.join(read("airlines", example.AIRLINES), on="carrier", how="left")
            found = found.join(planes, on="tailnum", how="left").collect().lazy()
            weather = read("weather", example.WEATHER).select("origin", "time_hour", "wind_speed")
            known = found.filter(pl.col("hit").is_not_null())
            flown = known.join(weather, on=["origin", "time_hour"], how="left").collect().lazy()
            flights.filter(pl.col("dep_time").is_null()).sink_csv(cancelled)
            found.filter(pl.col("hit").is_null()).drop("name", "hit", "manufacturer").sink_csv(unknown)
            flown.filter(pl.col("dep_delay") >= 60).select(
                pl.col("time_hour").str.slice(0, 10).str.to_date("%Y-%m-%d").alias("day"),
                pl.concat_str("carrier", "flight", separator=" ").alias("flight"),
                pl.concat_str("origin", "dest", separator="-").alias("route"),
                pl.col("dep_delay").alias("delay"),
                pl.col("manufacturer").str.to_uppercase().alias("made_by"),
                "wind_speed",
            ).sink_parquet(very_late, **engines.polars_parquet)
            months = flown.group_by(
                pl.coalesce(pl.col("name").str.strip_chars(" "), "carrier").alias("airline"), "month"
            ).agg(
                pl.col("dep_delay").count().alias("flights"),
                pl.col("dep_delay").mean().alias("mean_delay"),
                pl.col("dep_delay").max().alias("worst_delay"),
                (pl.col("distance") / (pl.col("air_time") / 60)).mean().alias("mean_mph"),
                (pl.col("wind_speed").fill_null(0) > 20).sum().alias("windy"),
            )
            months = months.sort("airline", "month").collect()
            months.write_csv(monthly)
            months.head(_SHOWN).rows()

    return work


def pandas(s: Setting) -> Work:
    """Pandas, text read by Arrow."""
    import pandas as pd

    def read(name: str):
        return pd.read_csv(s.flights / f"{name}.csv", na_values="NA", engine="pyarrow", parse_dates=False)

    def work() -> None:
        with all_committed(*map(s.target, _FILES)) as (cancelled, unknown, very_late, monthly):
            flights = read("flights")
            flights["time_hour"] = flights["time_hour"].astype(str)
            none = flights["dep_time"].isna()
            flights[none].to_csv(cancelled, index=False)
            found = flights[~none].merge(read("airlines"), on="carrier", how="left")
            planes = read("planes")[["tailnum", "manufacturer"]].assign(hit=1.0)
            found = found.merge(planes, on="tailnum", how="left")
            lost = found["hit"].isna()
            found[lost].drop(columns=["name", "hit", "manufacturer"]).to_csv(unknown, index=False)
            weather = read("weather")[["origin", "time_hour", "wind_speed"]]
            weather["time_hour"] = weather["time_hour"].astype(str)
            flown = found[~lost].merge(weather, on=["origin", "time_hour"], how="left")
            late = flown[flown["dep_delay"] >= 60]
            pd.DataFrame(
                {
                    "day": pd.to_datetime(late["time_hour"].str[:10], format="%Y-%m-%d").dt.date,
                    "flight": late["carrier"] + " " + late["flight"].astype(str),
                    "route": late["origin"] + "-" + late["dest"],
                    "delay": late["dep_delay"].astype("int32"),
                    "made_by": late["manufacturer"].str.upper(),
                    "wind_speed": late["wind_speed"],
                }
            ).to_parquet(very_late, **engines.arrow_parquet)
            flown["airline"] = flown["name"].str.strip(" ").fillna(flown["carrier"])
            flown["mph"] = flown["distance"] / (flown["air_time"] / 60)
            flown["windy"] = (flown["wind_speed"] > 20).astype("int64")
            months = flown.groupby(["airline", "month"], as_index=False).agg(
                flights=("dep_delay", "count"),
                mean_delay=("dep_delay", "mean"),
                worst_delay=("dep_delay", "max"),
                mean_mph=("mph", "mean"),
                windy=("windy", "sum"),
            )
            months.to_csv(monthly, index=False)
            months.head(_SHOWN).to_dict("records")

    return work


def pyspark(s: Setting) -> Work:
    """Spark in this process, what is used twice cached."""
    from pyspark.sql import functions as f

    spark = engines.spark_session(s)
    example = _example()

    def read(name: str, fields: dict[str, str]):
        schema = ", ".join(f"{column} {kind.replace('VARCHAR', 'STRING')}" for column, kind in fields.items())
        return spark.read.csv(f"{s.flights}/{name}.csv", schema=schema, header=True, nullValue="NA")

    def work() -> None:
        flights = read("flights", example.FLIGHTS).cache()
        planes = read("planes", example.PLANES).select("tailnum", "manufacturer", f.lit(1).alias("hit"))
        found = flights.where("dep_time IS NOT NULL").join(read("airlines", example.AIRLINES), "carrier", "left")
        found = found.join(planes, "tailnum", "left").cache()
        weather = read("weather", example.WEATHER).select("origin", "time_hour", "wind_speed")
        flown = found.where("hit IS NOT NULL").join(weather, ["origin", "time_hour"], "left").cache()
        late = flown.where("dep_delay >= 60").selectExpr(
            "to_date(substr(time_hour, 1, 10)) AS day",
            "carrier || ' ' || flight AS flight",
            "origin || '-' || dest AS route",
            "dep_delay AS delay",
            "upper(manufacturer) AS made_by",
            "wind_speed",
        )
        months = flown.groupBy(f.expr("coalesce(trim(name), carrier)").alias("airline"), "month").agg(
            f.count("dep_delay").alias("flights"),
            f.avg("dep_delay").alias("mean_delay"),
            f.max("dep_delay").alias("worst_delay"),
            f.expr("avg(distance / (air_time / 60)) AS mean_mph"),
            f.expr("sum(IF(wind_speed > 20, 1, 0)) AS windy"),
        )
        months = months.orderBy("airline", "month").cache()
        with all_committed(*map(s.target, _FILES)) as (cancelled, unknown, very_late, monthly):
            flights.where("dep_time IS NULL").write.csv(str(cancelled), header=True)
            lost = found.where("hit IS NULL").select(*example.FLIGHTS)
            lost.write.csv(str(unknown), header=True)
            late.write.parquet(str(very_late))
            months.write.csv(str(monthly), header=True)
        months.take(_SHOWN)
        for kept in (flights, found, flown, months):
            kept.unpersist()

    return work


BENCHMARK = Benchmark(
    name="demo",
    title="The demo flow on 336,776 flights: text read, two kinds of rejects, two lookups, a join, a report, 4 targets.",
    contestants={
        "riverstage": riverstage("exact"),
        "riverstage, ledger off": riverstage("off"),
        "duckdb sql, one statement": duckdb_one_statement,
        "duckdb sql, tables": duckdb_tables,
        "polars": polars,
        "pandas": pandas,
        "pyspark local": pyspark,
    },
    baseline=("duckdb sql, one statement", "duckdb sql, tables"),
    needs=("flights",),
    outputs=(
        Output(
            "cancelled.csv", numbers=("flight", "distance"), texts=("carrier", "origin", "dest"), together=("flight", "time_hour::TIMESTAMP")
        ),
        Output(
            "unknown_planes.csv", numbers=("dep_delay", "air_time"), texts=("tailnum", "carrier"), together=("flight", "tailnum")
        ),
        Output(
            "very_late.parquet", numbers=("delay", "wind_speed", "day - DATE '2000-01-01'"), texts=("flight", "route", "made_by"), together=("day", "flight")
        ),
        Output(
            "monthly.csv",
            numbers=("flights", "mean_delay", "worst_delay", "mean_mph", "windy"),
            texts=("airline",),
            together=("airline", "month", "flights"),
        ),
    ),
    targets=(
        Target(
            "at most 1.10 of hand-written DuckDB SQL, the ledger on", "riverstage", 1.10, ("duckdb sql, one statement", "duckdb sql, tables")
        ),
    ),
    requires={"polars": "polars", "pandas": "pandas", "pyspark local": "pyspark"},
)  # fmt: skip
