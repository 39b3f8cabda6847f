"""Three Parquet targets behind one join of 20 million orders, against every way to write that by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench import engines
from bench.benchmark import Benchmark, Contestant, Output, Target, Work
from bench.commit import all_committed
from bench.setting import Setting

_PARTS = {"open": "status = 'open'", "top": "tier = 3", "large": "amount > 900"}


def riverstage(ledger: str) -> Contestant:
    """Return the flow."""

    def ready(s: Setting) -> Work:
        from bench.flows import running, three_sinks

        return running(three_sinks(s), s, ledger=ledger)

    return ready


def _by_hand(statements: Callable[[str, dict[str, Path]], list[str]]) -> Contestant:
    """Return what runs statements that are made of the join's query and of where each target goes."""

    def ready(s: Setting) -> Work:
        join = f"SELECT * FROM '{s.orders}' JOIN '{s.customers}' USING (customer_id)"

        def work() -> None:
            connection = engines.duckdb_connection(s)
            with all_committed(*(s.target(f"{name}.parquet") for name in _PARTS)) as paths:
                for sql in statements(join, dict(zip(_PARTS, paths, strict=True))):
                    connection.execute(sql).fetchall()

        return work

    return ready


def _copies(source: str, paths: dict[str, Path]) -> list[str]:
    return [
        f"COPY (SELECT * FROM {source} WHERE {_PARTS[name]}) TO '{path}' ({engines.PARQUET})"
        for name, path in paths.items()
    ]


def _one_statement(how: str) -> Callable[[str, dict[str, Path]], list[str]]:
    def statements(join: str, paths: dict[str, Path]) -> list[str]:
        copies = ", ".join(f"t{number} AS ({copy})" for number, copy in enumerate(_copies("j", paths)))
        counts = ", ".join(f"(SELECT count FROM t{number})" for number in range(len(paths)))
        return [f"WITH j AS {how} ({join}), {copies} SELECT {counts}"]

    return statements


def _table(join: str, paths: dict[str, Path]) -> list[str]:
    return [f"CREATE TEMP TABLE j AS {join}", *_copies("j", paths)]


def _again(join: str, paths: dict[str, Path]) -> list[str]:
    return _copies(f"({join})", paths)


_HANDS = {
    "duckdb sql, one statement": _by_hand(_one_statement("MATERIALIZED")),
    "duckdb sql, one statement, join thrice": _by_hand(_one_statement("NOT MATERIALIZED")),
    "duckdb sql, temporary table": _by_hand(_table),
    "duckdb sql, a statement a target": _by_hand(_again),
}

BENCHMARK = Benchmark(
    name="sinks",
    title="Three Parquet targets behind one join of 20 million orders.",
    contestants={"riverstage": riverstage("exact"), "riverstage, ledger off": riverstage("off"), **_HANDS},
    baseline=tuple(_HANDS),
    needs=("orders.parquet", "customers.parquet"),
    outputs=tuple(
        Output(
            f"{name}.parquet",
            numbers=("order_id", "customer_id", "amount", "quantity", "tier"),
            texts=("status", "name", "region"),
            together=("order_id", "name", "tier"),
        )
        for name in _PARTS
    ),
    targets=(Target("at most 1.10 of the best hand-written form", "riverstage", 1.10, tuple(_HANDS)),),
)
