"""What a column's directives ask a generator for.

The directives are those of the column's schema field: ``cycle`` (``init``, ``incr``, ``limit``, or a list of
``value``), ``random`` (``limit``, ``seed``, ``signed``), ``alphabet``, ``nulls``, ``nullseed``, ``invalids``,
``zeros``, ``function=rundate``, ``epoch`` and ``scale``. What is not said has a default for every type, so that a
column without directives gets values too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from riverstage.expressions.functions import ConversionFailed
from riverstage.expressions.meaning import convert_value
from riverstage.stages._generate_random import key_of
from riverstage.stages._generate_units import Units, units_of
from riverstage.types import STRING, Column, DataType

__all__ = ["Bytes", "Chance", "Cycle", "Draw", "FloatCycle", "FloatDraw", "Generator", "Problem", "RunDate", "Text",
           "Values", "generator_of"]  # fmt: skip

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
UNLIMITED = 20
"""The longest string or binary that is generated for a column that says no length."""

DEFAULT_SEED = "0"
WHOLE = 1_000_000
_FLOAT_MOST = {"float32": 3.4028234663852886e38, "float64": 1.7976931348623157e308}


@dataclass(frozen=True, slots=True)
class Cycle:
    """Units that count up or down from ``first``; after ``count`` of them (None: never) they start again."""

    units: Units
    first: int
    step: int
    count: int | None


@dataclass(frozen=True, slots=True)
class Draw:
    """Random units: ``first`` and so many steps on, ``count`` possible values in all.

    ``sign`` is the key by which every other value is taken negative, where the values are more than 38 digits count.
    """

    units: Units
    first: int
    step: int
    count: int
    key: int
    sign: int | None = None


@dataclass(frozen=True, slots=True)
class FloatCycle:
    """Floats that count up or down from ``first``."""

    first: float
    step: float
    count: int | None


@dataclass(frozen=True, slots=True)
class FloatDraw:
    """Random floats from 0 (``signed``: from -``limit``) up to ``limit``."""

    limit: float
    signed: bool
    key: int


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a list, one after the other; Python values of the column's type."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RunDate:
    """The day (for a time or timestamp: the moment) at which the run started."""


@dataclass(frozen=True, slots=True)
class Text:
    """One character of an alphabet, repeated: ``length`` times, or a random number of times up to ``length``."""

    alphabet: str
    length: int
    key: int | None


@dataclass(frozen=True, slots=True)
class Bytes:
    """One byte, counting from 0, repeated: ``length`` times, or a random number of times up to ``length``."""

    length: int
    key: int | None


How = Cycle | Draw | FloatCycle | FloatDraw | Values | RunDate | Text | Bytes


@dataclass(frozen=True, slots=True)
class Chance:
    """So many in a million, drawn with a key."""

    millionths: int
    key: int


@dataclass(frozen=True, slots=True)
class Generator:
    """How the values of a column are made.

    Args:
        column: The column.
        how: How a value comes about.
        zeros: How often it is zero instead.
        nulls: How often it is null instead; the second is that of invalid values, for which null stands.
    """

    column: Column
    how: How
    zeros: Chance | None = None
    nulls: tuple[Chance, ...] = ()

    @property
    def is_random(self) -> bool:
        """Whether it draws random numbers."""
        draws = isinstance(self.how, Draw | FloatDraw) or getattr(self.how, "key", None) is not None
        return draws or self.zeros is not None or bool(self.nulls)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a column's directives; ``offset`` counts codes from the stage's first."""

    offset: int
    message: str
    mend: str = ""


class _Wrong(ValueError):
    def __init__(self, message: str, mend: str = "", offset: int = 2) -> None:
        super().__init__(message)
        self.problem = Problem(offset, message, mend)


def generator_of(column: Column) -> Generator | Problem:
    """Return how a column's values are made, or what is wrong with what it asks for."""
    try:
        return _generator(column)
    except _Wrong as wrong:
        return wrong.problem


def _generator(column: Column) -> Generator:
    said = column.properties
    how = _how(column)
    nulls = [
        _chance(column, name, seed)
        for name, seed in (("nulls", said.get("nullseed")), ("invalids", None))
        if said.get(name) is not None
    ]
    kept = tuple(chance for chance in nulls if chance is not None)
    if kept and not column.nullable:
        what = "nulls" if said.get("nulls") else "invalid values, in whose place it would be null"
        raise _Wrong(
            f"The column '{column.name}' cannot be null, but asks for {what}.", "Make it nullable, or ask for none.", 3
        )
    zeros = _chance(column, "zeros", None) if said.get("zeros") is not None else None
    if zeros is not None and not column.type.is_numeric:
        raise _Wrong(f"The column '{column.name}' ({column.type}) has no zeros.", "Take 'zeros' away.")
    return Generator(column, how, zeros, kept)


