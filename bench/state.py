"""Running state over 10 million rows, against a plain pass over the same rows."""

from __future__ import annotations

import sys

import data
from harness import contend

OUT = data.FOLDER / "out"


def riverstage():
    from _flows import running_state, warm

    warm()

    flow = running_state(data.STATE)
    contend(lambda: flow.run(quiet=True).counts["out"])


def plain():
    import duckdb as engine

    sql = f"COPY (SELECT id, x + 1 AS total FROM '{data.STATE}') TO '{OUT}/plain.parquet' (FORMAT parquet)"
    contend(lambda: engine.connect().execute(sql).fetchall()[0][0])


def windows():
    """The same result by window functions: where the group changes, then the sum since."""
    import duckdb as engine

    sql = f"""
    COPY (SELECT id, sum(x) OVER (PARTITION BY run ORDER BY id) AS total FROM (
      SELECT *, sum(CASE WHEN grp = before THEN 0 ELSE 1 END) OVER (ORDER BY id) AS run FROM (
        SELECT *, lag(grp) OVER (ORDER BY id) AS before FROM '{data.STATE}')) ORDER BY id)
    TO '{OUT}/windows.parquet' (FORMAT parquet)"""
    contend(lambda: engine.connect().execute(sql).fetchall()[0][0])


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    {"riverstage": riverstage, "plain pass": plain, "window functions": windows}[sys.argv[1]]()
