"""Riverstage: open batch data integration.

Everything public is here by name and is loaded when it is first used, so that ``import riverstage`` is quick.

Example:
    >>> from riverstage import BatchFlow
    >>> flow = BatchFlow("demo")
    >>> row_gen = flow.add_stage("Row Generator", "Row_Generator")
    >>> row_gen.connect_output_to(flow.add_stage("Peek", "Peek"))
    Link_1 (src='Row_Generator', dest='Peek')
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riverstage.catalogue import StageType, StageTypeEnum, StageTypeName
    from riverstage.client import BrokenFlowWarning, ParameterSet, Platform, Project, ValueSet
    from riverstage.document import Document
    from riverstage.errors import (
        CatalogueError,
        CheckFailed,
        ConflictError,
        ConnectorError,
        Diagnostic,
        DocumentError,
        EngineError,
        ExpressionError,
        NotFoundError,
        ParameterError,
        Place,
        RemovedError,
        RiverstageError,
        RunCancelled,
        RunError,
        RunFailed,
        StoreError,
        UsageError,
    )
    from riverstage.flow import (
        Annotation,
        AnnotationFont,
        BatchFlow,
        BatchStageInfo,
        CompileMode,
        Configuration,
        ELTMaterializationPolicy,
        Field,
        FlowType,
        HAlign,
        HorizontalAlignment,
        LabelWarning,
        Link,
        LinkType,
        MarkdownComment,
        MaterializationPolicy,
        Parameter,
        ParameterType,
        PartitionType,
        Schema,
        SecretWarning,
        Stage,
        StageNode,
        Stages,
        Subflow,
        TextDecoration,
        TextSize,
        VAlign,
        VerticalAlignment,
    )

__version__ = "0.1.0"

__all__ = [
    "Annotation",
    "AnnotationFont",
    "BatchFlow",
    "BatchStageInfo",
    "BrokenFlowWarning",
    "CatalogueError",
    "CheckFailed",
    "CompileMode",
    "Configuration",
    "ConflictError",
    "ConnectorError",
    "Diagnostic",
    "Document",
    "DocumentError",
    "ELTMaterializationPolicy",
    "EngineError",
    "ExpressionError",
    "Field",
    "FlowType",
    "HAlign",
    "HorizontalAlignment",
    "LabelWarning",
    "Link",
    "LinkType",
    "MarkdownComment",
    "MaterializationPolicy",
    "NotFoundError",
    "Parameter",
    "ParameterError",
    "ParameterSet",
    "ParameterType",
    "PartitionType",
    "Place",
    "Platform",
    "Project",
    "RemovedError",
    "RiverstageError",
    "RunCancelled",
    "RunError",
    "RunFailed",
    "Schema",
    "SecretWarning",
    "Stage",
    "StageNode",
    "StageType",
    "StageTypeEnum",
    "StageTypeName",
    "Stages",
    "StoreError",
    "Subflow",
    "TextDecoration",
    "TextSize",
    "UsageError",
    "VAlign",
    "ValueSet",
    "VerticalAlignment",
    "__version__",
]

_ELSEWHERE = {
    "BrokenFlowWarning": "riverstage.client",
    "Document": "riverstage.document",
    "ParameterSet": "riverstage.client",
    "Platform": "riverstage.client",
    "Project": "riverstage.client",
    "StageType": "riverstage.catalogue",
    "StageTypeEnum": "riverstage.catalogue",
    "StageTypeName": "riverstage.catalogue",
    "ValueSet": "riverstage.client",
}
_ERRORS = (
    "CatalogueError", "CheckFailed", "ConflictError", "ConnectorError", "Diagnostic", "DocumentError", "EngineError",
    "ExpressionError", "NotFoundError", "ParameterError", "Place", "RemovedError", "RiverstageError", "RunCancelled",
    "RunError", "RunFailed", "StoreError", "UsageError",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    home = "riverstage.errors" if name in _ERRORS else _ELSEWHERE.get(name, "riverstage.flow")
    found = getattr(importlib.import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
