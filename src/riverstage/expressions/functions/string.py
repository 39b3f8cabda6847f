"""The functions of the Transformer language on texts."""

from __future__ import annotations

from riverstage.expressions.functions import _string_codes, _string_forms, _string_parts, _string_tests
from riverstage.expressions.functions._function import Function

__all__ = ["FUNCTIONS"]

FUNCTIONS: tuple[Function, ...] = (
    *_string_forms.FUNCTIONS,
    *_string_parts.FUNCTIONS,
    *_string_tests.FUNCTIONS,
    *_string_codes.FUNCTIONS,
)
