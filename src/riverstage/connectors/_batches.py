"""A native scan as Arrow batches, by a small database of one's own: what serves engines other than DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from riverstage._arrow import arrow_schema
from riverstage.connectors._sql import connect

if TYPE_CHECKING:
    import pyarrow as pa

    from riverstage.plan.connector import NativeScan
    from riverstage.types import RowType

__all__ = ["batches_of"]

_ROWS = 65_536


def batches_of(scan: NativeScan, row: RowType) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a scan, in order."""
    connection: Any = connect()
    schema = arrow_schema(row)
    try:
        for statement in scan.setup:
            connection.execute(statement)
        for batch in connection.sql(scan.sql).to_arrow_reader(_ROWS):
            yield batch if batch.schema.equals(schema) else batch.cast(schema)
    finally:
        connection.close()
