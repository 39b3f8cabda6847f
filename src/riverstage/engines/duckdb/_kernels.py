"""Run a kernel as a stream between two statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from riverstage._arrow import arrow_schema
from riverstage.plan import Kernel

__all__ = ["kernel_stream"]

# Large enough that a batch's fixed costs vanish, small enough to stay in the processor's cache.
_BATCH_ROWS = 131_072


def kernel_stream(connection: Any, sql: str, kernel: Kernel) -> tuple[Any, Iterator[Any]]:
    """Return the Arrow schema and the batches that a kernel makes of a query's rows.

    Args:
        connection: A connection of the kernel's own; the query runs on it while the batches are drawn.
        sql: The query that feeds it.
        kernel: The kernel.
    """
    schema = arrow_schema(kernel.row)

    def batches() -> Iterator[Any]:
        run = kernel.program.open()
        for batch in connection.sql(sql).to_arrow_reader(_BATCH_ROWS):
            yield _fit(run.process(batch), schema)
        last = run.close()
        if last is not None and last.num_rows:
            yield _fit(last, schema)

    return schema, batches()


def _fit(batch: Any, schema: Any) -> Any:
    return batch if batch.schema.equals(schema) else batch.cast(schema)
