"""What people hold: flows, stages, links, schemas and comments, as cursors over one document.

Names are loaded when they are first used, so that importing this room costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riverstage.flow._errors import LabelWarning, UnknownNameError
    from riverstage.flow._saving import SecretWarning
    from riverstage.flow._settings import BatchFlowConfiguration
    from riverstage.flow.available import AvailableStages, BatchStageInfo
    from riverstage.flow.batch_flow import BatchFlow
    from riverstage.flow.comments import Annotation, CommentNode, Comments, MarkdownComment
    from riverstage.flow.configuration import Configuration
    from riverstage.flow.derivations import Derivations, LookupKeys, StageVariable, StageVariables
    from riverstage.flow.draw import draw_svg, draw_text
    from riverstage.flow.enums import (
        AnnotationFont,
        CompileMode,
        ELTMaterializationPolicy,
        FlowType,
        HAlign,
        HorizontalAlignment,
        LinkType,
        MaterializationPolicy,
        ParameterType,
        PartitionType,
        TextDecoration,
        TextSize,
        VAlign,
        VerticalAlignment,
    )
    from riverstage.flow.fields import Field
    from riverstage.flow.link import Link
    from riverstage.flow.links import Links
    from riverstage.flow.parameters import Parameter, Parameters, ParameterSetReference
    from riverstage.flow.partitioning import PartitionKey
    from riverstage.flow.schema import Schema
    from riverstage.flow.stage import Stage, StageNode
    from riverstage.flow.stages import Stages
    from riverstage.flow.subflow import Subflow

__all__ = [
    "Annotation",
    "AnnotationFont",
    "AvailableStages",
    "BatchFlow",
    "BatchFlowConfiguration",
    "BatchStageInfo",
    "CommentNode",
    "Comments",
    "CompileMode",
    "Configuration",
    "Derivations",
    "ELTMaterializationPolicy",
    "Field",
    "FlowType",
    "HAlign",
    "HorizontalAlignment",
    "LabelWarning",
    "Link",
    "LinkType",
    "Links",
    "LookupKeys",
    "MarkdownComment",
    "MaterializationPolicy",
    "Parameter",
    "ParameterSetReference",
    "ParameterType",
    "Parameters",
    "PartitionKey",
    "PartitionType",
    "Schema",
    "SecretWarning",
    "Stage",
    "StageNode",
    "StageVariable",
    "StageVariables",
    "Stages",
    "Subflow",
    "TextDecoration",
    "TextSize",
    "UnknownNameError",
    "VAlign",
    "VerticalAlignment",
    "draw_svg",
    "draw_text",
]

_HOMES = {
    "_errors": ("LabelWarning", "UnknownNameError"),
    "_saving": ("SecretWarning",),
    "_settings": ("BatchFlowConfiguration",),
    "available": ("AvailableStages", "BatchStageInfo"),
    "batch_flow": ("BatchFlow",),
    "comments": ("Annotation", "CommentNode", "Comments", "MarkdownComment"),
    "configuration": ("Configuration",),
    "derivations": ("Derivations", "LookupKeys", "StageVariable", "StageVariables"),
    "draw": ("draw_svg", "draw_text"),
    "enums": (
        "AnnotationFont", "CompileMode", "ELTMaterializationPolicy", "FlowType", "HAlign", "HorizontalAlignment",
        "LinkType", "MaterializationPolicy", "ParameterType", "PartitionType", "TextDecoration", "TextSize", "VAlign",
        "VerticalAlignment",
    ),
    "fields": ("Field",),
    "link": ("Link",),
    "links": ("Links",),
    "parameters": ("Parameter", "ParameterSetReference", "Parameters"),
    "partitioning": ("PartitionKey",),
    "schema": ("Schema",),
    "stage": ("Stage", "StageNode"),
    "stages": ("Stages",),
    "subflow": ("Subflow",),
}  # fmt: skip
_HOME = {name: f"riverstage.flow.{module}" for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    found = getattr(importlib.import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
