"""Whether contestants made the same rows: what their outputs are known by, and a loud error where they differ."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.benchmark import Benchmark, Output

__all__ = ["Disagreement", "compare", "figures", "row_counts"]

Figures = dict[str, Any]


class Disagreement(Exception):
    """Contestants made different rows."""


def _source(output: Output, folder: Path) -> str:
    """Return the query that reads an output, in whatever files a contestant keeps it."""
    name = Path(output.file)
    path = folder / name
    parts = folder / f"{name.stem}.ds.parts"
    kind = "csv" if name.suffix == ".csv" else "parquet"
    if path.is_dir():
        files = f"{path}/*.{kind}"
    elif path.exists():
        files = str(path)
    elif parts.exists():
        files = f"{parts}/*.parquet"
    else:
        message = f"there is no {output.file} in {folder}"
        raise Disagreement(message)
    if kind == "parquet":
        return f"read_parquet('{files}')"
    return f"read_csv('{files}', header = true, all_varchar = true, nullstr = '')"


def row_counts(benchmark: Benchmark, folder: Path) -> list[int]:
    """Return how many rows each output has."""
    import duckdb

    connection = duckdb.connect()
    return [
        int(connection.execute(f"SELECT count(*) FROM {_source(output, folder)}").fetchall()[0][0])
        for output in benchmark.outputs
    ]


def figures(benchmark: Benchmark, folder: Path) -> dict[str, Figures]:
    """Return what each output is known by.

    Raises:
        Disagreement: An output is missing, or its rows are not in their order.
    """
    return {output.file: _figures(output, folder) for output in benchmark.outputs}


def _figures(output: Output, folder: Path) -> Figures:
    import duckdb

    wanted = {"rows": "count(*)"}
    wanted |= {f"sum of {number}": f"sum(try_cast({number} AS DOUBLE))" for number in output.numbers}
    wanted |= {f"nulls in {number}": f"count(*) - count({number})" for number in (*output.numbers, *output.texts)}
    wanted |= {f"texts of {column}": f"sum(hash({column}::VARCHAR)::HUGEINT)" for column in output.texts}
    if output.together:
        row = ", ".join(f"({part})::VARCHAR" for part in output.together)
        wanted["rows as they are"] = f"sum(hash({row})::HUGEINT)"
    if output.order:
        wanted["out of order"] = f"count_if({_out_of_order(output.order)})"
    source = _source(output, folder)
    if output.order:
        earlier = ", ".join(f"lag({key.lstrip('-')}) OVER () AS earlier_{n}" for n, key in enumerate(output.order))
        source = f"(SELECT *, {earlier} FROM {source})"
    row = duckdb.connect().execute(f"SELECT {', '.join(wanted.values())} FROM {source}").fetchall()[0]
    found = dict(zip(wanted, row, strict=True))
    if found.pop("out of order", 0):
        message = f"{output.file} in {folder} is not sorted by {', '.join(output.order)}"
        raise Disagreement(message)
    return found


def _out_of_order(keys: tuple[str, ...]) -> str:
    """Return the condition under which a row stands behind one that should follow it."""
    wrong = []
    for number, key in enumerate(keys):
        name, than = key.lstrip("-"), ">" if key.startswith("-") else "<"
        same = [f"{before.lstrip('-')} = earlier_{at}" for at, before in enumerate(keys[:number])]
        wrong.append(" AND ".join([*same, f"{name} {than} earlier_{number}"]))
    return " OR ".join(f"({part})" for part in wrong)


def compare(benchmark: Benchmark, made: Mapping[str, Mapping[str, Figures]]) -> None:
    """Compare what contestants made with what the first of them did.

    Raises:
        Disagreement: They made different rows.
    """
    whole = {name: found for name, found in made.items() if name not in benchmark.apart}
    if not whole:
        return
    model, first = next(iter(whole.items()))
    for name, found in made.items():
        for file, known in first.items():
            for what, value in known.items():
                if name in benchmark.apart and what != "rows":
                    continue
                if not _same(value, found[file][what]):
                    message = (
                        f"{benchmark.name}: '{name}' and '{model}' made different rows: {what} of {file} is "
                        f"{found[file][what]}, not {value}"
                    )
                    raise Disagreement(message)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)
