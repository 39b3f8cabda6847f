"""Memory: a sort over a join of 10 million rows, with an engine limit of 512 MB."""

from __future__ import annotations

import sys

import data
from harness import contend

OUT = data.FOLDER / "out"
ORDERS = data.FOLDER / "orders_10m.parquet"


def riverstage():
    from _flows import sort_and_join, warm

    warm()

    flow = sort_and_join(ORDERS, data.CUSTOMERS)
    contend(lambda: flow.run(quiet=True, memory_limit="512MB").counts["sorted"])


def duckdb():
    import duckdb as engine

    sql = (
        f"COPY (SELECT * FROM '{ORDERS}' LEFT JOIN '{data.CUSTOMERS}' USING (customer_id) ORDER BY name, order_id) "
        f"TO '{OUT}/hand.parquet' (FORMAT parquet)"
    )
    config = {"memory_limit": "512MB", "temp_directory": str(OUT / "spill")}
    contend(lambda: engine.connect(config=config).execute(sql).fetchall()[0][0])


if __name__ == "__main__":
    import duckdb as maker

    OUT.mkdir(parents=True, exist_ok=True)
    if not ORDERS.exists():
        maker.sql(f"COPY (SELECT * FROM '{data.ORDERS}' LIMIT 10000000) TO '{ORDERS}' (FORMAT parquet)")
    {"riverstage": riverstage, "duckdb sql": duckdb}[sys.argv[1]]()
