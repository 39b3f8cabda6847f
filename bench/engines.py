"""How each engine is opened: the same threads, and the same memory limit for those that have one."""

from __future__ import annotations

from typing import Any

from bench.setting import ROW_GROUP, Setting

__all__ = ["PARQUET", "arrow_parquet", "datafusion_copy", "duckdb_connection", "polars_parquet", "spark_session"]

PARQUET = f"FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {ROW_GROUP}"
"""How hand-written DuckDB SQL writes Parquet; these are its defaults and Riverstage's."""

polars_parquet: dict[str, Any] = {"compression": "snappy", "row_group_size": ROW_GROUP}
"""How Polars writes Parquet."""

arrow_parquet: dict[str, Any] = {"compression": "snappy", "row_group_size": ROW_GROUP, "index": False}
"""How pandas writes Parquet."""

datafusion_copy = (
    f"STORED AS PARQUET OPTIONS ('format.compression' 'snappy', 'format.max_row_group_size' '{ROW_GROUP}')"
)
"""How DataFusion writes Parquet."""


def duckdb_connection(setting: Setting, **config: Any) -> Any:
    """Return a database in memory."""
    import duckdb

    setting.spill.mkdir(parents=True, exist_ok=True)
    limits = {
        "threads": setting.threads,
        "memory_limit": f"{setting.memory_mb}MB",
        "temp_directory": str(setting.spill),
    }
    return duckdb.connect(config={**limits, **config})


def datafusion_context(setting: Setting) -> Any:
    """Return a session."""
    from datafusion import RuntimeEnvBuilder, SessionConfig, SessionContext

    runtime = RuntimeEnvBuilder().with_disk_manager_os().with_fair_spill_pool(setting.memory_mb * 1_000_000)
    return SessionContext(SessionConfig().with_target_partitions(setting.threads), runtime)


def spark_session(setting: Setting) -> Any:
    """Return the session of this process; the first call starts the engine."""
    from pyspark.sql import SparkSession

    said = {
        "spark.driver.memory": f"{setting.memory_mb}m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        # A partition or two a thread: the default of 200 is for a cluster.
        "spark.sql.shuffle.partitions": str(2 * setting.threads),
        "spark.sql.parquet.compression.codec": "snappy",
        "spark.hadoop.parquet.block.row.count.limit": str(ROW_GROUP),
        "spark.local.dir": str(setting.spill),
        "spark.sql.warehouse.dir": str(setting.spill / "warehouse"),
    }
    builder = SparkSession.builder.master(f"local[{setting.threads}]")
    for name, value in said.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
