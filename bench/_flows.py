"""Flows that the benchmarks run."""

from __future__ import annotations

from pathlib import Path

from riverstage import BatchFlow

OUT = Path(__file__).parent / "data" / "out"


def warm():
    """Load what a first run loads, as the other contenders import their engine before the clock starts."""
    flow = BatchFlow("warm")
    link = flow.add_stage("Row Generator", "A").connect_output_to(flow.add_stage("Peek", "B"))
    link.create_schema().add_field("INTEGER", "id")
    flow.run(quiet=True)


def parquet_source(flow, label, path):
    """Add a Parquet source; its columns are described from the file."""
    stage = flow.add_stage("Sequential file", label)
    stage.configuration.file_plus = [str(path)]
    stage.configuration.file_format = "parquet"
    return stage


def parquet_target(flow, label, name):
    """Add a Parquet target in the folder for outputs."""
    OUT.mkdir(parents=True, exist_ok=True)
    stage = flow.add_stage("Sequential file", label)
    stage.configuration.file = [str(OUT / name)]
    stage.configuration.file_format = "parquet"
    return stage


def whole(orders, customers, name="whole.parquet"):
    """Filter, look up, derive, aggregate, sort, Parquet."""
    flow = BatchFlow("whole")
    keep = flow.add_stage("Filter", "Keep")
    parquet_source(flow, "Orders", orders).connect_output_to(keep).set_name("orders")
    keep.configuration.where_properties = [{"where": "status <> 'cancelled'", "target": 0}]
    who = flow.add_stage("Lookup", "Who")
    keep.connect_output_to(who).set_name("kept")
    reference = parquet_source(flow, "Customers", customers).connect_output_to(who).set_name("customer").reference()
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
    order.connect_output_to(parquet_target(flow, "Report", name)).set_name("report")
    return flow


def csv_to_parquet(source, name="copied.parquet"):
    """A delimited file with a schema to Parquet."""
    flow = BatchFlow("csv to parquet")
    stage = flow.add_stage("Sequential file", "Text")
    stage.configuration.file_plus = [str(source)]
    stage.configuration.first_line_is_column_names = True
    link = stage.connect_output_to(parquet_target(flow, "Parquet", name)).set_name("rows")
    schema = link.create_schema()
    for kind, column in [
        ("BIGINT", "order_id"), ("INTEGER", "customer_id"), ("DOUBLE", "amount"), ("INTEGER", "quantity"),
        ("VARCHAR", "status"), ("DATE", "day"),
    ]:  # fmt: skip
        schema.add_field(kind, column, nullable=True)
    return flow


def sort(orders, name="sorted.parquet"):
    """Sort all orders."""
    flow = BatchFlow("sort")
    stage = flow.add_stage("Sort", "Sort")
    parquet_source(flow, "Orders", orders).connect_output_to(stage).set_name("orders")
    stage.configuration.key_properties = [{"key": "day"}, {"key": "amount", "asc-desc": "desc"}]
    stage.connect_output_to(parquet_target(flow, "Sorted", name)).set_name("sorted")
    return flow


def three_sinks(orders, customers):
    """Three targets behind one join."""
    flow = BatchFlow("three sinks")
    join = flow.add_stage("Join", "Join")
    parquet_source(flow, "Orders", orders).connect_output_to(join).set_name("orders")
    parquet_source(flow, "Customers", customers).connect_output_to(join).set_name("customers")
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
        split.connect_output_to(parquet_target(flow, name, f"{name}.parquet")).set_name(name)
    return flow


def running_state(source, name="state.parquet"):
    """A running sum that starts anew where the group changes: state from row to row."""
    flow = BatchFlow("state")
    stage = flow.add_stage("Transformer", "Running")
    parquet_source(flow, "Rows", source).connect_output_to(stage).set_name("rows")
    stage.add_stage_variable("total", "If rows.grp = last Then total + rows.x Else rows.x", "DOUBLE", "0")
    stage.add_stage_variable("last", "rows.grp", "INTEGER", "-1")
    out = stage.connect_output_to(parquet_target(flow, "Out", name)).set_name("out")
    schema = out.create_schema()
    for kind, column, expression in [("BIGINT", "id", "rows.id"), ("DOUBLE", "total", "total")]:
        schema.add_field(kind, column, nullable=True)
        out.derivations[column] = expression
    return flow


def sort_and_join(orders, customers, name="memory.parquet"):
    """A sort over a join, for the memory limit."""
    flow = BatchFlow("sort and join")
    join = flow.add_stage("Join", "Join")
    parquet_source(flow, "Orders", orders).connect_output_to(join).set_name("orders")
    parquet_source(flow, "Customers", customers).connect_output_to(join).set_name("customers")
    join.configuration.operator = "leftouterjoin"
    join.configuration.key_properties = ["customer_id"]
    stage = flow.add_stage("Sort", "Sort")
    join.connect_output_to(stage).set_name("joined")
    stage.configuration.key_properties = [{"key": "name"}, {"key": "order_id"}]
    stage.connect_output_to(parquet_target(flow, "Sorted", name)).set_name("sorted")
    return flow
