"""SQL as a person reads it: a clause a line, what is in brackets a step to the right; only blanks are changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["pretty"]

_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[\w$.@#]+|\s+|<=|>=|<>|!=|::|\|\||.""", re.DOTALL)
_STARTS = frozenset({"SELECT", "WITH", "FROM", "CREATE", "INSERT", "COPY", "VALUES"})
_CLAUSES = frozenset(
    {
        "WITH",
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP",
        "HAVING",
        "QUALIFY",
        "WINDOW",
        "ORDER",
        "LIMIT",
        "UNION",
        "EXCEPT",
        "INTERSECT",
        "VALUES",
    }
)
_SIDES = frozenset({"LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "ASOF", "SEMI", "ANTI", "POSITIONAL"})
_STEP = 2


@dataclass(slots=True)
class _Group:
    """What stands in a pair of brackets."""

    items: list[_Item] = field(default_factory=list)


@dataclass(slots=True)
class _Item:
    """A word or what is in brackets, and whether a blank stands before it."""

    what: str | _Group
    spaced: bool

    @property
    def word(self) -> str:
        return self.what.upper() if isinstance(self.what, str) else ""


def pretty(sql: str, columns: int, indent: int = 0) -> str:
    """Return SQL over several lines where it has no room in one.

    Nothing but blanks between its words is changed; SQL whose brackets do not match stays as it is.

    Args:
        sql: The statement.
        columns: How wide a line may be, where words allow it.
        indent: Blanks before each line.

    Example:
        >>> print(pretty('SELECT a, b FROM t WHERE a > 1', 20))
        SELECT a, b
        FROM t
        WHERE a > 1
    """
    items = _read(sql)
    if items is None:
        return "\n".join(" " * indent + line for line in sql.splitlines())
    return "\n".join(_Writer(columns).lines(items, indent))


def _read(sql: str) -> list[_Item] | None:
    """Return the words of a statement, brackets nested; None where they do not match."""
    open_: list[_Group] = [_Group()]
    spaced = False
    for word in _TOKEN.findall(sql):
        if word.isspace():
            spaced = True
            continue
        if word == "(":
            group = _Group()
            open_[-1].items.append(_Item(group, spaced))
            open_.append(group)
        elif word == ")":
            open_.pop()
            if not open_:
                return None
        elif word in ("'", '"'):
            return None
        else:
            open_[-1].items.append(_Item(word, spaced))
        spaced = False
    return open_[0].items if len(open_) == 1 else None


def _flat(items: list[_Item]) -> str:
    parts: list[str] = []
    for place, item in enumerate(items):
        said = item.what if isinstance(item.what, str) else f"({_flat(item.what.items)})"
        parts.append(f" {said}" if item.spaced and place else said)
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class _Writer:
    columns: int

    def lines(self, items: list[_Item], indent: int) -> Iterator[str]:
        """Yield the lines of a statement, or of what stands in brackets."""
        flat = _flat(items)
        if self._fits(flat, indent) or not items:
            yield " " * indent + flat
            return
        if items[0].word not in _STARTS:
            yield from self._list(items, indent)
            return
        for clause in _clauses(items):
            yield from self._clause(clause, indent)

    def _fits(self, flat: str, indent: int) -> bool:
        return indent + len(flat) <= self.columns and "\n" not in flat

    def _clause(self, items: list[_Item], indent: int) -> Iterator[str]:
        flat = _flat(items)
        head = 2 if items[0].word in ("GROUP", "ORDER") or _flat(items[:2]).upper() == "SELECT DISTINCT" else 1
        if self._fits(flat, indent) or len(items) <= head:
            yield " " * indent + flat
        elif _split(items[head:], ",")[1:] or items[0].word == "WHERE":
            yield " " * indent + _flat(items[:head])
            yield from self._list(items[head:], indent + _STEP)
        else:
            yield from self._filled(items, indent)

    def _list(self, items: list[_Item], indent: int) -> Iterator[str]:
        """Yield a line an element: between commas, else between the words that join conditions."""
        parts = _split(items, ",")
        if len(parts) == 1:
            parts = _conditions(items)
        for part in parts:
            yield from self._filled(part, indent)

    def _filled(self, items: list[_Item], indent: int) -> Iterator[str]:
        """Yield as many words a line as have room; brackets that have none are opened."""
        line = " " * indent
        room = indent + 2 * _STEP
        for place, item in enumerate(items):
            said = _flat([item])
            blank = " " if item.spaced and place else ""
            if self._fits(line + blank + said, 0):
                line += blank + said
            elif isinstance(item.what, _Group) and (_is_query(item.what) or not (blank and self._fits(said, room))):
                yield f"{line}{blank}("
                yield from self.lines(item.what.items, indent + _STEP)
                line = " " * indent + ")"
            elif blank:
                yield line
                line = " " * room + said
            else:
                line += said
        yield line


def _is_query(group: _Group) -> bool:
    return bool(group.items) and group.items[0].word in _STARTS


def _clauses(items: list[_Item]) -> Iterator[list[_Item]]:
    """Cut a query before the words that begin its clauses."""
    start = 0
    for place in range(1, len(items)):
        if _begins(items, place):
            yield items[start:place]
            start = place
    yield items[start:]


def _begins(items: list[_Item], place: int) -> bool:
    word, before = items[place].word, items[place - 1].word
    if word in _SIDES and before not in _SIDES:
        ahead = place + 1
        while ahead < len(items) and items[ahead].word in _SIDES:
            ahead += 1
        return ahead < len(items) and items[ahead].word == "JOIN"
    if word == "JOIN":
        return before not in _SIDES
    if word == "FROM" and before == "DISTINCT":  # as in "a IS DISTINCT FROM b"
        return place > 1 and items[place - 2].word not in ("IS", "NOT")
    if word == "SELECT" and before in ("ALL", "DISTINCT"):
        return True
    return word in _CLAUSES and (word != "WITH" or before == "AS")


def _split(items: list[_Item], mark: str) -> list[list[_Item]]:
    """Cut behind each mark."""
    parts: list[list[_Item]] = [[]]
    for place, item in enumerate(items):
        parts[-1].append(item)
        if item.what == mark and place + 1 < len(items):
            parts.append([])
    return parts


def _conditions(items: list[_Item]) -> list[list[_Item]]:
    """Cut before AND and OR, but not before the AND of a BETWEEN."""
    parts: list[list[_Item]] = [[]]
    between = False
    for item in items:
        if item.word in ("AND", "OR") and not (between and item.word == "AND") and parts[-1]:
            parts.append([])
        between = item.word == "BETWEEN" or (between and item.word != "AND")
        parts[-1].append(item)
    return parts
