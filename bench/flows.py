"""The flows that are measured, and how they are run: ledger on, atomic commit, fsync, unless a line says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from bench.benchmark import Work
from bench.setting import Setting
from riverstage import BatchFlow

__all__ = [
    "csv_to_parquet",
    "filter_behind_join",
    "nothing_counted",
    "running",
    "running_state",
    "sort",
    "sort_and_join",
    "three_sinks",
    "whole",
]


def running(flow: BatchFlow, setting: Setting, *, ledger: str = "exact", **given: str) -> Work:
    """Return a run of a flow as the work of a contestant.

    Args:
        flow: The flow.
        setting: What the run may use.
        ledger: ``exact``, ``basic``, or ``off``, which no user can say: nothing is counted.
        given: Values of parameters.
    """

    def work() -> None:
        with nothing_counted() if ledger == "off" else nullcontext():
            flow.run(
                quiet=True,
                folder=setting.out,
                threads=setting.threads,
                memory_limit=f"{setting.memory_mb}MB",
                ledger="basic" if ledger == "off" else ledger,
                **given,
            )

    return work


@contextmanager
def nothing_counted() -> Iterator[None]:
    """Let the engine plan no observation, so that statements are what they would be without a ledger."""
    from riverstage.engines.duckdb import _prepared
    from riverstage.engines.duckdb._observe import Observations

    planned = _prepared.plan_observations

    def none(*args, **given):
        return Observations(light=planned(*args, **given).light)

    _prepared.plan_observations = none
    try:
        yield
    finally:
        _prepared.plan_observations = planned


def parquet_source(flow: BatchFlow, label: str, path: Path):
    """Add a Parquet source; its columns are described from the file."""
    stage = flow.add_stage("Sequential file", label)
    stage.configuration.file_plus = [str(path)]
    stage.configuration.file_format = "parquet"
    return stage


def parquet_target(flow: BatchFlow, label: str, path: Path):
    """Add a Parquet target."""
    stage = flow.add_stage("Sequential file", label)
    stage.configuration.file = [str(path)]
    stage.configuration.file_format = "parquet"
    return stage


def whole(setting: Setting) -> BatchFlow:
    """Filter, look up, derive, aggregate, sort, Parquet."""
    flow = BatchFlow("whole")
    keep = flow.add_stage("Filter", "Keep")
    parquet_source(flow, "Orders", setting.orders).connect_output_to(keep).set_name("orders")
    keep.configuration.where_properties = [{"where": "status <> 'cancelled'", "target": 0}]
    who = flow.add_stage("Lookup", "Who")
    keep.connect_output_to(who).set_name("kept")
    reference = (
        parquet_source(flow, "Customers", setting.customers).connect_output_to(who).set_name("customer").reference()
    )
    reference.lookup_keys["customer_id"] = "kept.customer_id"
    reference.configuration.lookup_fail = "continue"
    derive = flow.add_stage("Transformer", "Derive")
    who.connect_output_to(derive).set_name("known")
    group = flow.add_stage("Aggregator", "Group")
    derived = derive.connect_output_to(group).set_name("derived")
    schema = derived.create_schema()
    for kind, column, expression in [
        ("VARCHAR", "region", "known.region"),
        ("INTEGER", "month", "MonthFromDate(known.day)"),
        ("DOUBLE", "net", "If known.tier = 3 Then known.amount * 0.9 Else known.amount"),
        ("INTEGER", "quantity", "known.quantity"),
    ]:
        schema.add_field(kind, column, nullable=True)
        derived.derivations[column] = expression
    group.configuration.key_properties = ["region", "month"]
    group.configuration.reduce_properties = [
        [{"reduce": "net"}, {"sum": "net_sum"}, {"mean": "net_mean"}],
        [{"reduce": "quantity"}, {"max": "most"}, {"count": "orders"}],
    ]
    order = flow.add_stage("Sort", "Order")
    group.connect_output_to(order).set_name("groups")
    order.configuration.key_properties = [{"key": "region"}, {"key": "month"}]
    order.connect_output_to(parquet_target(flow, "Report", setting.target("report.parquet"))).set_name("report")
    return flow


def csv_to_parquet(setting: Setting) -> BatchFlow:
    """A delimited file with a schema to Parquet."""
    flow = BatchFlow("csv to parquet")
    stage = flow.add_stage("Sequential file", "Text")
    stage.configuration.file_plus = [str(setting.csv)]
    stage.configuration.first_line_is_column_names = True
    link = stage.connect_output_to(parquet_target(flow, "Parquet", setting.target("copied.parquet"))).set_name("rows")
    schema = link.create_schema()
    for kind, column in [
        ("BIGINT", "order_id"), ("INTEGER", "customer_id"), ("DOUBLE", "amount"), ("INTEGER", "quantity"),
        ("VARCHAR", "status"), ("DATE", "day"),
    ]:  # fmt: skip
        schema.add_field(kind, column, nullable=True)
    return flow


def sort(setting: Setting, *, stable: bool = True) -> BatchFlow:
    """Sort all orders; the stage's default is to keep the order of rows with equal keys."""
    flow = BatchFlow("sort")
    stage = flow.add_stage("Sort", "Sort")
    parquet_source(flow, "Orders", setting.orders).connect_output_to(stage).set_name("orders")
    stage.configuration.key_properties = [{"key": "day"}, {"key": "amount", "asc-desc": "desc"}]
    if not stable:
        stage.configuration.stable = "nonStable"
    stage.connect_output_to(parquet_target(flow, "Sorted", setting.target("sorted.parquet"))).set_name("sorted")
    return flow


