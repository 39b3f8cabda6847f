"""What people hold: the platform, its projects, and what they keep."""

from riverstage.client._collections import Collection, SeekableList
from riverstage.client._connections import Connection, Connections
from riverstage.client._flows import BrokenFlowWarning, Flows
from riverstage.client._parameter_sets import Parameter, ParameterSet, ParameterSets, ValueSet
from riverstage.client._platform import Platform
from riverstage.client._project import Project, Projects
from riverstage.client._response import Response
from riverstage.client._runs import Runs

__all__ = [
    "BrokenFlowWarning",
    "Collection",
    "Connection",
    "Connections",
    "Flows",
    "Parameter",
    "ParameterSet",
    "ParameterSets",
    "Platform",
    "Project",
    "Projects",
    "Response",
    "Runs",
    "SeekableList",
    "ValueSet",
]
