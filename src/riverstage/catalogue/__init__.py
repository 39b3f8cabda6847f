"""Which stage types exist, and what can be said to each.

The facts are data files, one a type, loaded when the type is first asked for; the texts are files beside them.
``find`` gives a type's spec, ``stage_types`` the lines of a palette, ``by_op`` what a document's node is.
"""

from __future__ import annotations

from riverstage.catalogue._codec import has_parameter
from riverstage.catalogue._conditions import holds
from riverstage.catalogue._find import accepted_names, by_op, find, stage_types
from riverstage.catalogue._mask import MASK
from riverstage.catalogue._names import StageType, StageTypeName
from riverstage.catalogue._spec import ConnectionSpec, Items, Kind, Property, Role, Span, StageInfo, StageSpec, Where

__all__ = [
    "MASK",
    "ConnectionSpec",
    "Items",
    "Kind",
    "Property",
    "Role",
    "Span",
    "StageInfo",
    "StageSpec",
    "StageType",
    "StageTypeEnum",
    "StageTypeName",
    "Where",
    "accepted_names",
    "by_op",
    "find",
    "has_parameter",
    "holds",
    "stage_types",
]

StageTypeEnum = StageType
"""The name that the published interface has for it."""
