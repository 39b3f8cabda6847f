"""Everything that can be done to a workspace, once, without HTTP: projects, flows, connections, parameter sets."""

from riverstage.operations._assets import ConnectionOperations, ParameterSetOperations
from riverstage.operations._changes import changes_between
from riverstage.operations._flows import FlowOperations
from riverstage.operations._parameters import (
    PARAMETER_TYPES,
    normal_body,
    normal_parameter,
    parameter_type,
    typed_value,
)
from riverstage.operations._records import ConnectionRecord, FlowRecord, Outcome, ParameterSetRecord, ProjectRecord
from riverstage.operations._secret_properties import is_secret_property
from riverstage.operations._workspace import ProjectOperations, Workspace
from riverstage.store import find_project

__all__ = [
    "PARAMETER_TYPES",
    "ConnectionOperations",
    "ConnectionRecord",
    "FlowOperations",
    "FlowRecord",
    "Outcome",
    "ParameterSetOperations",
    "ParameterSetRecord",
    "ProjectOperations",
    "ProjectRecord",
    "Workspace",
    "changes_between",
    "find_project",
    "is_secret_property",
    "normal_body",
    "normal_parameter",
    "parameter_type",
    "typed_value",
]
