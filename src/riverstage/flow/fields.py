"""The columns of a schema: 23 classes, one a type, over the fields of the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from riverstage.document import clone
from riverstage.document.fields import ODBC_TYPES, odbc_type_of, parse_directives, write_directives
from riverstage.errors import Place, UsageError
from riverstage.flow import _options
from riverstage.flow._errors import UnknownNameError, did_you_mean, one_of
from riverstage.flow._settable import plain, settable
from riverstage.flow.enums import TimeExtendedType

if TYPE_CHECKING:
    from riverstage.flow.schema import Schema

__all__ = [
    "FIELD_CLASSES", "BigInt", "Binary", "Bit", "Char", "Date", "Decimal", "Double", "Field", "Float", "Integer",
    "LongNVarChar", "LongVarBinary", "LongVarChar", "NChar", "NVarChar", "Numeric", "Real", "SmallInt", "Time",
    "Timestamp", "TinyInt", "Unknown", "VarBinary", "VarChar",
]  # fmt: skip

_Wire = dict[str, Any]
_DIRECTIVES = "apt_field_properties"
_FIXED = frozenset({"BINARY", "CHAR", "NCHAR"})
_EXACT = frozenset({"DECIMAL", "NUMERIC"})
_MOST_DIGITS = 255
_MEASURED = frozenset({"DECIMAL", "NUMERIC", "REAL", "TIME", "TIMESTAMP"})
_WITH_LENGTH = _options.TYPES - {"BIGINT", "BIT", "DATE", "DOUBLE", "FLOAT", "INTEGER", "SMALLINT", "TINYINT"}
_WITH_SCALE = frozenset({"DECIMAL", "NUMERIC", "REAL", "TIME", "TIMESTAMP", "UNKNOWN"})
_MOMENTS = frozenset({"TIME", "TIMESTAMP"})
_WHOLE = frozenset({"BIGINT", "INTEGER", "SMALLINT", "TINYINT"})
_NARROW = frozenset({"CHAR", "LONGVARCHAR", "VARCHAR"})


def _metadata(wire: _Wire) -> dict[str, Any]:
    held: dict[str, Any] = wire.setdefault("metadata", {})
    return held


def _app_data(wire: _Wire) -> dict[str, Any]:
    held: dict[str, Any] = wire.setdefault("app_data", {})
    return held


def _count(name: str, value: object, least: int = 0) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    message = f"{value!r} is not a value of '{name}': expected a whole number from {least} on."
    raise UsageError(message, code="RS-2021")


def _digits(kind: str, length: int, scale: int) -> None:
    """Raise where a number cannot have that many digits, and so many of them behind the point."""
    if kind not in _EXACT:
        return
    if length > _MOST_DIGITS:
        message = f"{length} is not a value of 'length': a {kind} has at most {_MOST_DIGITS} digits."
        raise UsageError(message, code="RS-2021")
    if scale > length:
        message = f"A {kind} of {length} digits cannot have {scale} of them behind the point."
        raise UsageError(message, code="RS-2021", mend="Set 'length' to all digits, 'scale' to those behind the point.")


def _said(held: dict[str, Any], key: str) -> int:
    value = held.get(key)
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) else 0


def _truth(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise UsageError(f"{value!r} is not a value of '{name}': expected True or False.", code="RS-2021")


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise UsageError(f"{value!r} is not a value of '{name}': expected text.", code="RS-2021")


def _set_length(wire: _Wire, value: object) -> None:
    kind, held = odbc_type_of(wire), _metadata(wire)
    if value is None and kind in _MEASURED:
        held.update(max_length=ODBC_TYPES[kind].length, decimal_precision=ODBC_TYPES[kind].precision)
        return
    length = 0 if value is None else _count("length", value, 1)
    _digits(kind, length, _said(held, "decimal_scale"))
    held["max_length"] = length
    if kind in _FIXED:
        held["min_length"] = length
    if kind in _MEASURED:
        held["decimal_precision"] = length


def _set_scale(wire: _Wire, value: object) -> None:
    scale = 0 if value is None else _count("scale", value)
    kind, held = odbc_type_of(wire), _metadata(wire)
    _digits(kind, _said(held, "decimal_precision") or _said(held, "max_length") or _MOST_DIGITS, scale)
    held["decimal_scale"] = scale
    if kind in _MOMENTS:
        _app_data(wire)["time_scale"] = scale


def _set_source(wire: _Wire, value: object) -> None:
    if value is None:
        _metadata(wire).pop("source_field_id", None)
    else:
        _metadata(wire)["source_field_id"] = _text("source", value)


def _set_unicode(wire: _Wire, value: object) -> None:
    _app_data(wire)["is_unicode_string"] = _truth("unicode", value)


def _set_occurs(wire: _Wire, value: object) -> None:
    held = _app_data(wire)
    for key in ("dimension_min_size", "dimension_max_size", "vector_length_type"):
        held.pop(key, None)
    if value is not None:
        size = _count("vector_occurs", value, 1)
        held.update(dimension_min_size=size, dimension_max_size=size)


def _get_vector(wire: _Wire) -> str | None:
    held = wire.get("app_data") or {}
    if held.get("vector_length_type") == "variable":
        return "variable"
    return "vector_occurs" if held.get("dimension_max_size") else None


def _set_vector(wire: _Wire, value: object) -> None:
    said = getattr(value, "value", value)
    if said not in (None, "variable", "vector_occurs"):
        raise UsageError(
            f"{value!r} is not a value of 'vector': expected 'variable' or 'vector_occurs'.", code="RS-2021"
        )
    if said != "vector_occurs":
        _set_occurs(wire, None)
    if said == "variable":
        _app_data(wire)["vector_length_type"] = "variable"


def _extended(wire: _Wire) -> list[str]:
    said = str((wire.get("app_data") or {}).get("extended_type") or "")
    return [word for word in said.split(",") if word]


def _set_extended(wire: _Wire, value: object) -> None:
    said = getattr(value, "value", value)
    known = [member.value for member in TimeExtendedType]
    if said in (None, ""):
        _app_data(wire).pop("extended_type", None)
    elif said in known:
        _app_data(wire)["extended_type"] = said
    else:
        message = f"{value!r} is not a value of 'extended_type': expected {one_of(known)}."
        raise UsageError(message, code="RS-2021", mend=did_you_mean(said, known))


def _has_extension(word: str) -> Callable[[_Wire], bool]:
    return lambda wire: word in _extended(wire)


def _set_extension(word: str) -> Callable[[_Wire, object], None]:
    def write(wire: _Wire, value: object) -> None:
        wanted = _truth(word, value)
        words = [one for one in ("microseconds", "timezone") if (wanted if one == word else one in _extended(wire))]
        _set_extended(wire, ",".join(words))

    return write


def _key_of(part: str, key: str, unset: Any = None) -> Callable[[_Wire], Any]:
    return lambda wire: (wire.get(part) or {}).get(key, unset)


def _set_key(part: str, key: str, check: Callable[[str, object], Any]) -> Callable[[_Wire, object], None]:
    def write(wire: _Wire, value: object) -> None:
        wire.setdefault(part, {})[key] = check(key, value)

    return write


def _set_nullable(wire: _Wire, value: object) -> None:
    wire["nullable"] = _truth("nullable", value)


class _Attribute:
    """One thing that can be said of a field, as an attribute of its class."""

    def __init__(
        self, doc: str, read: Callable[[_Wire], Any], write: Callable[[_Wire, object], None], called: str = ""
    ) -> None:
        self.__doc__ = doc
        self._read = read
        self._write = write
        self._called = called

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None:
            return self
        value = self._read(owner._wire())
        return (
            settable(value, lambda wanted: owner.set(**{self._called: wanted}), unsaid=True) if self._called else value
        )

    def __set__(self, owner: Any, value: object) -> None:
        self._write(owner._own(), plain(value))


# What a call without a value sets: a flag is set, the name of a pivot is taken away.
_UNSAID: dict[str, tuple[Any]] = {
    "pivot": (None,),
    **{name: (True,) for name, option in _options.OPTIONS.items() if option.kind == "flag"},
}


class _Directive:
    """One option of a field, as an attribute of the classes that have it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.__doc__ = f"The option '{name}'; None clears it."

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None:
            return self
        wire = owner._wire()
        value = _options.read(self._name, odbc_type_of(wire), _read_directives(wire), wire.get("app_data") or {})
        return settable(value, lambda wanted: owner.set(**{self._name: wanted}), *_UNSAID.get(self._name, ()))

    def __set__(self, owner: Any, value: object) -> None:
        value = plain(value)
        wire = owner._own()
        directives, held = _read_directives(wire), _app_data(wire)
        _options.write(self._name, odbc_type_of(wire), directives, held, value)
        text = write_directives(directives)
        if not text:
            held.pop(_DIRECTIVES, None)
        elif held.get(_DIRECTIVES) != text:
            held[_DIRECTIVES] = text


