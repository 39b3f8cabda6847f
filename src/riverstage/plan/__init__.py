"""The vocabulary of running: graph, link types, the four plan nodes, ledger laws, and what stages are told."""

from riverstage.plan.connector import Connector, CopyTarget, Described, NativeScan, WriteSession
from riverstage.plan.context import Input, Output, StageContext
from riverstage.plan.graph import Graph, Link, ParameterValue, Stage
from riverstage.plan.links import SOURCE_ORDER, UNORDERED, LinkType, LinkTypes, Ordering, OrderKey
from riverstage.plan.mapping import Projection, fail_when, mapping_problems, output_row, project, source_of
from riverstage.plan.nodes import (
    Count,
    Fragment,
    Kernel,
    KernelProgram,
    KernelRun,
    Law,
    Node,
    ReadRequest,
    Relation,
    Sink,
    Source,
    Total,
    Unsupported,
    WriteRequest,
    hidden_key,
)
from riverstage.plan.stage_type import StageType

__all__ = [
    "SOURCE_ORDER",
    "UNORDERED",
    "Connector",
    "CopyTarget",
    "Count",
    "Described",
    "Fragment",
    "Graph",
    "Input",
    "Kernel",
    "KernelProgram",
    "KernelRun",
    "Law",
    "Link",
    "LinkType",
    "LinkTypes",
    "NativeScan",
    "Node",
    "OrderKey",
    "Ordering",
    "Output",
    "ParameterValue",
    "Projection",
    "ReadRequest",
    "Relation",
    "Sink",
    "Source",
    "Stage",
    "StageContext",
    "StageType",
    "Total",
    "Unsupported",
    "WriteRequest",
    "WriteSession",
    "fail_when",
    "hidden_key",
    "mapping_problems",
    "output_row",
    "project",
    "source_of",
]
