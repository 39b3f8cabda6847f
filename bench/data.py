"""The data of the benchmarks: made by DuckDB from hashes of row numbers, so that every machine has the same."""

from __future__ import annotations

from pathlib import Path

import duckdb

FOLDER = Path(__file__).parent / "data"
ORDERS = FOLDER / "orders.parquet"
CUSTOMERS = FOLDER / "customers.parquet"
CSV = FOLDER / "orders.csv"
STATE = FOLDER / "state.parquet"

_ORDERS = """
SELECT i AS order_id,
       (hash(i) % 1000000)::INTEGER AS customer_id,
       (hash(i + 7) % 100000)::DOUBLE / 100 AS amount,
       (hash(i + 13) % 50)::INTEGER AS quantity,
       CASE hash(i + 29) % 5 WHEN 0 THEN 'cancelled' WHEN 1 THEN 'open' ELSE 'shipped' END AS status,
       DATE '2024-01-01' + (hash(i + 31) % 700)::INTEGER AS day
FROM range({rows}) t(i)
"""
_CUSTOMERS = """
SELECT i::INTEGER AS customer_id, 'Customer ' || i AS name, 'region ' || (hash(i) % 40) AS region,
       (hash(i + 3) % 4)::INTEGER AS tier
FROM range(1000000) t(i)
"""


def _make(path: Path, sql: str, options: str) -> Path:
    if not path.exists():
        FOLDER.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        duckdb.sql(f"COPY ({sql}) TO '{part}' ({options})")
        part.rename(path)
    return path


def orders() -> Path:
    """20 million orders, about 300 MB of Parquet."""
    return _make(ORDERS, _ORDERS.format(rows=20_000_000), "FORMAT parquet")


def customers() -> Path:
    """A million customers."""
    return _make(CUSTOMERS, _CUSTOMERS, "FORMAT parquet")


def csv() -> Path:
    """About 1 GB of comma-separated text: 21 million orders."""
    return _make(CSV, _ORDERS.format(rows=21_000_000), "FORMAT csv, HEADER")


def state() -> Path:
    """10 million rows of two numbers, for running state."""
    sql = "SELECT i AS id, (hash(i) % 1000)::INTEGER AS grp, (hash(i + 5) % 10000)::DOUBLE / 7 AS x FROM range(10000000) t(i)"
    return _make(STATE, sql, "FORMAT parquet")