def three_sinks(setting: Setting) -> BatchFlow:
    """Three targets behind one join."""
    flow = BatchFlow("three sinks")
    join = flow.add_stage("Join", "Join")
    parquet_source(flow, "Orders", setting.orders).connect_output_to(join).set_name("orders")
    parquet_source(flow, "Customers", setting.customers).connect_output_to(join).set_name("customers")
    join.configuration.operator = "innerjoin"
    join.configuration.key_properties = ["customer_id"]
    split = flow.add_stage("Filter", "Split")
    join.connect_output_to(split).set_name("joined")
    split.configuration.where_properties = [
        {"where": "status = 'open'", "target": 0},
        {"where": "tier = 3", "target": 1},
        {"where": "amount > 900", "target": 2},
    ]
    for name in ("open", "top", "large"):
        split.connect_output_to(parquet_target(flow, name, setting.target(f"{name}.parquet"))).set_name(name)
    return flow


def filter_behind_join(setting: Setting, where: str, *, grouped: bool = True) -> BatchFlow:
    """A filter behind an inner join: its condition moves through the join, so that the join's rows are never made.

    Args:
        setting: Where the inputs lie and the output goes.
        where: The condition.
        grouped: Whether a derivation, an aggregate and a sort follow; else the rows are written.
    """
    flow = BatchFlow("filter behind a join")
    join = flow.add_stage("Join", "Join")
    parquet_source(flow, "Orders", setting.orders).connect_output_to(join).set_name("orders")
    parquet_source(flow, "Customers", setting.customers).connect_output_to(join).set_name("customers")
    join.configuration.operator = "innerjoin"
    join.configuration.key_properties = ["customer_id"]
    keep = flow.add_stage("Filter", "Keep")
    join.connect_output_to(keep).set_name("joined")
    keep.configuration.where_properties = [{"where": where, "target": 0}]
    target = parquet_target(flow, "Out", setting.target("out.parquet"))
    if not grouped:
        keep.connect_output_to(target).set_name("out")
        return flow
    derive = flow.add_stage("Transformer", "Derive")
    keep.connect_output_to(derive).set_name("kept")
    group = flow.add_stage("Aggregator", "Group")
    derived = derive.connect_output_to(group).set_name("derived")
    schema = derived.create_schema()
    for kind, column, expression in [
        ("VARCHAR", "region", "kept.region"),
        ("INTEGER", "month", "MonthFromDate(kept.day)"),
        ("DOUBLE", "amount", "kept.amount * kept.quantity"),
    ]:
        schema.add_field(kind, column, nullable=True)
        derived.derivations[column] = expression
    group.configuration.key_properties = ["region", "month"]
    group.configuration.reduce_properties = [[{"reduce": "amount"}, {"sum": "total"}, {"count": "orders"}]]
    order = flow.add_stage("Sort", "Order")
    group.connect_output_to(order).set_name("groups")
    order.configuration.key_properties = [{"key": "region"}, {"key": "month"}]
    order.connect_output_to(target).set_name("out")
    return flow


def running_state(setting: Setting) -> BatchFlow:
    """A running sum that starts anew where the group changes: state from row to row."""
    flow = BatchFlow("state")
    stage = flow.add_stage("Transformer", "Running")
    parquet_source(flow, "Rows", setting.state).connect_output_to(stage).set_name("rows")
    stage.add_stage_variable("total", "If rows.grp = last Then total + rows.x Else rows.x", "DOUBLE", "0")
    stage.add_stage_variable("last", "rows.grp", "INTEGER", "-1")
    out = stage.connect_output_to(parquet_target(flow, "Out", setting.target("state.parquet"))).set_name("out")
    schema = out.create_schema()
    for kind, column, expression in [("BIGINT", "id", "rows.id"), ("DOUBLE", "total", "total")]:
        schema.add_field(kind, column, nullable=True)
        out.derivations[column] = expression
    return flow


def sort_and_join(setting: Setting) -> BatchFlow:
    """A sort over a join, for the memory limit."""
    flow = BatchFlow("sort and join")
    join = flow.add_stage("Join", "Join")
    parquet_source(flow, "Orders", setting.half).connect_output_to(join).set_name("orders")
    parquet_source(flow, "Customers", setting.customers).connect_output_to(join).set_name("customers")
    join.configuration.operator = "leftouterjoin"
    join.configuration.key_properties = ["customer_id"]
    stage = flow.add_stage("Sort", "Sort")
    join.connect_output_to(stage).set_name("joined")
    stage.configuration.key_properties = [{"key": "name"}, {"key": "order_id"}]
    stage.connect_output_to(parquet_target(flow, "Sorted", setting.target("sorted.parquet"))).set_name("sorted")
    return flow