def _chance(column: Column, name: str, seed: object) -> Chance | None:
    value = column.properties[name]
    text = str(value).strip().removesuffix("%").strip()
    try:
        percent = Decimal(text)
    except InvalidOperation:
        percent = Decimal(-1)
    if isinstance(value, bool) or not percent.is_finite() or not 0 <= percent <= 100:
        raise _Wrong(f"'{name}' of the column '{column.name}' is a percentage from 0 to 100, not {value!r}.")
    millionths = int(percent * (WHOLE // 100))
    return Chance(millionths, key_of(_seed(column, seed), column.name, name)) if millionths else None


def _seed(column: Column, said: object) -> str:
    if said is None or said == "":
        return DEFAULT_SEED
    text = str(said).strip()
    if text.lower() == "part":
        return DEFAULT_SEED
    try:
        return str(int(text))
    except ValueError as error:
        raise _Wrong(f"A seed of the column '{column.name}' is a whole number, not {said!r}.") from error


def _group(column: Column, name: str, known: Iterable[str]) -> Mapping[str, Any] | None:
    """Return the settings of ``cycle`` or ``random``; None where the column does not say it."""
    said = column.properties.get(name)
    if said is None or said is False:
        return None
    if said is True:
        return {}
    if not isinstance(said, Mapping):
        raise _Wrong(f"'{name}' of the column '{column.name}' is a group of settings, not {said!r}.")
    strange = [key for key in said if key not in known]
    if strange:
        raise _Wrong(
            f"'{name}' of the column '{column.name}' has no setting '{strange[0]}'.", f"It has: {', '.join(known)}."
        )
    return said


def _how(column: Column) -> How:
    cycle = _group(column, "cycle", ("init", "incr", "limit", "value"))
    random = _group(column, "random", ("limit", "seed", "signed"))
    if cycle is not None and random is not None:
        raise _Wrong(f"The column '{column.name}' asks for both 'cycle' and 'random'.", "Keep one of them.")
    if column.type.kind in ("list", "struct", "null"):
        raise _Wrong(f"Values for the column '{column.name}' ({column.type}) cannot be generated.", offset=4)
    if str(column.properties.get("function") or "") == "rundate":
        if not column.type.is_temporal:
            raise _Wrong(f"The column '{column.name}' ({column.type}) cannot hold the date of the run.")
        return RunDate()
    if cycle is not None and "value" in cycle:
        return _values(column, cycle["value"])
    if column.type.kind in ("string", "binary"):
        if random is not None or (cycle and len(cycle)):
            raise _Wrong(
                f"The column '{column.name}' ({column.type}) cannot count or draw numbers.",
                "Strings have 'alphabet', and 'cycle' with a list of 'value'.",
            )
        return _repeated(column)
    if column.type.is_float:
        return _floats(column, cycle or {}, random)
    return _counted(column, cycle or {}, random)


def _values(column: Column, said: object) -> Values:
    values = list(said) if isinstance(said, list | tuple) else [said]
    made = []
    for value in values:
        try:
            made.append(_value(value, column.type))
        except ConversionFailed as error:
            raise _Wrong(f"{value!r} is no value of the column '{column.name}' ({column.type}).") from error
    if not made:
        raise _Wrong(f"The list of values of the column '{column.name}' is empty.")
    return Values(tuple(made))


def _value(value: object, type: DataType) -> Any:
    text = "" if value is True else str(value)
    if type.is_text and type.length is not None and len(text) > type.length:
        raise ConversionFailed(text)
    made = convert_value(text, STRING, type)
    return made.ljust(type.length) if type.is_text and type.fixed and type.length is not None else made


def _repeated(column: Column) -> How:
    length = UNLIMITED if column.type.length is None else column.type.length
    key = None if column.type.fixed else key_of(DEFAULT_SEED, column.name, "length")
    if column.type.kind == "binary":
        return Bytes(length, key)
    alphabet = column.properties.get("alphabet")
    return Text(alphabet if isinstance(alphabet, str) and alphabet else ALPHABET, length, key)


def _counted(column: Column, cycle: Mapping[str, Any], random: Mapping[str, Any] | None) -> How:
    try:
        units = units_of(column.type, column.properties.get("epoch"))
    except ValueError as error:
        raise _Wrong(f"'epoch' of the column '{column.name}' must be {error}.") from error
    if units is None:
        raise _Wrong(f"Values for the column '{column.name}' ({column.type}) cannot be generated.", offset=4)
    factor = _factor(column)
    if random is not None:
        return _drawn(column, units, random, factor)
    step = _read(column, cycle, "incr", units.steps, units.size) * factor
    first = _read(column, cycle, "init", units.counted, units.base)
    bound = units.high if step >= 0 else units.low
    limit = _read(column, cycle, "limit", units.counted, bound)
    for name, value in (("init", first), ("limit", limit)):
        _within(column, units, name, value)
    finest = 10 ** (6 - (column.type.scale or 0)) if column.type.kind in ("time", "timestamp") else 1
    if first % finest or step % finest:
        raise _Wrong(f"'init' or 'incr' of the column '{column.name}' has digits that {column.type} has no room for.")
    return Cycle(units, first, step, _rounds(first, step, limit))


def _rounds(first: float, step: float, limit: float) -> int | None:
    """Return how many values there are before the first comes again; None for more than rows can be counted."""
    if step == 0 or (limit - first) * step < 0:
        return 1
    count = int((limit - first) // step) + 1
    return count if count < 2**62 else None


def _factor(column: Column) -> int:
    """Return by how much the steps of a time or timestamp are multiplied."""
    said = column.properties.get("scale") if column.type.kind in ("time", "timestamp") else None
    if said is None:
        return 1
    try:
        factor = int(str(said))
    except ValueError:
        factor = 0
    if factor < 1:
        raise _Wrong(f"'scale' of the column '{column.name}' is a whole number from 1, not {said!r}.")
    return factor


def _drawn(column: Column, units: Units, random: Mapping[str, Any], factor: int) -> Draw:
    seed = _seed(column, random.get("seed"))
    key = key_of(seed, column.name, "value")
    signed = _is_signed(random)
    if signed and units.low >= 0:
        raise _Wrong(f"The column '{column.name}' ({column.type}) has no values below zero.", "Take 'signed' away.")
    most = _read(column, random, "limit", units.counted, units.high)
    _within(column, units, "limit", most)
    step = factor * (1_000_000 if column.type.kind in ("time", "timestamp") else 1)
    reach = most - units.base
    if reach < 0:
        raise _Wrong(f"'limit' of the column '{column.name}' is below its smallest random value.")
    above = reach // step
    below = min(reach, units.base - units.low) // step if signed else 0
    if above + below >= 10**38:
        return Draw(units, units.base, step, above + 1, key, key_of(seed, column.name, "sign"))
    return Draw(units, units.base - below * step, step, above + below + 1, key)


def _is_signed(random: Mapping[str, Any]) -> bool:
    said = random.get("signed")
    return said is not None and str(said).strip().lower() not in ("false", "0", "")


def _within(column: Column, units: Units, name: str, value: int) -> None:
    if not units.low <= value <= units.high:
        raise _Wrong(f"'{name}' of the column '{column.name}' does not fit {column.type}.")


def _read(column: Column, said: Mapping[str, Any], name: str, convert: Any, default: Any) -> Any:
    if said.get(name) is None or said[name] == "":
        return default
    try:
        return convert(said[name])
    except ValueError as error:
        message = f"'{name}' of the column '{column.name}' ({column.type}) must be {error}, not {said[name]!r}."
        raise _Wrong(message) from error


def _float(said: object) -> float:
    word = str(said).strip().lower()
    if word in ("part", "partcount"):
        return float(word == "partcount")
    try:
        value = float(word)
    except ValueError as error:
        raise ValueError("a number") from error
    if value - value != 0:
        raise ValueError("a finite number")
    return value


def _floats(column: Column, cycle: Mapping[str, Any], random: Mapping[str, Any] | None) -> How:
    most = _FLOAT_MOST[column.type.kind]
    if random is not None:
        limit = _read(column, random, "limit", _float, most)
        if not 0 <= limit <= most:
            raise _Wrong(f"'limit' of the column '{column.name}' must be from 0 to {most}.")
        key = key_of(_seed(column, random.get("seed")), column.name, "value")
        return FloatDraw(limit, _is_signed(random), key)
    step = _read(column, cycle, "incr", _float, 1.0)
    first = _read(column, cycle, "init", _float, 0.0)
    limit = _read(column, cycle, "limit", _float, most if step >= 0 else -most)
    if max(abs(first), abs(limit)) > most:
        raise _Wrong(f"'init' or 'limit' of the column '{column.name}' does not fit {column.type}.")
    return FloatCycle(first, step, _float_rounds(first, step, limit))


def _float_rounds(first: float, step: float, limit: float) -> int | None:
    from fractions import Fraction

    if step == 0:
        return 1
    count = (Fraction(str(limit)) - Fraction(str(first))) // Fraction(str(step)) + 1
    return None if count >= 2**62 else max(int(count), 1)
