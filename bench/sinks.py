"""Three Parquet targets behind one join of 20 million orders."""

from __future__ import annotations

import sys

import data
from harness import contend

OUT = data.FOLDER / "out"
JOINED = f"SELECT * FROM '{data.ORDERS}' JOIN '{data.CUSTOMERS}' USING (customer_id)"
PARTS = {"open": "status = 'open'", "top": "tier = 3", "large": "amount > 900"}


def riverstage(ledger="exact"):
    from _flows import three_sinks, warm

    warm()

    flow = three_sinks(data.ORDERS, data.CUSTOMERS)

    def work():
        counts = flow.run(quiet=True, ledger=ledger).counts
        return [counts[name] for name in PARTS]

    contend(work)


def fanned():
    """One statement, the join materialised."""
    import duckdb as engine

    copies = ", ".join(
        f"{name} AS (COPY (SELECT * FROM j WHERE {where}) TO '{OUT}/hand_{name}.parquet' (FORMAT parquet))"
        for name, where in PARTS.items()
    )
    counts = ", ".join(f"(SELECT count FROM {name})" for name in PARTS)
    sql = f"WITH j AS MATERIALIZED ({JOINED}), {copies} SELECT {counts}"
    contend(lambda: list(engine.connect().execute(sql).fetchall()[0]))


def again():
    """The join once a target."""
    import duckdb as engine

    def work():
        connection = engine.connect()
        return [
            connection.execute(
                f"COPY (SELECT * FROM ({JOINED}) WHERE {where}) TO '{OUT}/again_{name}.parquet' (FORMAT parquet)"
            ).fetchall()[0][0]
            for name, where in PARTS.items()
        ]

    contend(work)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    {
        "riverstage": riverstage,
        "riverstage, ledger basic": lambda: riverstage("basic"),
        "duckdb sql, one statement": fanned,
        "duckdb sql, a statement a target": again,
    }[sys.argv[1]]()
