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
    from riverstage.catalogue import StageType, StageTypeName
    from riverstage.client import Platform
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
        Field,
        HorizontalAlignment,
        LabelWarning,
        Link,
        LinkType,
        MarkdownComment,
        MaterializationPolicy,
        Parameter,
        PartitionType,
        Schema,
        SecretWarning,
        Stage,
        StageNode,
        Stages,
        Subflow,
        TextDecoration,
        TextSize,
        VerticalAlignment,
    )

__version__ = "0.1.0"

__all__ = [
    "Annotation",
    "AnnotationFont",
    "BatchFlow",
    "BatchStageInfo",
    "CatalogueError",
    "CheckFailed",
    "CompileMode",
    "Configuration",
    "ConflictError",
    "ConnectorError",
    "Diagnostic",
    "Document",
    "DocumentError",
    "EngineError",
    "ExpressionError",
    "Field",
    "HorizontalAlignment",
    "LabelWarning",
    "Link",
    "LinkType",
    "MarkdownComment",
    "MaterializationPolicy",
    "NotFoundError",
    "Parameter",
    "ParameterError",
    "PartitionType",
    "Place",
    "Platform",
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
    "StageTypeName",
    "Stages",
    "StoreError",
    "Subflow",
    "TextDecoration",
    "TextSize",
    "UsageError",
    "VerticalAlignment",
    "__version__",
]

_ELSEWHERE = {
    "Document": "riverstage.document",
    "Platform": "riverstage.client",
    "StageType": "riverstage.catalogue",
    "StageTypeName": "riverstage.catalogue",
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
