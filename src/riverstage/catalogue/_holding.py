"""What a value that stands in a document, or comes from a parameter, is held to: its property's kind and limits.

A document is read more kindly than a person is: text goes where it means a value of the kind, keys that are not known
stay. What means nothing is refused, each thing by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from riverstage.catalogue import _codec
from riverstage.errors import CatalogueError

if TYPE_CHECKING:
    from riverstage.catalogue._spec import Items, Property

__all__ = ["hold", "sound"]

_SINGLE = frozenset({"string", "integer", "number", "boolean", "choice"})


def hold(spec: Property, value: Any) -> tuple[Any, tuple[CatalogueError, ...]]:
    """Return what ``Property.hold`` promises."""
    refusals: list[CatalogueError] = []
    held = _held(spec, value, refusals)
    return (value if refusals else held), tuple(refusals)


def _held(spec: Property, value: Any, refusals: list[CatalogueError]) -> Any:
    if value is None or spec.kind in ("any", "map"):
        return value
    if isinstance(value, str) and (not value.strip() or _codec.has_parameter(value)):
        return value
    try:
        if spec.kind in _SINGLE:
            return _single(spec, value)
        entries = list(value) if isinstance(value, list | tuple) else [value]
        if spec.kind == "list":
            return [_item(spec, entry) for entry in entries]
        return _entries(spec, entries, refusals)
    except CatalogueError as refusal:
        refusals.append(refusal)
        return value


def _single(spec: Property, value: Any) -> Any:
    if isinstance(value, str) and value.strip().lower() in spec.also:
        return spec.also[value.strip().lower()]
    if spec.kind == "boolean":
        truth = spec.decode(value.strip() if isinstance(value, str) else value)
        return truth if isinstance(truth, bool) else bool(_codec.scalar(spec, "boolean", value))
    if spec.kind == "string" and spec.longest is None and not isinstance(value, list | tuple | Mapping):
        return value
    return _codec.encode(spec, value)


def _item(spec: Property, item: Any) -> Any:
    if spec.of is None or (isinstance(item, str) and _codec.has_parameter(item)):
        return item
    if spec.of == "string" and item is not None and not isinstance(item, bool | list | tuple | Mapping):
        return str(item)
    return _codec.scalar(spec, spec.of, item)


def _entries(spec: Property, entries: list[Any], refusals: list[CatalogueError]) -> list[Any]:
    if spec.items is None:
        return entries
    done = []
    for number, entry in enumerate(entries, 1):
        wrong: list[CatalogueError] = []
        done.append(_entry(spec, spec.items, entry, wrong))
        where = f"Entry {number}: " if len(entries) > 1 else ""
        refusals.extend(
            CatalogueError(where + error.message, code=error.code, place=error.place, mend=error.mend)
            for error in wrong
        )
    return done


def _entry(spec: Property, items: Items, entry: Any, refusals: list[CatalogueError]) -> Any:
    if items.nested and isinstance(entry, list | tuple):
        return [_entry(spec, items, part, refusals) for part in entry]
    if isinstance(entry, str) and not items.nested and items.fields:
        entry = {next(iter(items.fields.values())).wire: entry}
    if not isinstance(entry, Mapping):
        refusals.append(_codec.refusal(spec, entry, "a mapping as an entry"))
        return entry
    done = dict(entry)
    for key, value in entry.items():
        field = items.field(key)
        if field is not None and not sound(field)(value):
            done[key] = _held(field, value, refusals)
    return done


@cache
def sound(spec: Property) -> Callable[[Any], bool]:
    """Return a quick test, made once a property, that says of nearly every right value that it can stay as it is."""
    if spec.kind in ("any", "map"):
        return lambda _: True
    if spec.kind == "string":
        return lambda value: type(value) is str and _codec.fits(spec, value)
    if spec.kind == "boolean":
        return lambda value: type(value) is bool
    if spec.kind == "choice":
        wires = frozenset(spec.choices.values())
        return lambda value: type(value) in (str, int) and value in wires
    if spec.kind == "integer":
        least, most = spec.least, spec.most
        return lambda value: (
            type(value) is int and (least is None or value >= least) and (most is None or value <= most)
        )
    if spec.kind == "list" and spec.of == "string":
        return lambda value: type(value) is list and all(type(entry) is str for entry in value)
    if spec.kind == "table" and spec.items is not None and not spec.items.nested:
        return _sound_table(spec.items)
    return lambda _: False


def _sound_table(items: Items) -> Callable[[Any], bool]:
    tests = {key: sound(field) for field in items.fields.values() for key in (field.wire, *field.names)}

    def test(value: Any) -> bool:
        return type(value) is list and all(
            type(entry) is dict and all(key in tests and tests[key](said) for key, said in entry.items())
            for entry in value
        )

    return test
