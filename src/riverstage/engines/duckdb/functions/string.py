"""The functions on texts, on DuckDB; those without SQL here run as their Python reference."""

from __future__ import annotations

import re

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, call, constant, is_cheap, let, number, sql, text
from riverstage.engines.duckdb.functions.operators import count_of
from riverstage.expressions.functions._patterns import regex
from riverstage.expressions.functions._string_forms import TRIM_OPTIONS
from riverstage.expressions.functions._text import BLANKS, LONGEST
from riverstage.expressions.functions.number import NUMBER_TEXT
from riverstage.types import DataType

__all__ = ["LOWER"]

_Types = tuple[DataType, ...]
_LETTERS = r"\p{L}"
_BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
# What Python's regular expressions have and RE2 has not: look-around, conditions, named and back references, \Z.
_BEYOND_RE2 = re.compile(r"\(\?(?!:)|\\[1-9ZuU]|[+*?}]\+")


def _plain(name: str, *rest: exp.Expression) -> Lowering:
    """Return the lowering of a function that DuckDB has, with constant arguments behind."""

    def lowered(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        return call(name, *arguments, *rest)

    return lowered


def _template(template: str) -> Lowering:
    """Return the lowering by a template over ``a``, ``b`` and ``c``."""

    def lowered(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        return sql(template, **dict(zip("abc", arguments, strict=False)))

    return lowered


def _integer(name: str) -> Lowering:
    def lowered(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        return sql("CAST(x AS INTEGER)", x=call(name, *arguments))

    return lowered


def _trim(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    if len(arguments) == 1:
        return _trim_blanks(arguments[0])
    character = constant(arguments[1])
    option = constant(arguments[2]) if len(arguments) > 2 else "R"
    if not isinstance(character, str) or not isinstance(option, str):
        return None
    letter = option[:1].upper() or "R"
    if letter not in TRIM_OPTIONS:
        return sql("CAST(NULL AS VARCHAR)")
    value = arguments[0]
    match letter:
        case "D":
            return _trim_blanks(value)
        case "E":
            return call("rtrim", value, text(BLANKS))
        case "F":
            return call("ltrim", value, text(BLANKS))
    one = text(character[:1])
    if not character:
        return value
    match letter:
        case "A":
            return call("replace", value, one, text(""))
        case "B":
            return call("trim", value, one)
        case "L":
            return call("ltrim", value, one)
        case "T":
            return call("rtrim", value, one)
    pattern = f"(?:{re.escape(character[:1])}){{2,}}"
    new = character[:1].replace("\\", "\\\\")
    return call("regexp_replace", call("trim", value, one), text(pattern), text(new), text("g"))


def _trim_blanks(value: exp.Expression) -> exp.Expression:
    """Trim and collapse blanks; texts that need it are rare, and finding that out is cheap."""
    full = call("regexp_replace", call("trim", value, text(BLANKS)), text(f"[{BLANKS}]{{2,}}"), text(" "), text("g"))
    if not is_cheap(value):
        return full
    return sql(
        "CASE WHEN twice OR tab OR start OR ending THEN whole ELSE x END",
        twice=call("contains", value, text("  ")),
        tab=call("contains", value, text("\t")),
        start=call("starts_with", value, text(" ")),
        ending=call("ends_with", value, text(" ")),
        whole=full,
        x=value,
    )


def _white(new: str) -> Lowering:
    def lowered(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        pattern = "[ \\t\\n\\x0b\\f\\r]+"
        return call("regexp_replace", arguments[0], text(pattern), text(new), text("g"))

    return lowered


def _first_of(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return call("left", arguments[0], count_of(arguments[1]))


def _last_of(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return call("right", arguments[0], count_of(arguments[1]))


def _substrings(shift: int) -> Lowering:
    """Cut from a position that is counted from 0 (``shift`` 1) or from 1 (``shift`` 0)."""

    def lowered(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        value, start, length = arguments
        first = count_of(start, least=1 - shift)
        if shift:
            known = constant(first)
            first = number(known + 1) if isinstance(known, int) else sql("n + 1", n=first)
        return call("substring", value, first, count_of(length))

    return lowered


def _field(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    value, delimiter, occurrence, count = arguments
    mark, fields = constant(delimiter), constant(count)
    if not isinstance(mark, str) or not mark or not isinstance(fields, int):
        return None
    first = count_of(occurrence, least=1)
    if fields <= 1:
        return call("split_part", value, text(mark[0]), first)
    known = constant(first)
    if not isinstance(known, int):
        return None
    parts = call("list_slice", call("str_split", value, text(mark[0])), number(known), number(known + fields - 1))
    return call("array_to_string", parts, text(mark[0]))


def _fields(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    mark = constant(arguments[1])
    if not isinstance(mark, str) or not mark:
        return None
    counted = call("len", call("str_split", call("nullif", arguments[0], text("")), text(mark[0])))
    if not is_cheap(arguments[0]):
        return None
    return sql("CAST(CASE WHEN x = '' THEN 0 ELSE n END AS INTEGER)", x=arguments[0], n=counted)


def _count(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    part, apart = constant(arguments[1]), constant(arguments[2])
    if not isinstance(part, str) or not part:
        return None
    if len(part) > 1 and not apart:
        return None
    return sql("CAST(n - 1 AS INTEGER)", n=call("len", call("str_split", arguments[0], text(part))))


def _index(shift: int) -> Lowering:
    def lowered(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
        value, part, occurrence = arguments
        known = constant(part)
        if not isinstance(known, str) or not known or constant(occurrence) != 1:
            return None
        found = call("instr", value, text(known))
        return sql(f"CAST(n - {shift} AS INTEGER)", n=found)

    return lowered


def _match_field(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    pattern, which = constant(arguments[1]), constant(arguments[2])
    if not isinstance(pattern, str) or not isinstance(which, int):
        return None
    expression, groups = regex(pattern)
    if not 1 <= which <= groups or groups > 9:
        return None
    return call("regexp_extract", arguments[0], text(f"^{expression}$"), number(which))


def _replaced(empty: str) -> Lowering:
    """Replace all; ``empty`` says what happens for an empty part."""

    def lowered(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
        value, part, new, *rest = arguments
        if any(constant(argument) != default for argument, default in zip(rest, (0, 1), strict=False)):
            return None
        if empty == "prefix" and constant(part) == "":
            return sql("n || x", n=new, x=value)
        if empty == "prefix" and not constant(part):
            return None
        return call("replace", value, part, new)

    return lowered


def _substitute(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    occurrence = constant(arguments[3])
    if not isinstance(occurrence, int) or occurrence > 0:
        return None
    # Null in any argument gives null, also in those that say nothing here.
    if any(constant(argument) is None for argument in arguments[4:]):
        return None
    return call("replace", *arguments[:3])


def _convert(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    source, target, value = arguments
    known, to = constant(source), constant(target)
    if isinstance(known, str) and to == "" and len(set(known)) == 1:
        return call("replace", value, text(known[0]), text(""))
    return call("translate", value, source, target)


def _repeated(template: str) -> Lowering:
    """Repeat a text as often as the language allows; the template has ``r`` for it and ``a`` for the first argument."""

    def lowered(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        *texts, count = arguments
        repeated = texts[-1] if texts else text(" ")
        if len(texts) > 1:
            repeated = call("left", repeated, number(1))
        known = constant(count)
        if isinstance(known, int):
            if known > LONGEST:
                return sql("CAST(NULL AS VARCHAR)")
            often = number(max(known, 0))
        else:
            often = let(count, lambda n: sql(f"CASE WHEN n <= 0 THEN 0 WHEN n <= {LONGEST} THEN n END", n=n))
        return sql(template, r=call("repeat", repeated, often), a=texts[0] if texts else text(""))

    return lowered


def _compare(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    if len(arguments) > 2 and str(constant(arguments[2]))[:1].upper() != "L":
        return None
    return _order(arguments[0], arguments[1])


def _order(first: exp.Expression, second: exp.Expression) -> exp.Expression:
    ordered = "CASE WHEN a < b THEN -1 WHEN a > b THEN 1 WHEN a = b THEN 0 END"
    return let(first, lambda a: let(second, lambda b: sql(ordered, a=a, b=b)))


def _compare_start(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    count = count_of(arguments[2])
    return _order(call("left", arguments[0], count), call("left", arguments[1], count))


def _usable(pattern: exp.Expression) -> str | None:
    """Return a constant regular expression that means the same to RE2 and to Python, or None."""
    known = constant(pattern)
    if not isinstance(known, str) or _BEYOND_RE2.search(known):
        return None
    try:
        re.compile(known, re.ASCII)
    except re.error:
        return None
    return known


def _regex_match(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    if _usable(arguments[1]) is None:
        return None
    return call("regexp_full_match", *arguments)


def _regex_replace(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    new = constant(arguments[2])
    if _usable(arguments[1]) is None or not isinstance(new, str) or "\\" in new:
        return None
    return call("regexp_replace", *arguments, text("g"))


def _regex_search(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    pattern = _usable(arguments[1])
    if pattern is None:
        return None
    before = call("regexp_extract", arguments[0], text(rf"^([\s\S]*?)(?:{pattern})"), number(1))
    return let(
        arguments[0],
        lambda x: sql(
            "CASE WHEN found THEN CAST(n AS INTEGER) WHEN x IS NOT NULL THEN -1 END",
            found=call("regexp_matches", x, text(pattern)),
            n=call("length", _with(before, arguments[0], x)),
            x=x,
        ),
    )


def _with(tree: exp.Expression, old: exp.Expression, new: exp.Expression) -> exp.Expression:
    """Return a call with its first argument exchanged."""
    changed = tree.copy()
    if changed.expressions and changed.expressions[0] == old:
        changed.expressions[0].replace(new.copy())
    return changed


def _quoted(mark: str) -> Lowering:
    def lowered(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        return sql("q || x || q", q=text(mark), x=arguments[0])

    return lowered


def _escaped(mark: str) -> Lowering:
    return _plain("replace", text(mark), text(f"\\{mark}"))


def _concatenated(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("a || b", a=arguments[0], b=call("left", arguments[1], count_of(arguments[2])))


def _base64(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return call("base64", call("encode", arguments[0]))


def _from_base64(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    decoded = call("decode", call("from_base64", arguments[0]))
    return exp.Anonymous(this="try", expressions=[decoded])


def _full_match(pattern: str) -> Lowering:
    return _plain("regexp_full_match", text(pattern))


LOWER: dict[str, Lowering] = {
    "alnum": _full_match(rf"[{_LETTERS}\p{{Nd}}]+"),
    "alpha": _full_match(f"{_LETTERS}+"),
    "base64tostring": _from_base64,
    "change": _replaced("unchanged"),
    "compactwhitespace": _white(" "),
    "compare": _compare,
    "comparenum": _compare_start,
    "contains": _plain("contains"),
    "convert": _convert,
    "count": _count,
    "dcount": _fields,
    "downcase": _plain("lower"),
    "dquote": _quoted('"'),
    "dquoteescape": _escaped('"'),
    "endswith": _plain("ends_with"),
    "ereplace": _replaced("prefix"),
    "field": _field,
    "findreplace": _replaced("unchanged"),
    "index": _index(0),
    "indexofsubstring": _index(1),
    "isbase64": _full_match(_BASE64),
    "left": _first_of,
    "len": _integer("length"),
    "matchfield": _match_field,
    "num": _full_match(NUMBER_TEXT),
    "padstring": _repeated("a || r"),
    "regexmatch": _regex_match,
    "regexreplace": _regex_replace,
    "regexsearch": _regex_search,
    "right": _last_of,
    "rmunprint": _plain("regexp_replace", text(r"[\x00-\x1f\x7f-\x{9f}]"), text(""), text("g")),
    "sizeof": _integer("strlen"),
    "space": _repeated("r"),
    "squote": _quoted("'"),
    "squoteescape": _escaped("'"),
    "startswith": _plain("starts_with"),
    "str": _repeated("r"),
    "strcmp": _compare,
    "stringnumconcatenate": _concatenated,
    "stringnumcopy": _first_of,
    "stringtobase64": _base64,
    "stripwhitespace": _white(""),
    "substitutestring": _substitute,
    "substrings": _substrings(1),
    "substrings1": _substrings(0),
    "trim": _trim,
    "trimb": _plain("rtrim", text(BLANKS)),
    "trimf": _plain("ltrim", text(BLANKS)),
    "trimleadingtrailing": _plain("trim", text(BLANKS)),
    "upcase": _plain("upper"),
}
