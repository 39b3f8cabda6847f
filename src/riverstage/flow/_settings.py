"""What a flow says about itself as a whole: compile mode, propagation, run configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverstage.errors import UsageError
from riverstage.flow._errors import UnknownNameError, did_you_mean, one_of
from riverstage.flow.enums import CompileMode, MaterializationPolicy

if TYPE_CHECKING:
    from riverstage.document import Document

__all__ = ["BatchFlowConfiguration", "flag", "policy", "properties", "set_flag", "set_policy", "set_run_mode"]

_POLICIES = {
    "NESTED_QUERY": ("Generate nested SQL", "nesting"),
    "INTERMEDIATE_TABLE": ("Link as table", "table"),
    "INTERMEDIATE_VIEW": ("Link as view", "view"),
    "MATERIALIZE_CARDINALITY_CHANGERS": ("Advanced", "advanced"),
}


def properties(document: Document) -> dict[str, Any]:
    """Return the settings of a flow, to read."""
    held = (document.tree.get("app_data") or {}).get("additionalProperties")
    return held if isinstance(held, dict) else {}


def _writable(document: Document) -> dict[str, Any]:
    app_data = document.tree.setdefault("app_data", {})
    if not isinstance(app_data.get("additionalProperties"), dict):
        app_data["additionalProperties"] = {}
    held: dict[str, Any] = app_data["additionalProperties"]
    return held


def flag(document: Document, key: str, *, default: bool) -> bool:
    """Return a setting that is true or false."""
    value = properties(document).get(key)
    return default if value is None else bool(value)


def set_flag(document: Document, key: str, wanted: object) -> None:
    """Set a setting that is true or false."""
    if not isinstance(wanted, bool):
        raise UsageError(f"A flow's setting is True or False, not {wanted!r}.")
    _writable(document)[key] = wanted


def set_run_mode(document: Document, mode: object) -> None:
    """Set the compile mode."""
    said = str(getattr(mode, "value", mode)).upper()
    known = [member.value for member in CompileMode]
    if said not in known:
        raise UsageError(f"{mode!r} is no compile mode: expected {one_of(known)}.", mend=did_you_mean(mode, known))
    _writable(document)["runMode"] = said


def policy(document: Document) -> MaterializationPolicy | None:
    """Return what becomes of links when the flow is compiled to SQL; None where nobody said."""
    held = properties(document).get("ELTDropdown")
    said = held.get("value") if isinstance(held, dict) else None
    return MaterializationPolicy(said) if said in _POLICIES else None


def set_policy(document: Document, wanted: object) -> None:
    """Set what becomes of links when the flow is compiled to SQL."""
    if wanted is None:
        _writable(document).pop("ELTDropdown", None)
        return
    said = str(getattr(wanted, "value", wanted)).upper()
    if said not in _POLICIES:
        raise UsageError(
            f"{wanted!r} is no policy: expected {one_of(_POLICIES)}.", mend=did_you_mean(wanted, _POLICIES)
        )
    label, key = _POLICIES[said]
    _writable(document)["ELTDropdown"] = {"label": label, "value": said, "id": key}


class BatchFlowConfiguration:
    """How jobs of a flow run by default; None leaves it to the job."""

    __slots__ = ("_document",)

    _document: Document
    _WHOLE = ("warn_limit", "retention_days", "retention_amount")
    _NAMES = ("environment", *_WHOLE)

    environment: str | None
    warn_limit: int | None
    retention_days: int | None
    retention_amount: int | None

    def __init__(self, document: Document) -> None:
        object.__setattr__(self, "_document", document)

    def as_dict(self) -> dict[str, Any]:
        """Return what was set."""
        held = self._document.own.get("configuration")
        return {name: held[name] for name in self._NAMES if name in held} if isinstance(held, dict) else {}

    def __getattr__(self, name: str) -> Any:
        self._require(name)
        return self.as_dict().get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._require(name)
        is_fit = (
            isinstance(value, int) and not isinstance(value, bool) if name in self._WHOLE else isinstance(value, str)
        )
        if value is not None and not is_fit:
            raise UsageError(f"'{name}' is {'a whole number' if name in self._WHOLE else 'text'}, not {value!r}.")
        held = {**self.as_dict(), name: value}
        kept = {key: held[key] for key in self._NAMES if held.get(key) is not None}
        self._document.set_own("configuration", kept)

    def _require(self, name: str) -> None:
        if name not in self._NAMES:
            message = f"The configuration of a flow has no '{name}'."
            raise UnknownNameError(message, mend=did_you_mean(name, self._NAMES))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BatchFlowConfiguration) and other._document is self._document

    def __hash__(self) -> int:
        return id(self._document)

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.as_dict().items())
        return f"BatchFlowConfiguration({said})"
