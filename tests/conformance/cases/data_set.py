"""Data set: written, replaced, added to, read back with its columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from riverstage.connectors._types import row_as_json
from tests.conformance.case import Case, Rows

_STAGE = "Data set"
_COLUMNS = "a int32, b string(10), d decimal(7,2), t timestamp"
_ROWS = [(1, "x", "1.50", "2024-01-02 03:04:05"), (None, "é", None, None)]


def _holds(*expected: tuple[Any, ...]) -> Any:
    """Return a check that a data set holds these values of its first column and, for each, of its second."""

    def same(path: Path) -> bool:
        said = json.loads(path.read_text())
        parts = [pq.read_table(path.with_name(f"{path.name}.parts") / part["file"]) for part in said["parts"]]
        rows = [tuple(row.values())[:2] for part in parts for row in part.to_pylist()]
        return rows == list(expected) and said["rows"] == len(expected)

    return same


def _write(name: str, written: Any = None, **settings: Any) -> Case:
    files = settings.pop("files", {})
    return Case(
        name,
        _STAGE,
        {"in": Rows(_COLUMNS, _ROWS)},
        {"file": "out.ds", **settings},
        files=files,
        written={"out.ds": written or _holds((1, "x"), (None, "é"))},
    )


def _empty(columns: str) -> str:
    """Return the descriptor of a data set without rows."""
    from tests.conformance.runner import row_of

    said = {"format": "riverstage-data-set", "version": 1, "rows": 0, "columns": row_as_json(row_of(Rows(columns)))}
    return json.dumps({**said, "parts": [], "before": []})


CASES = [
    _write("written"),
    _write("made", update_policy="create"),
    _write("replaced", files={"out.ds": _empty("z date")}),
    _write("added to", update_policy="append", files={"out.ds": _empty(_COLUMNS)}),
    _write("added to what is not there", update_policy="append"),
    _write("other rows under the same columns", update_policy="discard_records", files={"out.ds": _empty(_COLUMNS)}),
    _write("other rows under other columns", update_policy="discard_schema", files={"out.ds": _empty("z date")}),
    _write("an empty file is replaced", files={"out.ds": ""}),
    Case(
        "what is no data set is not replaced",
        _STAGE,
        {"in": Rows(_COLUMNS, _ROWS)},
        {"file": "out.ds"},
        files={"out.ds": "something else"},
        fails="RS-5013",
    ),
    Case(
        "made, but it is there",
        _STAGE,
        {"in": Rows(_COLUMNS, _ROWS)},
        {"file": "out.ds", "update_policy": "create"},
        files={"out.ds": _empty(_COLUMNS)},
        fails="RS-5007",
    ),
    Case(
        "added to other columns",
        _STAGE,
        {"in": Rows(_COLUMNS, _ROWS)},
        {"file": "out.ds", "update_policy": "append"},
        files={"out.ds": _empty("a int64")},
        fails="RS-5014",
    ),
    Case(
        "read with its own columns",
        _STAGE,
        {},
        {"file": "in.ds"},
        {"out": Rows("a int32, b string(3) not null", [], schema=False)},
        files={"in.ds": _empty("a int32, b string(3) not null")},
    ),
    Case(
        "read into other types",
        _STAGE,
        {},
        {"file": "in.ds"},
        {"out": Rows("b string(3), a int64", [])},
        files={"in.ds": _empty("a int32, b string(3) not null, c date")},
    ),
    Case(
        "a column that it lacks",
        _STAGE,
        {},
        {"file": "in.ds"},
        {"out": Rows("a int32, z date", [])},
        files={"in.ds": _empty("a int32")},
        problems=["RS-4020"],
    ),
    Case(
        "columns that it lacks are filled",
        _STAGE,
        {},
        {"file": "in.ds", "missing_columns_mode": "all"},
        {"out": Rows("a int32, z date, n int64 not null", [])},
        files={"in.ds": _empty("a int32")},
    ),
    Case("not there", _STAGE, {}, {"file": "none.ds"}, {"out": Rows("a int32", [])}, problems=["RS-5001"]),
    Case(
        "not one of ours",
        _STAGE,
        {},
        {"file": "in.ds"},
        {"out": Rows("a int32", [])},
        files={"in.ds": "{}"},
        problems=["RS-5013"],
    ),
    Case("no name", _STAGE, {}, {}, {"out": Rows("a int32", [])}, problems=["RS-4280"]),
]