def _read_directives(wire: _Wire) -> dict[str, Any]:
    text = (wire.get("app_data") or {}).get(_DIRECTIVES)
    return parse_directives(text, place=Place(column=str(wire.get("name")))) if isinstance(text, str) else {}


class Field:
    """A column of a schema. What a type has no room for is no attribute of its class."""

    __slots__ = ("_name", "_schema")

    odbc_name = ""
    _schema: Schema
    _name: str

    def __init__(self, schema: Schema, name: str) -> None:
        object.__setattr__(self, "_schema", schema)
        object.__setattr__(self, "_name", name)

    def _wire(self) -> _Wire:
        return self._schema._field(self._name)

    def _own(self) -> _Wire:
        """Return the field to be changed: first its schema is made the link's own."""
        self._schema._own()
        return self._wire()

    @property
    def name(self) -> str:
        """The column's name."""
        return str(self._wire()["name"])

    @name.setter
    def name(self, name: str) -> None:
        self._schema._rename(self._name, name)
        object.__setattr__(self, "_name", name)

    @property
    def odbc_type(self) -> str:
        """Its type, one of the 23: ``NVARCHAR``."""
        return str(odbc_type_of(self._wire()))

    @property
    def derivation(self) -> Any:
        """The expression that the stage before the link computes it by; None where there is none.

        ``field.derivation = "in.a"`` and ``field.derivation("in.a")`` set it.
        """
        return settable(self._schema._derivation(self._name), lambda expression: self.set(derivation=expression))

    @derivation.setter
    def derivation(self, expression: str | None) -> None:
        self._schema._set_derivation(self._name, plain(expression))

    nullable = _Attribute("Whether it can be null.", lambda wire: bool(wire.get("nullable", False)), _set_nullable)
    key = _Attribute(
        "Whether it is part of the key.",
        lambda wire: bool((wire.get("metadata") or {}).get("is_key", False)),
        lambda wire, value: _metadata(wire).__setitem__("is_key", _truth("key", value)),
    )
    description = _Attribute(
        "What it holds.", _key_of("metadata", "description", ""), _set_key("metadata", "description", _text)
    )
    source = _Attribute(
        "Where its values come from: ``link.column``.", _key_of("metadata", "source_field_id"), _set_source
    )
    vector = _Attribute("``variable`` or ``vector_occurs`` for a list of values.", _get_vector, _set_vector)
    vector_occurs = _Attribute(
        "How many values a list of fixed length has.", _key_of("app_data", "dimension_max_size"), _set_occurs
    )

    def set(self, **options: Any) -> Field:
        """Set several attributes and return the field."""
        if self.odbc_type in _EXACT and None not in (options.get("length"), options.get("scale")):
            # Either may be too much beside what the other was.
            length, scale = (_count(name, plain(options[name])) for name in ("length", "scale"))
            _digits(self.odbc_type, length, scale)
            _metadata(self._own())["decimal_scale"] = 0
            options = {"length": length, **options}
        for name, value in options.items():
            setattr(self, name, value)
        return self

    def clone(self) -> Field:
        """Return a copy that belongs to no link."""
        from riverstage.flow.schema import Schema

        return Schema._detached([clone(self._wire())]).fields[0]

    def to_dict(self) -> dict[str, Any]:
        """Return the field as documents have it."""
        made: dict[str, Any] = clone(self._wire())
        return made

    def _shown(self) -> dict[str, Any]:
        wire = self._wire()
        app_data, metadata = wire.get("app_data") or {}, wire.get("metadata") or {}
        shown = {
            "name": wire.get("name"),
            "odbc_type": app_data.get("odbc_type") or ODBC_TYPES[self.odbc_type].odbc,
            "nullable": self.nullable,
            "key": self.key,
            "vector_occurs": self.vector_occurs,
        }
        if self.odbc_name in _WITH_LENGTH:
            shown["length"] = metadata.get("max_length") or None
        if self.odbc_name in _WITH_SCALE:
            shown["scale"] = metadata.get("decimal_scale") or None
        if self.odbc_name in _WHOLE:
            shown["unsigned"] = metadata.get("is_signed") is False
        return shown

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if not hasattr(type(self), name):
            raise self._no_attribute(name)
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise self._no_attribute(name)

    def _no_attribute(self, name: str) -> UnknownNameError:
        known = [one for one in dir(type(self)) if not one.startswith("_")]
        message = f"A field of the type {self.odbc_name} has no option '{name}'."
        return UnknownNameError(message, code="RS-2021", place=Place(column=self._name), mend=did_you_mean(name, known))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Field) and other._schema == self._schema and other._name == self._name

    def __hash__(self) -> int:
        return hash((self._schema, self._name))

    def __repr__(self) -> str:
        wire = self._wire()
        return f"{type(self).__name__}(name={wire.get('name')}, type={wire.get('type')})"


