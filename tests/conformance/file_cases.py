"""Cases of a Sequential file: one that reads a file, one that writes one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conformance.case import Case, Rows

__all__ = ["HEADER", "STAGE", "parquet_rows", "read", "write"]

STAGE = "Sequential file"
HEADER = {"first_line_is_column_names": "true"}


def read(
    name: str,
    content: str | bytes,
    columns: str,
    rows: list[tuple[Any, ...]],
    *,
    rejects: list[str] | None = None,
    dropped: int | None = None,
    properties: dict[str, dict[str, Any]] | None = None,
    file: str = "in.csv",
    schema: bool = True,
    **settings: Any,
) -> Case:
    """Return a case that reads one file; with ``rejects`` there is a reject link that must get those records."""
    outputs = {"out": Rows(columns, rows, schema=schema, properties=properties or {})}
    counts = {}
    if rejects is not None:
        outputs["bad"] = Rows("rejected string not null", [(line,) for line in rejects], kind="reject", schema=False)
        settings["reject_mode"] = "save"
    if dropped is not None:
        counts["Stage#rejected"] = dropped
    configuration = {"file_plus": [file], **settings}
    return Case(name, STAGE, {}, configuration, outputs, files={file: content}, counts=counts, ordered=rejects is None)


def write(
    name: str,
    columns: str,
    rows: list[tuple[Any, ...]],
    written: Any,
    *,
    before: str | bytes | None = None,
    properties: dict[str, dict[str, Any]] | None = None,
    rejects: list[str] | None = None,
    dropped: int | None = None,
    log: list[str] | None = None,
    file: str = "out.csv",
    **settings: Any,
) -> Case:
    """Return a case that writes one file."""
    outputs = {}
    if rejects is not None:
        outputs["bad"] = Rows("rejected string not null", [(line,) for line in rejects], kind="reject", schema=False)
    return Case(
        name,
        STAGE,
        {"in": Rows(columns, rows, properties=properties or {})},
        {"file": [file], **settings},
        outputs,
        files={} if before is None else {file: before},
        written={file: written},
        counts={} if dropped is None else {"Stage#rejected": dropped},
        log=log or [],
    )


def parquet_rows(expected: list[dict[str, Any]]) -> Any:
    def same(path: Path) -> bool:
        import pyarrow.parquet as pq

        return bool(pq.read_table(path).to_pylist() == expected)

    return same