_SHARED: dict[str, tuple[frozenset[str], _Attribute]] = {
    "length": (
        _WITH_LENGTH,
        _Attribute(
            "Its length, None for any; for a number its digits in all, None for as many as a new one has.",
            lambda wire: (wire.get("metadata") or {}).get("max_length") or None,
            _set_length,
        ),
    ),
    "scale": (
        _WITH_SCALE,
        _Attribute(
            "Digits behind the point; of seconds, for a time.", _key_of("metadata", "decimal_scale"), _set_scale
        ),
    ),
    "unsigned": (
        _WHOLE,
        _Attribute(
            "Whether it has no sign.",
            lambda wire: (wire.get("metadata") or {}).get("is_signed") is False,
            lambda wire, value: _metadata(wire).__setitem__("is_signed", not _truth("unsigned", value)),
        ),
    ),
    "unicode": (
        _NARROW,
        _Attribute(
            "Whether it is Unicode text.",
            _key_of("app_data", "is_unicode_string", unset=False),
            _set_unicode,
            called="unicode",
        ),
    ),
    "extended_type": (
        _MOMENTS,
        _Attribute(
            "What it has beyond seconds; see ``TimeExtendedType``.", _key_of("app_data", "extended_type"), _set_extended
        ),
    ),
    "microseconds": (
        _MOMENTS,
        _Attribute(
            "Whether it has microseconds.",
            _has_extension("microseconds"),
            _set_extension("microseconds"),
        ),
    ),
    "timezone": (
        _MOMENTS,
        _Attribute("Whether it has a time zone.", _has_extension("timezone"), _set_extension("timezone")),
    ),
}


def _make(class_name: str, odbc_name: str) -> type[Field]:
    body: dict[str, Any] = {"__slots__": (), "__module__": __name__, "__doc__": f"A column of the type {odbc_name}."}
    body["odbc_name"] = odbc_name
    body.update({name: attribute for name, (types, attribute) in _SHARED.items() if odbc_name in types})
    body.update({name: _Directive(name) for name, option in _options.OPTIONS.items() if odbc_name in option.types})
    return type(class_name, (Field,), body)


BigInt = _make("BigInt", "BIGINT")
Binary = _make("Binary", "BINARY")
Bit = _make("Bit", "BIT")
Char = _make("Char", "CHAR")
Date = _make("Date", "DATE")
Decimal = _make("Decimal", "DECIMAL")
Double = _make("Double", "DOUBLE")
Float = _make("Float", "FLOAT")
Integer = _make("Integer", "INTEGER")
LongNVarChar = _make("LongNVarChar", "LONGNVARCHAR")
LongVarBinary = _make("LongVarBinary", "LONGVARBINARY")
LongVarChar = _make("LongVarChar", "LONGVARCHAR")
NChar = _make("NChar", "NCHAR")
NVarChar = _make("NVarChar", "NVARCHAR")
Numeric = _make("Numeric", "NUMERIC")
Real = _make("Real", "REAL")
SmallInt = _make("SmallInt", "SMALLINT")
Time = _make("Time", "TIME")
Timestamp = _make("Timestamp", "TIMESTAMP")
TinyInt = _make("TinyInt", "TINYINT")
Unknown = _make("Unknown", "UNKNOWN")
VarBinary = _make("VarBinary", "VARBINARY")
VarChar = _make("VarChar", "VARCHAR")

FIELD_CLASSES: dict[str, type[Field]] = {
    kind.odbc_name: kind
    for kind in (
        BigInt, Binary, Bit, Char, Date, Decimal, Double, Float, Integer, LongNVarChar, LongVarBinary, LongVarChar,
        NChar, NVarChar, Numeric, Real, SmallInt, Time, Timestamp, TinyInt, Unknown, VarBinary, VarChar,
    )
}  # fmt: skip
"""The class of each type, by the name that ``add_field`` takes."""


def blank_field(odbc_name: str, name: str) -> _Wire:
    """Return a new field of a type, with everything that its readers expect."""
    wire = ODBC_TYPES[odbc_name]
    return {
        "name": name,
        "type": wire.type,
        "nullable": False,
        "metadata": {
            "description": "",
            "max_length": wire.length,
            "min_length": wire.min_length,
            "decimal_precision": wire.precision,
            "decimal_scale": 0,
            "is_key": False,
            "is_signed": True,
            "item_index": 0,
        },
        "app_data": {"time_scale": 0, "type_code": wire.code, "odbc_type": wire.odbc},
    }
